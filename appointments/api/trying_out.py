"""Changes of hours that `?preview=true` only tries out."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    OpenApiExample,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response

from appointments.models import Appointment
from appointments.previews import lost_by
from availability import operations
from availability.exceptions import HoursOverlap
from config.api.schema import operation
from config.api.views import ApiViewSet
from offices.api.fields import LocalTimeField
from offices.api.locks import with_office

PREVIEW = {
    "unsupported": [
        {
            "id": "0198c0de-5f3c-4b1e-9f6b-2f9d1f4e8a11",
            "reference": "K7M4-QX2P",
            "status": "confirmed",
            "service": 3,
            "host": 18,
            "starts_at": "2027-01-11T10:30:00+01:00",
            "ends_at": "2027-01-11T11:00:00+01:00",
        }
    ]
}


class UnsupportedSerializer(serializers.ModelSerializer):
    starts_at = LocalTimeField(source="local_start")
    ends_at = LocalTimeField(source="local_end")

    class Meta:
        model = Appointment
        fields = list(PREVIEW["unsupported"][0])
        read_only_fields = fields


class PreviewSerializer(serializers.Serializer):
    """What a change would do to appointments to come; nothing has been changed."""

    unsupported = UnsupportedSerializer(many=True)


class AskPreviewSerializer(serializers.Serializer):
    preview = serializers.BooleanField(
        required=False,
        default=False,
        help_text=_(
            "Change nothing: tell which appointments this would leave without hours."
        ),
    )


def change(summary, *, gives=None, status=200, **told):
    """Describe a handler that `?preview=true` only tries out (see `operation`)."""
    either = (
        PolymorphicProxySerializer(
            component_name=f"{gives.__name__.removesuffix('Serializer')}OrPreview",
            serializers=[gives, PreviewSerializer],
            resource_type_field_name=None,
        )
        if gives
        else PreviewSerializer
    )
    preview = OpenApiExample(
        "Preview", value=PREVIEW, response_only=True, status_codes=["200"]
    )
    plain = operation(
        summary,
        gives=gives,
        status=status,
        refuses=[HoursOverlap],
        parameters=[AskPreviewSerializer],
        **told,
    )
    responses = {status: gives, 200: either if status == 200 else PreviewSerializer}
    also = extend_schema(responses=responses, examples=[preview])
    return lambda handler: also(plain(handler))


class HoursViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Rows that decide when somebody can be booked."""

    def get_queryset(self):
        rows = self.model.objects.all()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.visible_to(self.request.user)

    def unchanged(self, obj, lock=with_office):
        return super().unchanged(obj, lock)

    def perform(self, act, *, office, obj=None, status=200):
        """Do it, or tell whom it would hurt."""
        asked = AskPreviewSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        if asked.validated_data["preview"]:
            lost = lost_by(act, office=office)
            return Response(PreviewSerializer({"unsupported": lost}).data)
        act()
        return Response(status=204) if obj is None else self.reply(obj, status=status)


class HostHours(HoursViewSet):
    """Rows of one host, which one operation writes."""

    def get_queryset(self):
        return super().get_queryset().select_related("host__office")

    def save(self, row, status=200):
        def act():
            operations.set_hours(row.host, save=[row], by=self.request.user)

        return self.perform(act, office=row.host.office, obj=row, status=status)

    def alter(self, serializer_class):
        with self.unchanged(self.get_object()) as row:
            for name, value in self.valid(serializer_class, partial=True).items():
                setattr(row, name, value)
            return self.save(row)

    def remove(self):
        with self.unchanged(self.get_object()) as row:
            host = row.host

            def act():
                operations.set_hours(host, delete=[row], by=self.request.user)

            return self.perform(act, office=host.office)
