import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from appointments.querysets import (
    CalendarFeedQuerySet,
)
from offices.models import Host, Office


class CalendarFeed(models.Model):
    """An office's appointments, or those of one host, for somebody's own calendar.

    It shows what its user may see at the time, so it ends with the user's role. Make
    and revoke it through appointments.feeds; revoked, it is gone.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="calendar_feeds",
        verbose_name=_("whose"),
    )
    office = models.ForeignKey(
        Office,
        models.CASCADE,
        related_name="calendar_feeds",
        verbose_name=_("office"),
    )
    host = models.ForeignKey(
        Host,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="calendar_feeds",
        verbose_name=_("host"),
        help_text=_("Empty: the appointments of all."),
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        ordering = ["office", "pk"]
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self):
        return f"{self.office}: {self.host}" if self.host else str(self.office)

    def clean(self):
        if self.host is not None and self.host.office_id != self.office_id:
            raise ValidationError({"host": _("This host is at another office.")})
