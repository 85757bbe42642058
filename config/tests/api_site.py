"""A small API on groups, whose name is all there is to know: the frame at work."""

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, transaction
from django.urls import include, path
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from config.api.schema import operation
from config.api.views import ApiView, ApiViewSet
from config.exceptions import DomainError


class Full(DomainError):
    code = "full"
    message = "There are enough groups."


class Broken(Exception):
    pass


REFUSALS = {
    "full": Full(),
    "forbidden": PermissionDenied(),
    "invalid": ValidationError({"name": ValidationError("Not that.", "bad_word")}),
    "busy": OperationalError("canceling statement due to lock timeout"),
    "broken": Broken(),
}


@transaction.atomic
def make_group(name):
    group = Group.objects.create(name=name)
    if name in REFUSALS:
        raise REFUSALS[name]
    return group


class GroupSerializer(serializers.ModelSerializer):
    class Meta:
        model = Group
        fields = ["id", "name"]


class NameSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=20)


class GroupViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    permission_classes = [AllowAny]
    queryset = Group.objects.all()
    serializer_class = GroupSerializer
    ordering, ordering_fields = "name", ["name"]

    @operation(
        "List groups", gives=GroupSerializer(many=True), answer={"id": 1, "name": "a"}
    )
    def list(self, request):
        return super().list(request)

    @operation("Show a group", gives=GroupSerializer)
    def retrieve(self, request, pk):
        return super().retrieve(request, pk)

    @operation("Make a group", takes=NameSerializer, gives=GroupSerializer, status=201)
    def create(self, request):
        group = make_group(**self.valid(NameSerializer))
        return self.reply(group, 201, headers={"Location": f"/groups/{group.pk}"})

    @operation("Rename a group", takes=NameSerializer, gives=GroupSerializer)
    def partial_update(self, request, pk):
        with self.unchanged(self.get_object()) as group:
            group.name = self.valid(NameSerializer)["name"]
            group.save()
            return self.reply(group)

    @operation("Drop a group", status=204)
    def destroy(self, request, pk):
        with self.unchanged(self.get_object()) as group:
            group.delete()
            return Response(status=204)


class Crash(ApiView):
    """Does something, and fails: outside of any operation."""

    permission_classes = [AllowAny]
    schema = None

    def post(self, request):
        Group.objects.create(name="left behind")
        raise Broken


router = SimpleRouter(trailing_slash=False)
router.register("groups", GroupViewSet, basename="group")
api = [*router.urls, path("crash", Crash.as_view())]
urlpatterns = [path("api/v1/", include((api, "api")))]
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"
