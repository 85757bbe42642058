"""The readable documentation at /docs, for local and development installations.

Swagger's viewer comes out of an installed package, straight from its directory:
collected with the other static files it would be compressed for half a minute, for
pages that production doesn't have.
"""

from importlib.util import find_spec
from pathlib import Path

from django.http import FileResponse, Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from drf_spectacular.views import SpectacularSwaggerSplitView

FILES = {"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"}


class Docs(SpectacularSwaggerSplitView):
    """Swagger's own page carries inline styles, which our policy forbids."""

    template_name = "api/docs.html"
    url_name = "api:schema"
    title = "API"

    def dispatch(self, request, *args, **kwargs):
        if viewer() is None:
            return HttpResponse(
                "The viewer is not installed (pip install drf-spectacular-sidecar). "
                f"The document itself is at {reverse(self.url_name)}.",
                status=404,
                content_type="text/plain",
            )
        return super().dispatch(request, *args, **kwargs)


def viewer():
    """Where the package with Swagger's viewer is; None if it is not installed."""
    return find_spec("drf_spectacular_sidecar")


@cache_control(max_age=86_400)
def docs_file(request, name):
    if name not in FILES or viewer() is None:
        raise Http404
    package = Path(viewer().origin).parent
    path = package / "static/drf_spectacular_sidecar/swagger-ui-dist" / name
    return FileResponse(path.open("rb"))
