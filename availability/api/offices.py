"""Offices: what citizens know of them, and how they are kept.

Here and not in offices.api, since what an office offers follows what is written.
"""

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import SAFE_METHODS, AllowAny, IsAuthenticated
from rest_framework.response import Response

from availability import operations
from availability.exceptions import HoursOverlap, StillBooked
from config.api.schema import operation
from config.api.views import ApiViewSet
from offices.api.offices import IN_LIST, OFFICE, OfficeSerializer
from offices.models import Office, OfficeStatus

GONE = _("The office is deleted.")
CLOSED = _("The office has a history, so it is not deleted but closed for good.")


class DeletedOfficeSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(["deleted", "closed"])
    detail = serializers.CharField(help_text=_("The same in a sentence."))


class OfficeFilter(django_filters.FilterSet):
    slug = django_filters.CharFilter(label=_("This one alone."))
    status = django_filters.ChoiceFilter(choices=OfficeStatus)
    service = django_filters.NumberFilter(
        label=_("Those that offer this service (its id) to the public."),
        method="offering",
    )

    class Meta:
        model = Office
        fields = ["slug", "status", "city", "postal_code"]

    def offering(self, offices, name, value):
        return offices.filter(
            offered__service=value,
            offered__is_public=True,
            offered__service__is_public=True,
        )


class OfficeViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    serializer_class = OfficeSerializer
    filterset_class = OfficeFilter
    ordering, ordering_fields = "name", ["name"]
    lookup_url_kwarg = "office_id"

    def get_permissions(self):
        reads = self.request.method in SAFE_METHODS
        return [AllowAny() if reads else IsAuthenticated()]

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Office.objects.none()
        return Office.objects.known_to(self.request.user)

    @operation("List offices", gives=OfficeSerializer(many=True), answer=IN_LIST)
    def list(self, request):
        """Those that citizens can find; for staff their own too."""
        return super().list(request)

    @operation("Show an office", gives=OfficeSerializer, answer=OFFICE)
    def retrieve(self, request, office_id):
        """Where it is, how to reach it, and by which rules it is booked."""
        return super().retrieve(request, office_id)

    @operation(
        "Add an office",
        takes=OfficeSerializer,
        gives=OfficeSerializer,
        status=201,
        example={"name": "Town hall", "slug": "town-hall", "city": "München"},
        answer=OFFICE,
    )
    def create(self, request):
        """For administrators. What is left out has the usual value."""
        office = Office(**self.valid(OfficeSerializer))
        operations.save_office(office, by=request.user)
        return self.reply(office, status=201)

    @operation(
        "Change an office",
        takes=OfficeSerializer,
        gives=OfficeSerializer,
        refuses=[StillBooked, HoursOverlap],
        example={"lead_time_minutes": 120, "phone": "+49 89 233 01"},
        answer={**OFFICE, "lead_time_minutes": 120, "phone": "+49 89 233 01"},
    )
    def partial_update(self, request, office_id):
        """What is left out stays. What can be booked follows at once."""
        with self.unchanged(self.get_object()) as office:
            changes = self.valid(OfficeSerializer, instance=office, partial=True)
            for name, value in changes.items():
                setattr(office, name, value)
            operations.save_office(office, by=request.user)
            return self.reply(office)

    @operation(
        "Delete an office",
        gives=DeletedOfficeSerializer,
        answer={"outcome": "closed", "detail": str(CLOSED)},
    )
    def destroy(self, request, office_id):
        """An office with a history (appointments) is closed for good instead.

        `outcome` says which it was. Closed offices take no appointments and are shown
        to their staff alone; what is booked there stays.
        """
        with self.unchanged(self.get_object()) as office:
            gone = operations.delete_office(office, by=request.user)
        outcome, detail = ("deleted", GONE) if gone else ("closed", CLOSED)
        return Response({"outcome": outcome, "detail": str(detail)})
