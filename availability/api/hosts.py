"""Hosts: who or what serves at an office, and which services."""

import django_filters
from django import forms
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from accounts.api.serializers import EmailField
from availability import assignments
from availability.exceptions import CounterStays, HoursOverlap, StillBooked
from config.api.schema import operation
from config.api.views import ApiView, ApiViewSet
from offices.api.fields import LARGEST_ID
from offices.api.locks import with_office
from offices.models import Host, Office, Service
from offices.permissions import require
from offices.queries.people import colleague
from offices.roles import Permission

HOST = {
    "id": 18,
    "office": 7,
    "name": "Counter 3",
    "services": [3],
    "is_active": True,
}


class HostSerializer(serializers.ModelSerializer):
    class Meta:
        model = Host
        fields = list(HOST)
        read_only_fields = fields
        extra_kwargs = {
            "services": {"help_text": _("Empty: all that the office offers.")}
        }


class ServicesField(serializers.PrimaryKeyRelatedField):
    """The id of a service."""

    def __init__(self, **kwargs):
        super().__init__(queryset=Service.objects.all(), **kwargs)


class AssignHostSerializer(serializers.Serializer):
    office = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    name = serializers.CharField(max_length=100)
    email = EmailField(
        required=False,
        help_text=_("Of a colleague's account. Without it the host is a counter."),
    )
    services = ServicesField(
        many=True,
        required=False,
        help_text=_("What it can serve. Empty: all that the office offers."),
    )


class PlaceHostSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100, required=False)
    services = ServicesField(many=True, required=False)


class TrueOrFalseField(forms.Field):
    """Nothing else: what is misspelt is not everything."""

    def to_python(self, value):
        if value in self.empty_values:
            return None
        try:
            return {"true": True, "1": True, "false": False, "0": False}[value.lower()]
        except KeyError:
            raise forms.ValidationError(_("Say true or false."), "invalid") from None


class TrueOrFalseFilter(django_filters.BooleanFilter):
    field_class = TrueOrFalseField


class HostFilter(django_filters.FilterSet):
    office = django_filters.NumberFilter(label=_("Of this office (its id)."))
    service = django_filters.NumberFilter(
        method="serving", label=_("Those who can serve this service (its id).")
    )
    is_active = TrueOrFalseFilter()

    class Meta:
        model = Host
        fields = ["office", "service", "is_active"]

    def serving(self, hosts, name, value):
        return hosts.filter(pk__in=Host.objects.serving(int(value)).values("pk"))


class HostViewSet(ListModelMixin, ApiViewSet):
    permission_classes = [AllowAny]
    serializer_class = HostSerializer
    filterset_class = HostFilter
    ordering, ordering_fields = "name", ["name"]

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Host.objects.none()
        return Host.objects.known_to(self.request.user).prefetch_related("services")

    @operation("List hosts", gives=HostSerializer(many=True), answer=HOST)
    def list(self, request):
        """Those whom citizens can choose; for staff all of their own offices."""
        return super().list(request)


class AssignHost(ApiView):
    serializer_class = HostSerializer

    @operation(
        "Assign a host",
        takes=AssignHostSerializer,
        gives=HostSerializer,
        status=201,
        refuses=[HoursOverlap],
        example={"office": 7, "name": "Counter 3", "services": [3]},
        answer=HOST,
    )
    def post(self, request):
        """Have a person or a counter serve at an office.

        A person who is or was a host there gets the new name and services.
        """
        given = self.valid(AssignHostSerializer)
        offices = Office.objects.known_to(request.user)
        office = offices.filter(pk=given.pop("office")).first()
        if office is None:
            raise serializers.ValidationError(
                {"office": _("There is no such office, or you may not see it.")}
            )
        given["user"] = self.person(office, given.pop("email", ""))
        host = assignments.assign_host(office, by=request.user, **given)
        return self.reply(host, status=201)

    def person(self, office, email):
        """A colleague, None for a counter. Nobody else learns who has an account."""
        if not email:
            return None
        require(self.request.user, Permission.MANAGE_OFFICE, office)
        user = colleague(office, email, by=self.request.user)
        if user is None:
            message = _(
                "Nobody whom you work with has this address. Add a member first."
            )
            raise serializers.ValidationError({"email": message}, "unknown")
        return user


class HostAtOffice(ApiView):
    serializer_class = HostSerializer

    def host(self, host_id):
        hosts = Host.objects.visible_to(self.request.user)
        return get_object_or_404(hosts.select_related("office", "user"), pk=host_id)

    @operation(
        "Place a host",
        takes=PlaceHostSerializer,
        gives=HostSerializer,
        refuses=[CounterStays, StillBooked, HoursOverlap],
        example={"services": [3]},
        answer=HOST,
    )
    def put(self, request, host_id, office_id):
        """Have a host serve at an office, under this name, with these services.

        At its own office it is changed, and active again. A person can be moved to
        another office: the answer is the host there, with an id of its own, and the
        old one becomes inactive. You need to manage both.
        """
        offices = Office.objects.known_to(request.user)
        office = get_object_or_404(offices, pk=office_id)
        with self.unchanged(self.host(host_id), lock=with_office) as host:
            given = self.valid(PlaceHostSerializer)
            host = assignments.place_host(host, office, by=request.user, **given)
            return self.reply(host)

    @operation("Unassign a host", status=204)
    def delete(self, request, host_id, office_id):
        """It offers nothing from now on; what is booked with it stays."""
        host = self.host(host_id)
        get_object_or_404(Office, Q(pk=host.office_id), pk=office_id)
        with self.unchanged(host, lock=with_office) as host:
            assignments.unassign_host(host, by=request.user)
        return Response(status=204)
