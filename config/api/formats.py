"""JSON in and out, and nothing else: read by orjson, within limits."""

import orjson
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from config.api.problems import BodyTooLarge, LengthRequired
from config.limits import drain

MEDIA_TYPE = "application/json"
DEEPEST = 32


def encode(data):
    """The bytes of an answer; of a lazy translation, its text."""
    return b"" if data is None else orjson.dumps(data, default=str)


def check_length(request):
    """Refuse a body by its announced length, before it is read.

    Of one that comes in chunks, without a length, the server would hand on nothing.
    """
    if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get(
        "CONTENT_LENGTH"
    ):
        raise LengthRequired
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise ParseError(_("Content-Length is not a number.")) from None
    if length > settings.API_BODY_LIMIT:
        drain(request._request, length)
        raise BodyTooLarge


class JSONRenderer(BaseRenderer):
    media_type = MEDIA_TYPE
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return encode(data)


class JSONParser(BaseParser):
    media_type = MEDIA_TYPE

    def parse(self, stream, media_type=None, parser_context=None):
        raw = stream.read(settings.API_BODY_LIMIT + 1)
        if len(raw) > settings.API_BODY_LIMIT:
            raise BodyTooLarge
        try:
            data = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("The body is not JSON: {}").format(error)) from error
        if depth(data) > DEEPEST:
            raise ParseError(_("The body is nested too deeply."))
        return data


class AlwaysJSON(BaseContentNegotiation):
    """There is one format, whatever `Accept` says (RFC 9110, 12.5.1 allows it)."""

    def select_parser(self, request, parsers):
        for parser in parsers:
            if request.content_type.partition(";")[0].strip().lower() == (
                parser.media_type
            ):
                return parser
        return None

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


def depth(data):
    """How deeply lists and objects are nested; stops a level beyond DEEPEST."""
    level, found = [data], 0
    while level and found <= DEEPEST:
        found += 1
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return found
