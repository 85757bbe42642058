"""What a field of an office may hold. Each refusal names the remedy."""

from zoneinfo import available_timezones

import holidays
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from offices.times import YEARS

# Its clocks move by two hours, so its longest day has more than the 100
# quarter-hours that a host's day can hold (availability/quarters.py).
UNSUPPORTED_TIME_ZONES = {"Antarctica/Troll"}


def validate_day(value):
    """A date, or a date and time, must be one that an office can have to do with."""
    if value.year not in YEARS:
        raise ValidationError(
            _("Choose a day from %(first)d to %(last)d."),
            code="far_day",
            params={"first": YEARS[0], "last": YEARS[-1]},
        )


def validate_days(row, *names):
    """The same of fields of `row`, each named with what is wrong; empty ones may be."""
    wrong = {}
    for name in names:
        try:
            if getattr(row, name) is not None:
                validate_day(getattr(row, name))
        except ValidationError as error:
            wrong[name] = error
    if wrong:
        raise ValidationError(wrong)


def validate_time_zone(value):
    if value not in available_timezones() or value in UNSUPPORTED_TIME_ZONES:
        raise ValidationError(
            _(
                "“%(value)s” is not a time zone this system knows. "
                "Use a name of the IANA list, like Europe/Berlin."
            ),
            code="unknown_time_zone",
            params={"value": value},
        )


def validate_country(value):
    if value not in holidays.list_supported_countries():
        raise ValidationError(
            _(
                "No public holidays are known for the country “%(value)s”. "
                "Use a two-letter ISO 3166 code, like DE."
            ),
            code="unknown_country",
            params={"value": value},
        )


def validate_subdivision(country, subdivision):
    """Raise ValidationError when `country` has no such part; "" means none."""
    known = holidays.list_supported_countries().get(country, [])
    if subdivision and subdivision not in known:
        raise ValidationError(
            _(
                "“%(value)s” is no part of %(country)s with public holidays of its "
                "own. Leave it empty or use one of: %(known)s."
            ),
            code="unknown_subdivision",
            params={
                "value": subdivision,
                "country": country,
                "known": ", ".join(known) or "–",
            },
        )
