"""Webhooks of an office, and the log of what they were told. For its managers."""

from datetime import timedelta

import django_filters
import orjson
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response

from appointments.states import EventKind
from config.api.schema import operation
from config.api.views import ApiViewSet
from notifications import webhooks
from notifications.exceptions import StillOnItsWay, TooManyWebhooks, WebhookOff
from notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notifications.states import Status
from offices.api.fields import OfficeTimeField
from offices.api.locks import with_office
from offices.models import Office
from offices.permissions import require
from offices.roles import Permission

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


class DeliveryFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=Status)

    class Meta:
        model = WebhookDelivery
        fields = ["status"]


class OfOffice(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    ordering, ordering_fields = "-id", ["id"]

    def office(self):
        """The office, for those who manage it."""
        offices = Office.objects.visible_to(self.request.user)
        office = get_object_or_404(offices, pk=self.kwargs["office_id"])
        require(self.request.user, Permission.MANAGE_OFFICE, office)
        return office


class WebhookViewSet(OfOffice):
    serializer_class = WebhookSerializer

    @property
    def cache_control(self):
        secret = getattr(self, "action", None) in ("create", "rotate")
        return "no-store" if secret else ApiViewSet.cache_control

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return WebhookEndpoint.objects.none()
        return self.office().webhook_endpoints.select_related("office")

    def seal(self, body):
        """The secret is not kept with the answer, but found again."""
        told = orjson.loads(body)
        told.pop("secret", None)
        return orjson.dumps(told).decode()

    def unseal(self, kept):
        told = orjson.loads(kept)
        endpoint = WebhookEndpoint.objects.filter(pk=told.get("id"))
        for secret in endpoint.values_list("secret", flat=True):
            told["secret"] = secret
        return orjson.dumps(told).decode()

    def reply_with_secret(self, endpoint, status):
        told = WebhookWithSecretSerializer(endpoint).data
        return Response(told, status=status)

    @operation(
        "List an office's webhooks",
        gives=WebhookSerializer(many=True),
        answer=WEBHOOK,
    )
    def list(self, request, office_id):
        """Where other systems hear of the office's appointments."""
        return super().list(request)

    @operation("Show a webhook", gives=WebhookSerializer, answer=WEBHOOK)
    def retrieve(self, request, office_id, pk):
        """Without its secret, which is told only once."""
        return super().retrieve(request)

    @operation(
        "Add a webhook",
        takes=AddWebhookSerializer,
        gives=WebhookWithSecretSerializer,
        status=201,
        refuses=[TooManyWebhooks],
        example={"url": WEBHOOK["url"], "events": WEBHOOK["events"]},
        answer={**WEBHOOK, **SECRET},
    )
    def create(self, request, office_id):
        """From now on each of these events is posted there, signed with the secret."""
        office = self.office()
        endpoint = WebhookEndpoint(office=office, **self.valid(AddWebhookSerializer))
        webhooks.save(endpoint, by=request.user)
        return self.reply_with_secret(endpoint, status=201)

    @operation(
        "Change a webhook",
        takes=ChangeWebhookSerializer,
        gives=WebhookSerializer,
        example={"is_active": False},
        answer={**WEBHOOK, "is_active": False},
    )
    def partial_update(self, request, office_id, pk):
        """What is left out stays. Switched off, what is on its way has failed."""
        with self.unchanged(self.get_object(), lock=with_office) as endpoint:
            changes = self.valid(ChangeWebhookSerializer, partial=True)
            for name, value in changes.items():
                setattr(endpoint, name, value)
            return self.reply(webhooks.save(endpoint, by=request.user))

    @operation("Delete a webhook", status=204)
    def destroy(self, request, office_id, pk):
        """Its log goes with it."""
        with self.unchanged(self.get_object(), lock=with_office) as endpoint:
            webhooks.delete(endpoint, by=request.user)
        return Response(status=204)

    @operation(
        "Give a webhook a new secret",
        gives=WebhookWithSecretSerializer,
        answer={**WEBHOOK, "old_secret_until": "2027-01-12T09:00:00+01:00", **SECRET},
    )
    def rotate(self, request, office_id, pk):
        """For 24 hours deliveries are signed with the old one as well."""
        endpoint = webhooks.rotate(self.get_object(), by=request.user)
        return self.reply_with_secret(endpoint, status=200)


class DeliveryViewSet(OfOffice):
    serializer_class = DeliveryWithTriesSerializer
    filterset_class = DeliveryFilter

    def get_serializer_class(self):
        return DeliverySerializer if self.action == "list" else self.serializer_class

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return WebhookDelivery.objects.none()
        endpoints = self.office().webhook_endpoints
        endpoint = get_object_or_404(endpoints, pk=self.kwargs["webhook_id"])
        return endpoint.deliveries.select_related("endpoint__office")

    @operation(
        "List a webhook's deliveries",
        gives=DeliverySerializer(many=True),
        answer=DELIVERY,
    )
    def list(self, request, office_id, webhook_id):
        """What it was told, the last first."""
        return super().list(request)

    @operation(
        "Show a delivery",
        gives=DeliveryWithTriesSerializer,
        answer={**DELIVERY, "tries": [TRY]},
    )
    def retrieve(self, request, office_id, webhook_id, pk):
        """One event on its way to one webhook: each request, and what came back."""
        return super().retrieve(request)

    @operation(
        "Send a delivery again",
        gives=DeliveryWithTriesSerializer,
        refuses=[StillOnItsWay, WebhookOff],
        answer={
            **DELIVERY,
            **{"status": "queued", "attempts": 0, "sent_at": None, "tries": [TRY]},
        },
    )
    def replay(self, request, office_id, webhook_id, pk):
        """The same content with the same id, signed anew; whether it arrived or not."""
        return self.reply(webhooks.replay(self.get_object(), by=request.user))
