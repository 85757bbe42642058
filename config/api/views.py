"""What every view of the API is made of. How to write one: config/api/__init__.py."""

from functools import partial

import structlog
from django.http import Http404
from rest_framework import generics, serializers, viewsets
from rest_framework.exceptions import APIException
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from config.api import etags, formats, idempotency, limits, problems
from config.api.schema import document, operation


class Frame:
    """Limits, safe repetition and ETags around DRF's own views."""

    limit = limits.API
    cache_control = "private, no-cache"
    usage = None

    def initial(self, request, *args, **kwargs):
        formats.check_length(request)
        self.count(request)
        if request.method not in self.allowed_methods:
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)
        if request.user.is_authenticated:
            structlog.contextvars.bind_contextvars(user_id=request.user.pk)
        if request.method == "POST" and idempotency.HEADER in request.headers:
            handler = getattr(self, "post", self.http_method_not_allowed)
            self.post = partial(idempotency.once, self, handler)

    def count(self, request):
        """Who fails to sign in learns first if he has asked too often."""
        try:
            user, failure = request.user, None
        except APIException as error:
            user, failure = None, error
        self.usage = limits.count(request, self.limit, user)
        limits.check(self.usage)
        if failure:
            raise failure

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        caching = self.cache_control if response.status_code < 400 else "no-store"
        response.headers.setdefault("Cache-Control", caching)
        for name, value in limits.headers(self.usage, self.limit).items():
            response.headers[name] = value
        return etags.add_etag(response, request)

    def options(self, request, *args, **kwargs):
        return Response(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def valid(self, serializer_class, **options):
        """The body as the serializer reads it, or a 400 that says what is wrong."""
        options = {"context": self.get_serializer_context(), **options}
        serializer = serializer_class(data=self.request.data, **options)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def reply(self, obj, status=200, **options):
        """Answer with what `get_serializer_class` says of an object."""
        return Response(self.represent(obj), status=status, **options)

    def represent(self, obj):
        return self.get_serializer(obj).data

    def unchanged(self, obj, lock=etags.lock_row):
        """`with self.unchanged(obj) as obj:` see etags.unchanged."""
        return etags.unchanged(self.request, obj, represent=self.represent, lock=lock)

    def seal(self, body):
        """What is kept under an Idempotency-Key: the answer, or it without secrets."""
        return body

    def unseal(self, kept):
        return kept


class ApiView(Frame, generics.GenericAPIView):
    """An address of its own, like auth/login; its methods are get, post, patch …"""

    pagination_class = None
    filter_backends = []


class ApiViewSet(Frame, viewsets.GenericViewSet):
    """A kind of thing: list, retrieve, create, partial_update, destroy, actions.

    A method of it that is named like one of HTTP's would answer that at each of its
    addresses, whatever the routes say; so there can be none.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name in set(cls.http_method_names) & set(vars(cls)):
            raise TypeError(f"{cls.__name__}.{name}: say destroy, create, an action …")


class Schema(ApiView):
    permission_classes = [AllowAny]
    schema = None
    cache_control = "public, max-age=300"

    def get(self, request):
        return Response(document())


NOT_FOUND = {
    "type": "https://appointments.example.org/api/v1/problems/not_found",
    "title": "Not found",
    "status": 404,
    "code": "not_found",
    "description": "There is no such thing, or you may not see it.",
}


class ProblemKindSerializer(serializers.Serializer):
    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    description = serializers.CharField()


class Problems(ApiView):
    permission_classes = [AllowAny]
    cache_control = "public, max-age=300"

    @operation(
        "List the error codes",
        gives=ProblemKindSerializer(many=True),
        answer=NOT_FOUND,
    )
    def get(self, request):
        """Every `code` that an error of this API can have, and what it means."""
        return Response([kind(code) for code in problems.catalogue()])


class Problem(ApiView):
    permission_classes = [AllowAny]
    cache_control = "public, max-age=300"

    @operation(
        "Explain an error code",
        gives=ProblemKindSerializer,
        answer=NOT_FOUND,
    )
    def get(self, request, code):
        """The address that an error's `type` names."""
        if code not in problems.catalogue():
            raise Http404
        return Response(kind(code))


def kind(code):
    status, description = problems.catalogue()[code]
    return {
        "type": problems.type_of(code),
        "title": problems.title_of(code),
        "status": status,
        "code": code,
        "description": description,
    }
