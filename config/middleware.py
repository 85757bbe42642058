import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django_structlog.middlewares import RequestMiddleware
from psycopg.errors import ReadOnlySqlTransaction
from psycopg_pool import PoolTimeout

from config.exceptions import DomainError

logger = structlog.get_logger(__name__)

RETRY_AFTER = 5  # seconds, while the database is away
SECRET_LENGTH = 40  # a path segment this long is a signed token


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
            request.META["REMOTE_ADDR"] = hops[-count].strip()
        return self.get_response(request)


class RequestLogMiddleware(RequestMiddleware):
    """One line a request, without what the address bar may give away.

    Query strings hold what people searched for, and long path segments are signed
    tokens that open somebody's appointment. Machines that ask for our health, every
    few seconds, are not worth a line.
    """

    def __call__(self, request):
        if request.path.startswith("/health"):
            return self.get_response(request)
        return super().__call__(request)

    @staticmethod
    def format_request(request):
        path = "/".join(
            "…" if len(part) >= SECRET_LENGTH else part
            for part in request.path.split("/")
        )
        return f"{request.method} {path}"

    @staticmethod
    def bind_user_id(request):
        """Name the user where the page has asked who it is; never ask for the log."""
        user = getattr(request, "_cached_user", None)
        if user is not None and user.is_authenticated:
            structlog.contextvars.bind_contextvars(user_id=user.pk)


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
        if is_database_away(exception):
            logger.warning("database_unavailable", error=str(exception))
            headers = {"Retry-After": str(RETRY_AFTER)}
            return HttpResponse(
                render_to_string("503.html"), status=503, headers=headers
            )
        return None


def is_database_away(error):
    """Whether it is the database that cannot now, rather than we who asked wrongly."""
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout) or (
        isinstance(error.__cause__, ReadOnlySqlTransaction)
    )
