import structlog
from django.conf import settings
from django.db import Error

from appointments import access, seen

logger = structlog.get_logger(__name__)

SHOWN = {200, 201, 304, 409, 412, 422}  # what may show a row: not redirects, not errors


class AccessMiddleware:
    """Write down whose data staff and programs were shown.

    While the database takes no writes the desk can still read; then it is the log of
    the system that says so.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith(("/admin/", f"{settings.API_V1_STR}/")):
            return self.get_response(request)
        with seen.noting() as found:
            response = self.get_response(request)
        if found.accounts and response.status_code in SHOWN:
            self.record(request, found)
        return response

    def record(self, request, found):
        page = request.resolver_match.view_name
        try:
            access.record_seen(found, by=request.user, page=page)
        except Error as error:
            who = {"page": page, "user_id": request.user.pk}
            logger.warning("access_not_recorded", error=str(error), **who)
