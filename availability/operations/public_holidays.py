"""Closures that public holidays make."""

from datetime import timedelta
from functools import lru_cache

import holidays
from django.conf import settings
from django.utils import timezone

from availability import generation, quarters
from offices.models import Closure, ClosureKind


def calendar_of(office):
    """What an office's public holidays depend on, and what they are called."""
    return office.country, office.subdivision, office.time_zone, office.language


def renew_holidays(before, office):
    """Make the holidays to come anew; those on which the office opens stay open."""
    holidays_to_come = office.closures.holidays().filter(ends_at__gt=timezone.now())
    overridden = {
        before.local_day(closure.starts_at)
        for closure in holidays_to_come.filter(is_overridden=True)
    }
    holidays_to_come.delete()
    close_on_holidays(office, max([generation.horizon(office), *overridden]))
    for closure in holidays_to_come.all():
        if office.local_day(closure.starts_at) in overridden:
            closure.is_overridden = True
            closure.save(update_fields=["is_overridden"])


def close_on_holidays(office, until, *, since=None):
    """Make a closure of each public holiday that has none; keep what staff set."""
    first = since or office.today()
    known = holidays_of(
        office.country, office.subdivision, first.year, until.year, office.language
    )
    Closure.objects.bulk_create(
        [
            Closure(
                office=office,
                kind=ClosureKind.HOLIDAY,
                starts_at=quarters.midnight(day, office.time_zone),
                ends_at=quarters.midnight(day + timedelta(days=1), office.time_zone),
                reason=name,
                reason_translations=translations,
            )
            for day, name, translations in known
            if first <= day <= until
        ],
        ignore_conflicts=True,
    )


@lru_cache(maxsize=256)
def holidays_of(country, subdivision, first, last, language):
    """[(day, name, {other language: name})] of some years, in order.

    In `language` if the calendar of the country speaks it, else in the country's own.
    """

    def named(spoken):
        return holidays.country_holidays(
            country,
            subdiv=subdivision or None,
            years=range(first, last + 1),
            language=spoken,
        )

    usual = named(None)
    spoken = {code: _spoken(code, usual) for code, _name in settings.LANGUAGES}
    names = {code: named(speaks) for code, speaks in spoken.items() if speaks}
    own = names.pop(language, usual)
    return [
        (day, own[day][:200], {code: there[day][:200] for code, there in names.items()})
        for day in sorted(own)
    ]


def _spoken(language, known):
    """What a calendar of holidays calls a language ("en_IE"); None if it knows none."""
    codes = [known.default_language or "", *known.supported_languages]
    return next((code for code in codes if code.split("_")[0] == language), None)
