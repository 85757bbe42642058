"""The history of one appointment."""

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin

from appointments.api.callers import TOKEN, Callers
from appointments.models import AppointmentEvent
from config.api.schema import operation
from config.api.views import ApiViewSet
from offices.api.fields import OfficeTimeField

EVENT = {
    "id": 4711,
    "kind": "rescheduled",
    "by": "staff",
    "user": 12,
    "reason": "",
    "override": "",
    "previous_start": "2027-01-11T09:00:00+01:00",
    "created_at": "2027-01-08T16:20:11.201000+01:00",
}


class EventSerializer(serializers.ModelSerializer):
    """Staff are named to staff alone, and so is why rules were passed over."""

    by = serializers.ChoiceField(
        choices=AppointmentEvent.actor_kind.field.choices, source="actor_kind"
    )
    user = serializers.SerializerMethodField(
        help_text=_("The id of who did it; null for citizens to see.")
    )
    override = serializers.SerializerMethodField()
    previous_start = OfficeTimeField(
        office="appointment.office", allow_null=True, help_text=_("Of a move.")
    )
    created_at = OfficeTimeField(office="appointment.office")

    class Meta:
        model = AppointmentEvent
        fields = list(EVENT)
        read_only_fields = fields

    def get_user(self, event) -> int | None:
        return event.actor_id if self._to_staff(event) else None

    def get_override(self, event) -> str | None:
        return event.override if self._to_staff(event) else None

    def _to_staff(self, event):
        return self.context["view"].is_staff_of(event.appointment.office_id)


class EventViewSet(Callers, ListModelMixin, ApiViewSet):
    serializer_class = EventSerializer
    filter_backends = []
    ordering, ordering_fields = "created_at", ["created_at"]
    for_guests = frozenset(["list"])

    def get_queryset(self):
        rows = AppointmentEvent.objects.select_related("appointment__office")
        if getattr(self, "swagger_fake_view", False):
            return rows
        found = get_object_or_404(self.appointments(), pk=self.kwargs["appointment_id"])
        return rows.filter(appointment=found.pk)

    @operation(
        "List an appointment's history",
        gives=EventSerializer(many=True),
        answer=EVENT,
        parameters=[TOKEN],
    )
    def list(self, request, appointment_id):
        """What happened to it, who did it, when and why; the oldest first."""
        return super().list(request)
