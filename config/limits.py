"""How much one request may bring. What is more is refused before anything is read.

Pages take DATA_UPLOAD_MAX_MEMORY_SIZE of body, with or without files, and
DATA_UPLOAD_MAX_NUMBER_FIELDS fields; the API has limits of its own
(config.api.formats). Headers are the web server's affair (config.run).
"""

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation

LONGEST_URL = 8192  # bytes, with the query
DRAINED = 4 * 1024 * 1024


class UrlTooLong(SuspiciousOperation):
    pass


class LimitsMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        query = request.META.get("QUERY_STRING", "")
        if len(request.path_info.encode()) + len(query) > LONGEST_URL:
            raise UrlTooLong
        length = announced(request)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            drain(request, length)
            raise RequestDataTooBig
        return self.get_response(request)


def announced(request):
    """How many bytes of body are to come; no number, nothing to be read."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() else 0


def drain(request, length):
    """Let the client finish: who is cut off while he sends never reads the answer."""
    length = min(length, DRAINED)
    while length > 0 and (read := len(request.read(min(length, 65_536)))):
        length -= read


def status_of(exception):
    """What to answer to a request that was refused as nonsense."""
    if isinstance(exception, UrlTooLong):
        return HTTPStatus.REQUEST_URI_TOO_LONG
    if isinstance(exception, RequestDataTooBig):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return HTTPStatus.BAD_REQUEST
