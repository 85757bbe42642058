"""How webhooks and what they were told look in the API."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from appointments.states import EventKind
from notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from offices.api.fields import OfficeTimeField

WEBHOOK = {
    "id": 3,
    "office": 7,
    "url": "https://crm.example.org/hooks/appointments",
    "events": ["booked", "cancelled"],
    "is_active": True,
    "switched_off_at": None,
    "old_secret_until": None,
    "created_at": "2027-01-11T09:00:00+01:00",
}
SECRET = {"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfzAcIFUhQ="}
DELIVERY = {
    "id": 81,
    "webhook": 3,
    "event": 4711,
    "status": "sent",
    "attempts": 1,
    "due_at": "2027-01-11T09:00:01+01:00",
    "sent_at": "2027-01-11T09:00:01+01:00",
    "last_error": "",
    "payload": {
        "id": 4711,
        "type": "booked",
        "sequence": 1,
        "created_at": "2027-01-11T09:00:00+01:00",
        "appointment": {
            "id": "6f1f9a2e-6a0f-4c57-8d2f-0d7a4f6f1c55",
            "reference": "K7MP-2Q4X",
            "status": "confirmed",
            "office": 7,
            "service": 12,
            "host": 31,
            "starts_at": "2027-01-14T09:30:00+01:00",
            "ends_at": "2027-01-14T10:00:00+01:00",
            "quantity": 1,
        },
    },
    "created_at": "2027-01-11T09:00:00+01:00",
}
TRY = {
    "tried_at": "2027-01-11T09:00:00.521000+01:00",
    "duration_ms": 87,
    "request_headers": {"Webhook-Id": "4711", "Webhook-Timestamp": "1799654400"},
    "response_status": 200,
    "response_body": "thanks",
    "error": "",
}


class WebhookSerializer(serializers.ModelSerializer):
    events = serializers.ListField(child=serializers.ChoiceField(EventKind.choices))
    switched_off_at = OfficeTimeField(allow_null=True)
    old_secret_until = OfficeTimeField(allow_null=True)
    created_at = OfficeTimeField(help_text=_("With the office's offset."))

    class Meta:
        model = WebhookEndpoint
        fields = list(WEBHOOK)
        read_only_fields = fields


class WebhookWithSecretSerializer(WebhookSerializer):
    secret = serializers.CharField(help_text=_("Told only here. Keep it."))

    class Meta(WebhookSerializer.Meta):
        fields = [*WEBHOOK, "secret"]
        read_only_fields = fields


class AddWebhookSerializer(serializers.Serializer):
    url = serializers.URLField(max_length=500, help_text=_("https, and public."))
    events = serializers.ListField(
        child=serializers.ChoiceField(EventKind.choices),
        min_length=1,
        max_length=len(EventKind),
    )


class ChangeWebhookSerializer(AddWebhookSerializer):
    is_active = serializers.BooleanField(
        help_text=_("Switched off, it is owed nothing.")
    )


class DeliverySerializer(serializers.ModelSerializer):
    webhook = serializers.IntegerField(source="endpoint_id")
    payload = serializers.DictField(help_text=_("What is posted."))
    due_at = OfficeTimeField(
        "endpoint.office",
        help_text=_("The next try; once it has arrived, when it did."),
    )
    sent_at = OfficeTimeField("endpoint.office", allow_null=True)
    created_at = OfficeTimeField("endpoint.office")

    class Meta:
        model = WebhookDelivery
        fields = list(DELIVERY)
        read_only_fields = fields


class TrySerializer(serializers.ModelSerializer):
    tried_at = OfficeTimeField("delivery.endpoint.office")
    duration_ms = serializers.SerializerMethodField()
    request_headers = serializers.DictField()
    response_status = serializers.IntegerField(
        allow_null=True, help_text=_("Null: there was no answer.")
    )
    response_body = serializers.CharField(help_text=_("Its beginning."))
    error = serializers.CharField(help_text=_("Empty if it arrived."))

    class Meta:
        model = WebhookAttempt
        fields = list(TRY)
        read_only_fields = fields

    def get_duration_ms(self, attempt) -> int:
        return round(attempt.duration / timedelta(milliseconds=1))


class DeliveryWithTriesSerializer(DeliverySerializer):
    tries = TrySerializer(many=True, help_text=_("The first one first."))

    class Meta(DeliverySerializer.Meta):
        fields = [*DELIVERY, "tries"]
        read_only_fields = fields
