from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config import logs
from notifications.states import Status


class Owed(models.Model):
    """A row of the outbox: written with what owes it, delivered after that."""

    # How long a sender may take before another tries: well above any time-out.
    LEASE = timedelta(minutes=5)

    status = models.CharField(
        _("status"), max_length=8, choices=Status, default=Status.QUEUED
    )
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    created_at = models.DateTimeField(_("owed since"), auto_now_add=True)
    request_id = models.CharField(
        _("id of the request"),
        max_length=64,
        blank=True,
        default=logs.request_id,
        db_default="",
        editable=False,
        help_text=_("Of whoever brought it about; it finds the lines in the log."),
    )

    class Meta:
        abstract = True
        indexes = [
            models.Index(
                name="%(class)s_due",
                fields=["due_at"],
                condition=Q(status=Status.QUEUED),
            ),
            # For operators: what was given up, among all that was sent.
            models.Index(
                name="%(class)s_failed",
                fields=["due_at"],
                condition=Q(status=Status.FAILED),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="%(class)s_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="%(class)s_sent_has_its_time",
                condition=Q(status=Status.SENT, sent_at__isnull=False)
                | (~Q(status=Status.SENT) & Q(sent_at=None)),
            ),
        ]
