"""The developer's mail: what would have been sent. Nowhere but on one's own machine."""

from functools import wraps
from io import BytesIO

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from notifications import mailbox

# A mail brings its own styles; it may run nothing, load nothing and send nothing.
MAIL_CSP = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


def local_only(view):
    """There is no such page but in ENVIRONMENT=local."""

    @wraps(view)
    def only_locally(request, *args, **kwargs):
        if settings.ENVIRONMENT != "local":
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(require_safe(only_locally))


@local_only
def mail_list(request):
    context = {"mails": mailbox.mails(), "directory": settings.MAIL_DIR}
    return render(request, "notifications/mail_list.html", context)


@local_only
def mail(request, key):
    return render(request, "notifications/mail.html", {"mail": _mail(key)})


@local_only
@csp_override(MAIL_CSP)
def mail_html(request, key):
    """The HTML alone, as a mail program shows it; its links lead on."""
    return HttpResponse(_mail(key).html)


@local_only
def mail_file(request, key, number):
    files = _mail(key).files
    if number >= len(files):
        raise Http404
    name, content_type, content = files[number]
    return FileResponse(
        BytesIO(content), as_attachment=True, filename=name, content_type=content_type
    )


def _mail(key):
    found = mailbox.mail(key)
    if found is None:
        raise Http404
    return found
