"""The OpenAPI document: what every operation shares is written here once."""

from functools import cache

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)
from inflection import underscore
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from config.api import problems

REFUSALS = "x-refusals"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
WITH_BODY = ("POST", "PUT", "PATCH")
IF_MATCH = ("PUT", "PATCH", "DELETE")

ACTIONS = {"partial_update": "update", "destroy": "delete", "retrieve": "get"}

GENERAL_CODES = {
    400: ["invalid", "parse_error"],
    401: ["not_authenticated", "authentication_failed"],
    403: ["permission_denied"],
    404: ["not_found"],
    409: ["idempotency_in_progress"],
    412: ["precondition_failed"],
    411: ["length_required"],
    413: ["body_too_large"],
    415: ["unsupported_media_type"],
    422: ["idempotency_key_reused"],
    429: ["throttled"],
    503: ["unavailable"],
}
RETRY_AFTER = (429, 503)
NOT_MODIFIED = {
    "description": "What you have is still so: your `If-None-Match` names its `ETag`.",
    "headers": {"ETag": {"schema": {"type": "string"}}},
}


class FieldErrorSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    type = serializers.URLField(help_text="Where the code is described.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for people, translated.")
    code = serializers.CharField(help_text="Stable; for programs.")
    request_id = serializers.CharField(
        required=False, help_text="Finds it in our log; also in `X-Request-ID`."
    )
    errors = serializers.DictField(
        child=FieldErrorSerializer(many=True),
        required=False,
        help_text="By the path of the field, like `citizen.email`.",
    )


def operation(
    summary,
    *,
    takes=None,
    gives=None,
    status=200,
    refuses=(),
    example=None,
    answer=None,
    **options,
):
    """Describe a handler: its serializers, an example of each, and its refusals.

    `takes` and `gives` are serializer classes (None: no body; `many=True`: a list),
    `example` and `answer` an example of each (of a list: of one row), `refuses` the
    DomainErrors or APIExceptions it can raise. What goes for all operations (401,
    429 …) ApiSchema adds.
    """
    examples = []
    if example is not None:
        examples.append(OpenApiExample("Request", value=example, request_only=True))
    if answer is not None:
        examples.append(
            OpenApiExample(
                "Answer", value=answer, response_only=True, status_codes=[str(status)]
            )
        )
    codes = [getattr(error, "code", None) or error.default_code for error in refuses]
    return extend_schema(
        summary=summary,
        request=takes,
        responses={status: gives},
        examples=examples,
        extensions={REFUSALS: codes} if codes else {},
        **options,
    )


class ApiSchema(AutoSchema):
    """drf-spectacular's reading of a view, with what holds for every one of ours."""

    def get_operation_id(self):
        action = getattr(self.view, "action", None)
        if action:
            noun = underscore(getattr(self.view, "basename", "")).replace("-", "_")
            return f"{noun}_{ACTIONS.get(action, action)}"
        noun = underscore(type(self.view).__name__)
        methods = [m for m in self.view.allowed_methods if m not in ("OPTIONS", "HEAD")]
        return noun if len(methods) == 1 else f"{noun}_{self.method.lower()}"

    def get_override_parameters(self):
        shared = []
        if self.method == "POST":
            shared.append(
                _header(
                    "Idempotency-Key",
                    "Any name of your own for this request, best a UUID. The same key "
                    "with the same body gives the same answer for 24 hours.",
                    {"type": "string", "minLength": 1, "maxLength": 255},
                )
            )
        if self.method in IF_MATCH:
            shared.append(
                _header(
                    "If-Match",
                    "The `ETag` of what you read: 412 if it has changed since.",
                    {"type": "string"},
                )
            )
        if self.has_etag():
            shared.append(
                _header(
                    "If-None-Match",
                    "The `ETag` of what you have: 304 if it is still so.",
                    {"type": "string"},
                )
            )
        return shared

    def _get_response_bodies(self, direction="response"):
        told = super()._get_response_bodies(direction)
        for status, response in self.problems():
            media_types = [problems.CONTENT_TYPE]
            told[status] = self._get_response_for_code(response, status, media_types)
        if self.has_etag():
            told["304"] = NOT_MODIFIED
        return dict(sorted(told.items()))

    def has_etag(self):
        """Whether who has the answer already is spared it."""
        return self.method == "GET" and self.view.cache_control != "no-store"

    def problems(self):
        """The errors of this operation, by status."""
        codes = {status: list(GENERAL_CODES[status]) for status in self.statuses()}
        known = problems.catalogue()
        for code in self.get_extensions().get(REFUSALS, ()):
            codes.setdefault(known[code][0], []).append(code)
        if self.method in IF_MATCH:
            codes[400].append("invalid_if_match")
        for status, names in codes.items():
            description = ", ".join(f"`{code}`" for code in names)
            examples = [_example(status, code, known[code][1]) for code in names]
            yield (
                str(status),
                OpenApiResponse(ProblemSerializer, description, examples=examples),
            )

    def statuses(self):
        yield from (429, 503)
        if self.method in WRITES or self.has_parameters():
            yield 400
        if self.view.authentication_classes:
            yield 401
        open_to_all = AllowAny in self.view.permission_classes
        if self.view.authentication_classes and (
            self.method in WRITES or not open_to_all
        ):
            yield 403
        if self.path_parameters():
            yield 404
        if self.method == "POST":
            yield from (409, 422)
        if self.method in IF_MATCH:
            yield 412
        yield from (411, 413)
        if self.method in WITH_BODY:
            yield 415

    def path_parameters(self):
        return "{" in self.path

    def has_parameters(self):
        query = OpenApiParameter.QUERY  # as are the fields of a serializer
        given = [getattr(p, "location", query) for p in self.get_override_parameters()]
        return bool(
            query in given
            or self._get_filter_parameters()
            or self._get_pagination_parameters()
        )

    def _get_response_headers_for_code(self, status_code, direction="response"):
        headers = super()._get_response_headers_for_code(status_code, direction)
        if status_code in ("200", "201") and self.view.cache_control != "no-store":
            headers["ETag"] = {"schema": {"type": "string"}}
        if int(status_code) in RETRY_AFTER:
            headers["Retry-After"] = {"schema": {"type": "integer"}}
        return headers


@cache
def document():
    """The whole document; it depends on nothing but the code."""
    with translation.override("en"):
        return SchemaGenerator().get_schema(request=None, public=True)


def _header(name, description, schema):
    return OpenApiParameter(
        name, schema, OpenApiParameter.HEADER, description=description
    )


def _example(status, code, detail):
    return OpenApiExample(
        code, value=problems.body(status, code, detail), status_codes=[str(status)]
    )
