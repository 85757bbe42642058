"""What is wanted: a service at an office at a time."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from appointments.api.fields import InstantField
from availability.exceptions import HostRefused, NotOffered
from offices.api.fields import IdField
from offices.models import Host, OfficeService


class ServiceAtOfficeSerializer(serializers.Serializer):
    """Reads into `offered` (an OfficeService), `quantity` and `host` (a Host).

    Raises NotOffered and HostRefused, which the operation would say next.
    """

    office = IdField(help_text=_("Its id."))
    service = IdField(help_text=_("Its id."))
    host = IdField(
        required=False, allow_null=True, help_text=_("The id of one; else anyone.")
    )
    quantity = serializers.IntegerField(
        required=False, min_value=1, max_value=100, help_text=_("How many; else one.")
    )

    def validate(self, asked):
        rows = OfficeService.objects.with_details()
        about = {name: asked.pop(name) for name in ("office", "service")}
        asked["offered"] = rows.filter(**about).first()
        if asked["offered"] is None:
            raise NotOffered
        asked["host"] = host_of(asked.get("host"))
        return asked


class ChoiceSerializer(ServiceAtOfficeSerializer):
    starts_at = InstantField(help_text=_("With an offset; one of the free times."))


def host_of(pk):
    """The host of an id; None for none asked. Raises HostRefused for no host's."""
    if pk is None:
        return None
    host = Host.objects.filter(pk=pk).first()
    if host is None:
        raise HostRefused
    return host
