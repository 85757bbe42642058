from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models import AppointmentEvent
from appointments.states import EventKind
from notifications.models.owed import Owed
from notifications.posting import check_url
from notifications.querysets import (
    WebhookAttemptQuerySet,
    WebhookDeliveryQuerySet,
    WebhookEndpointQuerySet,
)
from notifications.signing import new_secret
from offices.models import Office


class WebhookEndpoint(models.Model):
    """Where another system wants to hear of events of an office's appointments.

    Change it only through notifications.webhooks.
    """

    # How long the old secret still signs after there is a new one.
    BOTH_SECRETS_FOR = timedelta(hours=24)

    office = models.ForeignKey(
        Office,
        models.CASCADE,
        related_name="webhook_endpoints",
        verbose_name=_("office"),
    )
    url = models.URLField(_("address"), max_length=500, validators=[check_url])
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
    old_secret = models.CharField(
        _("old secret"), max_length=64, blank=True, editable=False
    )
    old_secret_until = models.DateTimeField(
        _("old secret until"), null=True, blank=True, editable=False
    )
    is_active = models.BooleanField(_("active"), default=True)
    switched_off_at = models.DateTimeField(
        _("switched off"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When it was given up, since nothing arrived for three days."),
    )
    notice_due_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("When to write to the managers that it is off; empty: nothing to."),
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        ordering = ["office", "url"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [
            models.Index(
                name="webhookendpoint_notice_due",
                fields=["notice_due_at"],
                condition=Q(notice_due_at__isnull=False),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="webhookendpoint_url_once_per_office",
                fields=["office", "url"],
                violation_error_message=_(
                    "This office already has a webhook to this address."
                ),
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

    @property
    def signing_secrets(self):
        """What to sign with now: two secrets while one takes over from the other."""
        until = self.old_secret_until
        overlap = until is not None and until > timezone.now()
        return [self.secret, self.old_secret] if overlap else [self.secret]


class WebhookDelivery(Owed):
    """One event on its way to one endpoint; each try of it is a WebhookAttempt."""

    GIVE_UP_AFTER = timedelta(days=3)

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
    wanted_at = models.DateTimeField(
        _("wanted since"),
        default=timezone.now,
        help_text=_("When it was owed, or last asked for again."),
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

    @property
    def is_given_up(self):
        """Whether it was tried, in vain, for as long as we try."""
        return self.wanted_at + self.GIVE_UP_AFTER < timezone.now()


class WebhookAttempt(models.Model):
    """One try to deliver: what was sent, and what came back. Never changed."""

    ANSWER_KEPT = 4000  # characters

    delivery = models.ForeignKey(
        WebhookDelivery,
        models.CASCADE,
        related_name="tries",
        verbose_name=_("webhook delivery"),
    )
    tried_at = models.DateTimeField(_("tried"))
    duration = models.DurationField(_("took"))
    request_headers = models.JSONField(_("headers sent"))
    response_status = models.PositiveSmallIntegerField(
        _("answer"), null=True, blank=True, help_text=_("Empty: there was none.")
    )
    response_body = models.TextField(
        _("text of the answer"), blank=True, help_text=_("Its beginning.")
    )
    error = models.TextField(_("why it failed"), blank=True)

    objects = WebhookAttemptQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        constraints = [
            models.CheckConstraint(
                name="webhookattempt_answered_or_failed",
                condition=Q(response_status__isnull=False) | ~Q(error=""),
            )
        ]

    def __str__(self):
        return f"{self.delivery}: {self.response_status or self.error}"
