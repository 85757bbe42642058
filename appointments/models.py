import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from appointments import references, seen
from appointments.functions import Digits
from appointments.querysets import (
    AppointmentEventQuerySet,
    AppointmentQuerySet,
    CalendarFeedQuerySet,
    CitizenQuerySet,
)
from appointments.records import Access, Export, NextFreeDay
from appointments.states import (
    OPEN,
    TAKES_TIME,
    TRANSITIONS,
    Actor,
    Channel,
    EventKind,
    Status,
)
from availability.models import BUSY, Claim
from availability.slots import Slot
from offices.functions import Fold
from offices.models import Host, Office, Service

__all__ = [
    "Access",
    "Appointment",
    "AppointmentEvent",
    "CalendarFeed",
    "Citizen",
    "Export",
    "NextFreeDay",
]

HOST_NOT_DOUBLE_BOOKED = "appointment_host_not_double_booked"
PERSON_NOT_DOUBLE_BOOKED = "appointment_person_not_double_booked"
REFERENCE_ONCE = "appointments_appointment_reference_key"  # as PostgreSQL names it


class Citizen(models.Model):
    """Who comes. A guest has one row for each booking; a signed-in user one in all.

    Guests are never merged by e-mail address: whoever types an address must not
    get at what belongs to it.
    """

    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="citizen",
        verbose_name=_("account"),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    is_nobody = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text=_("The one row of all whose data has been deleted."),
    )
    search_text = models.GeneratedField(
        expression=Fold(
            Concat(
                Value(" "),
                "name",
                Value(" "),
                "email",
                Value(" "),
                Digits("phone"),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
        editable=False,
    )

    objects = CitizenQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("citizen")
        verbose_name_plural = _("citizens")
        indexes = [
            models.Index(name="citizen_email", fields=["email"]),
            GinIndex(
                name="citizen_search_text",
                fields=["search_text"],
                opclasses=["gin_trgm_ops"],
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="citizen_nobody_once",
                fields=["is_nobody"],
                condition=Q(is_nobody=True),
            )
        ]

    def __str__(self):
        return str(_("Data deleted")) if self.is_nobody else self.name

    @classmethod
    def from_db(cls, *args, **kwargs):
        citizen = super().from_db(*args, **kwargs)
        seen.note_citizen(citizen)
        return citizen


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
