"""The fields of the calendar's forms, with the browser's own pickers."""

from datetime import UTC, datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from availability.models import Weekday
from availability.quarters import midnight
from availability.validators import validate_quarter_hour
from offices.validators import validate_day

OVER = _("This day is over. Choose today or a later one.")
QUARTER_SECONDS = 900  # the step of the browser's picker


def time_field(label, **options):
    return forms.TimeField(
        label=label,
        validators=[validate_quarter_hour],
        widget=forms.TimeInput(
            attrs={"type": "time", "step": QUARTER_SECONDS}, format="%H:%M"
        ),
        error_messages={
            "invalid": _("Enter a time like 08:30."),
            "required": _("Enter a time like 08:30."),
        },
        **options,
    )


def day_field(label, **options):
    return forms.DateField(
        label=label,
        validators=[validate_day],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "invalid": _("Enter a date like 2026-11-30."),
            "required": _("Enter a date like 2026-11-30."),
        },
        **options,
    )


def reason_field(**options):
    return forms.CharField(label=_("Reason"), max_length=200, required=False, **options)


def weekdays_field():
    return forms.TypedMultipleChoiceField(
        label=_("Weekdays"),
        choices=Weekday,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose one weekday at least.")},
    )


def host_field(**options):
    return forms.ModelChoiceField(
        label=_("Host"),
        queryset=None,
        error_messages={
            "required": _("Choose whose hours these are."),
            "invalid_choice": _("Choose one of the hosts of this office."),
        },
        **options,
    )


def instant_of(day, clock, office, *, last=False):
    """The aware instant of an office's date and time; no time is the day's end.

    Of a time that clocks show twice, the first or the `last`. Raises
    ValidationError for one that they skip.
    """
    if clock is None or (clock == time() and last):
        return midnight(day + timedelta(days=1), office.time_zone)
    shown = datetime.combine(day, clock)
    instant = shown.replace(tzinfo=office.zone, fold=int(last)).astimezone(UTC)
    if instant.astimezone(office.zone).replace(tzinfo=None) != shown:
        raise ValidationError(
            _("Clocks go forward on this day and skip this time. Choose another.")
        )
    return instant
