"""What went wrong, told one way: `application/problem+json` (RFC 9457).

Every answer that is an error has `type`, `title`, `status`, `detail` and a stable
`code`; one about fields has `errors` too, by the path of the field. `type` is the
address of the code's own description, which is served too.
"""

from http import HTTPStatus

import orjson
import structlog
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django_ratelimit.exceptions import Ratelimited
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from config import logs, outages
from config.exceptions import DomainError

CONTENT_TYPE = "application/problem+json"

logger = structlog.get_logger(__name__)


class InvalidKey(exceptions.APIException):
    status_code = HTTPStatus.BAD_REQUEST
    default_code = "invalid_idempotency_key"
    default_detail = _(
        "An Idempotency-Key is 1 to 255 visible ASCII characters, like a UUID."
    )


class InvalidIfMatch(exceptions.APIException):
    status_code = HTTPStatus.BAD_REQUEST
    default_code = "invalid_if_match"
    default_detail = _('If-Match is an ETag in its quotes, like "9f2c", or *.')


class InProgress(exceptions.APIException):
    status_code = HTTPStatus.CONFLICT
    default_code = "idempotency_in_progress"
    default_detail = _("A request with this Idempotency-Key is still being worked on.")
    wait = 1


class PreconditionFailed(exceptions.APIException):
    status_code = HTTPStatus.PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = _("This has changed since you read it. Read it again.")


class LengthRequired(exceptions.APIException):
    status_code = HTTPStatus.LENGTH_REQUIRED
    default_code = "length_required"
    default_detail = _("Say how long the body is: send it with a Content-Length.")


class BodyTooLarge(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"
    default_detail = _("The body is larger than this API takes.")


class KeyReused(exceptions.APIException):
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = _(
        "This Idempotency-Key came with another request before. Use a new one."
    )


class Unavailable(exceptions.APIException):
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = _("The service is too busy at present. Try again in a moment.")
    wait = 2


GENERAL = {
    "invalid": (400, "A field or parameter holds what it cannot hold; see `errors`."),
    "parse_error": (400, "The body is not JSON, or nested too deeply."),
    "not_authenticated": (401, "Who are you? This needs a sign-in or an API key."),
    "authentication_failed": (401, "The token or key is not valid, or no longer."),
    "csrf_failed": (403, "A browser's cookie came without its CSRF token."),
    "permission_denied": (403, "You may see this, but may not do that."),
    "bad_request": (400, "The request makes no sense."),
    "url_too_long": (414, "The address is longer than this API takes."),
    "not_found": (404, "There is no such thing, or you may not see it."),
    "method_not_allowed": (405, "This address does not know this method; see `Allow`."),
    "unsupported_media_type": (415, "The body must be `application/json`."),
    "throttled": (429, "Too many requests; go on after `Retry-After` seconds."),
    "server_error": (500, "A mistake of ours. It is logged."),
}


def exception_handler(error, context):
    """Answer an error as a problem. None for one that nobody foresaw."""
    error = _as_api_exception(error)
    if isinstance(error, DomainError):
        return problem(HTTPStatus.CONFLICT, error.code, str(error))
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))
    if isinstance(error, exceptions.ValidationError):
        detail, code, errors = _("Some fields need another look."), "invalid", {}
        collect(error.detail, errors)
    else:
        detail, code, errors = error.detail, error.get_codes(), None
    if not isinstance(code, str):  # simplejwt's own, which say more than one thing
        detail, code = error.default_detail, error.default_code
    return problem(error.status_code, code, detail, errors=errors, headers=headers)


def problem(status, code, detail, *, errors=None, headers=None):
    return Response(
        body(status, code, detail, errors),
        status=int(status),
        headers=headers,
        content_type=CONTENT_TYPE,
    )


def plain(status, code, detail):
    """The same where no API view has been reached."""
    content = orjson.dumps(body(status, code, detail))
    return HttpResponse(content, status=int(status), content_type=CONTENT_TYPE)


def body(status, code, detail, errors=None):
    told = {
        "type": type_of(code),
        "title": title_of(code),
        "status": int(status),
        "detail": str(detail),
        "code": code,
    }
    if logs.request_id():
        told["request_id"] = logs.request_id()
    return told if errors is None else {**told, "errors": errors}


def type_of(code):
    return f"{settings.FRONTEND_HOST}{settings.API_V1_STR}/problems/{code}"


def title_of(code):
    return code.replace("_", " ").capitalize()


def catalogue():
    """Every code there is: {code: (status, what it means)}."""
    known = dict(GENERAL)
    for error in all_subclasses(DomainError):
        known[error.code] = (409, str(error.message))
    for error in all_subclasses(exceptions.APIException):
        if not error.__module__.startswith("rest_framework"):
            known[error.default_code] = (error.status_code, str(error.default_detail))
    return {
        code: (int(status), text)
        for code, (status, text) in sorted(
            known.items(), key=lambda item: (item[1][0], item[0])
        )
    }


def collect(detail, errors, path=""):
    """Flatten what a serializer found: {"citizen.email": [{code, message}]}."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            name = (
                api_settings.NON_FIELD_ERRORS_KEY if name == NON_FIELD_ERRORS else name
            )
            collect(inner, errors, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list) and any(isinstance(x, dict | list) for x in detail):
        for position, inner in enumerate(detail):
            collect(inner, errors, f"{path}.{position}" if path else str(position))
    elif isinstance(detail, list):
        for one in detail:
            collect(one, errors, path)
    else:
        field = path or api_settings.NON_FIELD_ERRORS_KEY
        errors.setdefault(field, []).append(
            {"code": getattr(detail, "code", None) or "invalid", "message": str(detail)}
        )


def _as_api_exception(error):
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, Ratelimited):
        return exceptions.Throttled()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, DjangoValidationError):
        return exceptions.ValidationError(_details(error))
    if outages.is_one(error):
        return Unavailable()
    return error


def _details(error):
    """Django's ValidationError in DRF's words, each message with its code."""
    if hasattr(error, "error_dict"):
        return {
            name: [detail for inner in errors for detail in _list(inner)]
            for name, errors in error.error_dict.items()
        }
    return _list(error)


def _list(error):
    return [
        exceptions.ErrorDetail(message, code=inner.code or "invalid")
        for inner in error.error_list
        for message in inner.messages
    ]


def all_subclasses(cls):
    for child in cls.__subclasses__():
        yield child
        yield from all_subclasses(child)
