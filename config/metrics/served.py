"""/metrics of a web process, and of a Celery worker that is alone on its machine."""

from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST

from config.metrics.files import exposition

LOOPBACK = {"127.0.0.1", "::1", ""}  # "": a socket of this machine


@never_cache
def show(request):
    """404 for who has no token, as if there were nothing here."""
    token = request.headers.get("Authorization", "")
    if not is_allowed(token, request.META.get("REMOTE_ADDR", "")):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def is_allowed(authorization, address):
    """Whoever has METRICS_TOKEN; on one's own machine, without one, who is there."""
    if has_token(authorization):
        return True
    open_here = settings.ENVIRONMENT == "local" and not settings.METRICS_TOKEN
    return open_here and address in LOOPBACK


def has_token(authorization):
    """Whether a header Authorization says `Bearer` and METRICS_TOKEN."""
    expected = f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and constant_time_compare(
        authorization, expected
    )


def serve(port):
    """Answer at `port`, from a thread, for as long as the process lives."""
    server = make_server("", port, _answer, handler_class=_Quiet)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def _answer(environ, start_response):
    token = environ.get("HTTP_AUTHORIZATION", "")
    address = environ.get("REMOTE_ADDR", "")
    if environ["PATH_INFO"] != "/metrics" or not is_allowed(token, address):
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"There is nothing here.\n"]
    start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
    return [exposition()]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        """Say nothing: it is asked every few seconds."""
