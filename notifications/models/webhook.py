from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appointments.models import AppointmentEvent
from appointments.states import EventKind
from notifications.models.owed import Owed
from notifications.querysets import WebhookDeliveryQuerySet, WebhookEndpointQuerySet
from notifications.signing import new_secret
from offices.models import Office


class WebhookEndpoint(models.Model):
    """Where another system wants to hear of events of an office's appointments.

    Nothing is owed to endpoints yet: this is the room for it.
    """

    office = models.ForeignKey(
        Office,
        models.CASCADE,
        related_name="webhook_endpoints",
        verbose_name=_("office"),
    )
    url = models.URLField(_("address"), max_length=500)
    events = ArrayField(
        models.CharField(max_length=16, choices=EventKind), verbose_name=_("events")
    )
    secret = models.CharField(
        _("secret"),
        max_length=64,
        default=new_secret,
        editable=False,
        help_text=_("What deliveries are signed with. Shown once, when it is made."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        ordering = ["office", "url"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.UniqueConstraint(
                name="webhookendpoint_url_once_per_office", fields=["office", "url"]
            ),
            models.CheckConstraint(
                name="webhookendpoint_events_known",
                condition=Q(events__contained_by=EventKind.values) & ~Q(events=[]),
                violation_error_message=_("Choose at least one event."),
            ),
            models.CheckConstraint(
                name="webhookendpoint_has_a_secret", condition=~Q(secret="")
            ),
        ]

    def __str__(self):
        return self.url


class WebhookDelivery(Owed):
    """One event on its way to one endpoint."""

    endpoint = models.ForeignKey(
        WebhookEndpoint,
        models.CASCADE,
        related_name="deliveries",
        db_index=False,  # webhookdelivery_owed_once has it in front
        verbose_name=_("webhook"),
    )
    event = models.ForeignKey(
        AppointmentEvent,
        models.CASCADE,
        related_name="webhook_deliveries",
        verbose_name=_("event"),
    )
    payload = models.JSONField(_("content"))
    response_status = models.PositiveSmallIntegerField(
        _("answer"), null=True, blank=True, help_text=_("Status of the last answer.")
    )

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta(Owed.Meta):
        abstract = False
        ordering = ["-pk"]
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            *Owed.Meta.constraints,
            models.UniqueConstraint(
                name="webhookdelivery_owed_once", fields=["endpoint", "event"]
            ),
        ]

    def __str__(self):
        return f"{self.event}, {self.endpoint}"
