"""Webhooks of an office, and the log of what they were told. For its managers."""

import django_filters
import orjson
from django.shortcuts import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response

from config.api.schema import operation
from config.api.views import ApiViewSet
from notifications import webhooks
from notifications.api.webhook_serializers import (
    DELIVERY,
    SECRET,
    TRY,
    WEBHOOK,
    AddWebhookSerializer,
    ChangeWebhookSerializer,
    DeliverySerializer,
    DeliveryWithTriesSerializer,
    WebhookSerializer,
    WebhookWithSecretSerializer,
)
from notifications.exceptions import StillOnItsWay, TooManyWebhooks, WebhookOff
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.states import Status
from offices.api.locks import with_office
from offices.models import Office
from offices.permissions import require
from offices.roles import Permission


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
