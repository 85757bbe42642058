import re
import time
import uuid
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.shortcuts import render
from django_structlog.middlewares import RequestMiddleware

from config import addresses, logs, outages, views
from config.exceptions import DomainError

logger = structlog.get_logger(__name__)

REQUEST_ID = "X-Request-ID"
GIVEN_ID = re.compile(r"[A-Za-z0-9-]{16,64}")
ROW_ID = re.compile(r"\d{1,19}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SHARED_PARTS = {"slug", "code", "day", "app_label", "model"}  # of addresses
PROBES = ("/health", "/health/ready", "/metrics")
OFFICE_ROUTES = ("book/<slug:slug>/", "offices/<slug:slug>/")


class ClientAddressMiddleware:
    """Make REMOTE_ADDR the client's own address behind PROXY_COUNT proxies.

    Each proxy adds the address it was called from to the right of X-Forwarded-For;
    what stands further left the client can have written itself. Rate limits and
    lockout then need to know of REMOTE_ADDR alone.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        count = settings.PROXY_COUNT
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        if count and len(hops) >= count and hops[-count].strip():
            request.META["REMOTE_ADDR"] = addresses.without_port(hops[-count].strip())
        return self.get_response(request)


class ProbeMiddleware:
    """Let monitors ask a machine by its address: it is not a name of the site's."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.host = urlsplit(settings.FRONTEND_HOST).netloc

    def __call__(self, request):
        if request.path in PROBES:
            request.META["HTTP_HOST"] = self.host
            request.META.pop("HTTP_X_FORWARDED_HOST", None)
        return self.get_response(request)


class RequestLogMiddleware(RequestMiddleware):
    """One line a request, without what the address bar may give away; and its id.

    The id goes with all that the request brings about, and into the answer. Machines
    that ask for our health, every few seconds, are not worth a line; neither are
    static files.
    """

    def prepare(self, request):
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=_request_id(request))
        request.begun_at = time.perf_counter()

    def process_view(self, request, view, args, kwargs):
        """Name the office where the address does."""
        match = request.resolver_match
        if "office_id" in kwargs:
            logs.bind_office(kwargs["office_id"])
        elif match.route.startswith(OFFICE_ROUTES):
            logs.bind_office(kwargs["slug"])

    def handle_response(self, request, response):
        response.headers[REQUEST_ID] = logs.request_id()
        if hasattr(request, "_raised_exception"):  # it has its line
            del request._raised_exception
        elif not request.path.startswith((*PROBES, settings.STATIC_URL)):
            self.bind_user_id(request)
            level = self._log_level_for_status_code(response.status_code)
            logger.log(
                level,
                "request_finished",
                code=response.status_code,
                request=self.format_request(request),
                duration_ms=round((time.perf_counter() - request.begun_at) * 1000),
            )
        structlog.contextvars.clear_contextvars()

    @staticmethod
    def format_request(request):
        """The method, and the path without what opens something or names somebody.

        Of an address that is none of ours nothing is told: it holds what a stranger
        typed.
        """
        match = getattr(request, "resolver_match", None)
        if match is None:
            return f"{request.method} (no page)"
        hidden = {
            str(value)
            for name, value in match.kwargs.items()
            if not _is_telling_nothing(name, value)
        }
        parts = ("…" if part in hidden else part for part in request.path.split("/"))
        return f"{request.method} {'/'.join(parts)}"

    @staticmethod
    def bind_user_id(request):
        """Name the user where the page has asked who it is; never ask for the log."""
        user = getattr(request, "_cached_user", None)
        if user is not None and user.is_authenticated:
            structlog.contextvars.bind_contextvars(user_id=user.pk)


def _request_id(request):
    """The id that our own proxies gave it, or a new one."""
    given = request.headers.get(REQUEST_ID, "")
    if settings.PROXY_COUNT and GIVEN_ID.fullmatch(given):
        return given
    return uuid.uuid4().hex


def _is_telling_nothing(name, value):
    """Whether a part of an address is one that many share, or a number of a row."""
    return (
        name in SHARED_PARTS
        or isinstance(value, int | uuid.UUID)
        or ROW_ID.fullmatch(str(value)) is not None
    )


class RefusalMiddleware:
    """Show a refusal that no form has shown as a page of its own.

    And while the database is away, restarts, is full or takes no writes: nothing was
    changed, and the same request will do in a moment.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, DomainError):
            return render(request, "409.html", {"message": exception}, status=409)
        if outages.is_one(exception):
            return views.unavailable(request)
        return None
