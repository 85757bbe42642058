"""Calling whoever is next at a host."""

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from appointments import operations
from appointments.api.callers import Callers
from appointments.api.serializers import CALLED, AppointmentSerializer
from appointments.exceptions import NobodyWaits, StillCalled
from availability.exceptions import HostRefused
from config.api.schema import operation
from config.api.views import ApiView
from offices.api.fields import IdField
from offices.models import Office


class NextSerializer(serializers.Serializer):
    host = IdField(help_text=_("The id of the host, of this office, who is free."))


class CallNext(Callers, ApiView):
    serializer_class = AppointmentSerializer
    action = "call_next"

    @operation(
        "Call who is next",
        takes=NextSerializer,
        gives=AppointmentSerializer,
        refuses=[NobodyWaits, StillCalled, HostRefused],
        example={"host": 18},
        answer=CALLED,
    )
    def post(self, request, office_id):
        """Call, of those who wait, whoever is next for a host. Never two hosts one."""
        offices = Office.objects.visible_to(request.user)
        office = get_object_or_404(offices, pk=office_id)
        asked = self.valid(NextSerializer)["host"]
        host = office.hosts.active().select_related("office").filter(pk=asked).first()
        if host is None:
            raise HostRefused
        return self.reply(operations.call_next(host, by=self.by))
