from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appointments.models.appointment import Appointment
from appointments.querysets import (
    AppointmentEventQuerySet,
)
from appointments.states import (
    Actor,
    EventKind,
)
from offices.models import Host


class AppointmentEvent(models.Model):
    """One line of an appointment's history: what happened, who did it, when, why."""

    appointment = models.ForeignKey(
        Appointment,
        models.CASCADE,
        related_name="events",
        verbose_name=_("appointment"),
    )
    kind = models.CharField(_("what"), max_length=16, choices=EventKind)
    actor_kind = models.CharField(_("by"), max_length=8, choices=Actor)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    reason = models.TextField(
        _("reason"), blank=True, help_text=_("The citizen may be told.")
    )
    override = models.TextField(
        _("beyond the rules because"), blank=True, help_text=_("For the office alone.")
    )
    previous_start = models.DateTimeField(
        _("moved from"), null=True, blank=True, help_text=_("Of a move: the old time.")
    )
    host = models.ForeignKey(
        Host,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # nobody looks for it, and hosts with a history stay
        verbose_name=_("host"),
        help_text=_("Whose appointment it was after that."),
    )
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = AppointmentEventQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("history line")
        verbose_name_plural = _("history")
        constraints = [
            models.CheckConstraint(
                name="appointmentevent_kind_known",
                condition=Q(kind__in=EventKind.values),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.appointment}"
