from datetime import time

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from availability.fields import QuartersField
from availability.functions import TsTzRange, Without
from availability.querysets import (
    AvailabilityRuleQuerySet,
    HoldQuerySet,
    HostDayQuerySet,
    OfHostQuerySet,
)
from availability.validators import validate_quarter_hour
from offices.models import Host, Office, Service
from offices.times import clock_span, full_date, office_when
from offices.validators import validate_days

MIDNIGHT = time()
BUSY = TsTzRange("starts_at", "busy_until", RangeBoundary())


class Weekday(models.IntegerChoices):
    """ISO 8601: Monday is 1."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class AvailabilityRule(models.Model):
    """Hours in which a host sees people: on weekdays for a time, or on one date.

    Times are the office's clock; an end of 0:00 means midnight at the day's end.
    """

    host = models.ForeignKey(
        Host, models.CASCADE, related_name="rules", verbose_name=_("host")
    )
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday),
        verbose_name=_("weekdays"),
        default=list,
        blank=True,
    )
    day = models.DateField(_("only on"), null=True, blank=True)
    start_time = models.TimeField(_("from"), validators=[validate_quarter_hour])
    end_time = models.TimeField(_("until"), validators=[validate_quarter_hour])
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    objects = AvailabilityRuleQuerySet.as_manager()

    class Meta:
        ordering = ["host", "day", "weekdays", "start_time"]
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints = [
            models.CheckConstraint(
                name="availabilityrule_weekly_or_one_date",
                condition=(Q(day=None) & ~Q(weekdays=[]))
                | Q(day__isnull=False, weekdays=[], valid_from=None, valid_until=None),
                violation_error_message=_("Choose weekdays, or one date; not both."),
            ),
            models.CheckConstraint(
                name="availabilityrule_weekdays_known",
                condition=Q(weekdays__contained_by=Weekday.values),
            ),
            models.CheckConstraint(
                name="availabilityrule_ends_after_start",
                condition=Q(end_time__gt=F("start_time")) | Q(end_time=MIDNIGHT),
                violation_error_message=_("The hours must end after they start."),
            ),
            models.CheckConstraint(
                name="availabilityrule_valid_until_after_from",
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gte=F("valid_from")),
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self):
        weekly = ", ".join(str(Weekday(day).label) for day in self.weekdays)
        days = full_date(self.day) if self.day else weekly
        return f"{days} {clock_span(self.start_time, self.end_time)}"

    def clean(self):
        validate_days(self, "day", "valid_from", "valid_until")


class ExceptionKind(models.TextChoices):
    AWAY = "away", _("Away")
    EXTRA = "extra", _("Extra hours")


class AvailabilityException(models.Model):
    """One date that differs: time away or extra hours; the series stays.

    Without times it is the whole day. Where both are said of a time, away wins.
    """

    host = models.ForeignKey(
        Host, models.CASCADE, related_name="exceptions", verbose_name=_("host")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=ExceptionKind)
    day = models.DateField(_("day"))
    start_time = models.TimeField(
        _("from"), default=MIDNIGHT, validators=[validate_quarter_hour]
    )
    end_time = models.TimeField(
        _("until"), default=MIDNIGHT, validators=[validate_quarter_hour]
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = OfHostQuerySet.as_manager()

    class Meta:
        ordering = ["host", "day", "start_time"]
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        indexes = [
            models.Index(name="availabilityexc_host_day", fields=["host", "day"])
        ]
        constraints = [
            models.CheckConstraint(
                name="availabilityexception_kind_known",
                condition=Q(kind__in=ExceptionKind.values),
            ),
            models.CheckConstraint(
                name="availabilityexception_ends_after_start",
                condition=Q(end_time__gt=F("start_time")) | Q(end_time=MIDNIGHT),
                violation_error_message=_("The time must end after it starts."),
            ),
        ]

    def __str__(self):
        hours = clock_span(self.start_time, self.end_time)
        return f"{self.get_kind_display()}, {full_date(self.day)} {hours}"

    def clean(self):
        validate_days(self, "day")


class HostDay(models.Model):
    """The precomputed slots of one host on one day of the office's calendar.

    `open` is what the hours offer, written by generation alone; `claimed` what
    holds and appointments take, written by claims alone. `office` repeats the
    host's, so that an office's month is one index scan. No index may cover the
    bits: they change with each claim, and must stay HOT-updatable.
    """

    host = models.ForeignKey(
        Host,
        models.CASCADE,
        related_name="days",
        db_index=False,  # hostday_once_per_host has it in front
        verbose_name=_("host"),
    )
    office = models.ForeignKey(
        Office,
        models.CASCADE,
        related_name="+",
        db_index=False,
        verbose_name=_("office"),
    )
    day = models.DateField(_("day"))
    open = QuartersField(default=0)
    claimed = QuartersField(default=0)
    free = models.GeneratedField(
        expression=Without("open", "claimed"),
        output_field=QuartersField(),
        db_persist=True,
    )

    objects = HostDayQuerySet.as_manager()

    class Meta:
        ordering = ["day", "host"]
        verbose_name = _("host's day")
        verbose_name_plural = _("hosts' days")
        indexes = [models.Index(name="hostday_office_day", fields=["office", "day"])]
        constraints = [
            models.UniqueConstraint(
                name="hostday_once_per_host", fields=["host", "day"]
            ),
        ]

    def __str__(self):
        return f"{self.host}, {full_date(self.day)}"


class Claim(models.Model):
    """What takes time of a host: `quarters` of one `day` of the office's calendar.

    The same time as instants is [starts_at, busy_until). Every row's quarters
    are set in HostDay.claimed, in the transaction that writes the row.
    """

    host = models.ForeignKey(
        Host, models.PROTECT, related_name="%(class)ss", verbose_name=_("host")
    )
    day = models.DateField(_("day"))
    quarters = QuartersField()
    starts_at = models.DateTimeField(_("starts"))
    busy_until = models.DateTimeField(_("busy until"))

    class Meta:
        abstract = True


class Hold(Claim):
    """A time kept for one browser or API client while a form is filled in."""

    id = models.UUIDField(primary_key=True)
    service = models.ForeignKey(
        Service, models.CASCADE, related_name="+", verbose_name=_("service")
    )
    quantity = models.PositiveSmallIntegerField(_("how many"), default=1)
    holder = models.CharField(
        max_length=64, help_text=_("Whose it is: an opaque name of the client.")
    )
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["expires_at"]
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        indexes = [
            models.Index(name="hold_holder", fields=["holder"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="hold_ends_after_start",
                condition=Q(busy_until__gt=F("starts_at")),
            ),
            ExclusionConstraint(
                name="hold_host_not_held_twice",
                expressions=[
                    ("host", RangeOperators.EQUAL),
                    (BUSY, RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self):
        return f"{self.host}, {office_when(self.starts_at, self.host.office)}"
