import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from appointments import references, seen
from appointments.models.citizen import Citizen
from appointments.querysets import (
    AppointmentQuerySet,
)
from appointments.states import (
    OPEN,
    TAKES_TIME,
    TRANSITIONS,
    Channel,
    Status,
)
from availability.models import BUSY, Claim
from availability.slots import Slot
from offices.models import Host, Office, Service

HOST_NOT_DOUBLE_BOOKED = "appointment_host_not_double_booked"
PERSON_NOT_DOUBLE_BOOKED = "appointment_person_not_double_booked"
REFERENCE_ONCE = "appointments_appointment_reference_key"  # as PostgreSQL names it


class Appointment(Claim):
    """A citizen's visit to a host for one service.

    Read it freely; change it only through appointments.operations. The host is
    busy in [starts_at, busy_until): the visit and its buffer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(
        _("reference"), max_length=9, unique=True, default=references.make
    )
    office = models.ForeignKey(
        Office, models.PROTECT, related_name="appointments", verbose_name=_("office")
    )
    service = models.ForeignKey(
        Service, models.PROTECT, related_name="appointments", verbose_name=_("service")
    )
    quantity = models.PositiveSmallIntegerField(
        _("how many"), default=1, validators=[MinValueValidator(1)]
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who the host is, at whichever office; empty for a counter."),
    )
    citizen = models.ForeignKey(
        Citizen,
        models.PROTECT,
        related_name="appointments",
        verbose_name=_("citizen"),
    )
    ends_at = models.DateTimeField(_("ends"))
    status = models.CharField(
        _("status"), max_length=16, choices=Status, default=Status.CONFIRMED
    )
    channel = models.CharField(_("booked by"), max_length=16, choices=Channel)
    purpose = models.TextField(_("purpose"), blank=True)
    access_needs = models.TextField(_("access needs"), blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    note = models.TextField(
        _("note"), blank=True, help_text=_("Written by staff, for the office alone.")
    )
    # What staff knew when they set its time beyond the rules: that it was outside the
    # hours, and that it was closed then. Each is taken back by the next time it gets.
    outside_hours = models.BooleanField(default=False, editable=False)
    despite_closure = models.BooleanField(default=False, editable=False)
    sequence = models.PositiveIntegerField(
        default=0, help_text=_("Rises with each change that a calendar must hear of.")
    )
    ticket = models.PositiveSmallIntegerField(
        _("ticket"),
        null=True,
        blank=True,
        help_text=_("Number of the day at its office, given at check-in."),
    )
    checked_in_at = models.DateTimeField(_("checked in"), null=True, blank=True)
    called_at = models.DateTimeField(_("called"), null=True, blank=True)
    called_to = models.ForeignKey(
        Host,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("called by"),
        help_text=_("The host who serves, which may be another than was planned."),
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    created_at = models.DateTimeField(_("booked"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    purged_at = models.DateTimeField(
        _("personal data deleted"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Since then only figures are left of it."),
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        indexes = [
            models.Index(name="appointment_office_day", fields=["office", "day"]),
            models.Index(name="appointment_host_day", fields=["host", "day"]),
            models.Index(
                name="appointment_open_office_day",
                fields=["office", "day"],
                condition=Q(status__in=OPEN),
            ),
            models.Index(
                name="appointment_unpurged",
                fields=["office", "day"],
                condition=Q(purged_at=None),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="appointment_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="appointment_channel_known",
                condition=Q(channel__in=Channel.values),
            ),
            models.CheckConstraint(
                name="appointment_ends_after_start",
                condition=Q(ends_at__gt=F("starts_at"))
                & Q(busy_until__gte=F("ends_at")),
            ),
            models.CheckConstraint(
                name="appointment_quantity_positive", condition=Q(quantity__gte=1)
            ),
            models.UniqueConstraint(
                name="appointment_ticket_once_a_day",
                fields=["office", "day", "ticket"],
                condition=Q(ticket__isnull=False),
            ),
            models.CheckConstraint(
                name="appointment_called_has_been_checked_in",
                condition=Q(called_at=None) | Q(checked_in_at__isnull=False),
            ),
            ExclusionConstraint(
                name=HOST_NOT_DOUBLE_BOOKED,
                expressions=[
                    ("host", RangeOperators.EQUAL),
                    (BUSY, RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=TAKES_TIME),
            ),
            ExclusionConstraint(
                name=PERSON_NOT_DOUBLE_BOOKED,
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (BUSY, RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=TAKES_TIME, person__isnull=False),
            ),
        ]

    def __str__(self):
        return self.reference

    @classmethod
    def from_db(cls, *args, **kwargs):
        appointment = super().from_db(*args, **kwargs)
        seen.note_appointment(appointment)
        return appointment

    def can_become(self, status):
        return status in TRANSITIONS.get(self.status, ())

    @property
    def slot(self):
        """The time it takes up, as claims are told of it."""
        return Slot(
            self.day, self.quarters, self.starts_at, self.ends_at, self.busy_until
        )

    @property
    def local_start(self):
        """Its start on the office's clock."""
        return self.starts_at.astimezone(self.office.zone)

    @property
    def local_end(self):
        """Its end on the office's clock."""
        return self.ends_at.astimezone(self.office.zone)
