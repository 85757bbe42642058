"""Closures that public holidays make."""

from datetime import timedelta

import holidays
from django.utils import timezone

from availability import generation, quarters
from offices.models import Closure, ClosureKind


def calendar_of(office):
    """What an office's public holidays depend on."""
    return office.country, office.subdivision, office.time_zone


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
    known = holidays.country_holidays(
        office.country,
        subdiv=office.subdivision or None,
        years=range(first.year, until.year + 1),
    )
    Closure.objects.bulk_create(
        [
            Closure(
                office=office,
                kind=ClosureKind.HOLIDAY,
                starts_at=quarters.midnight(day, office.time_zone),
                ends_at=quarters.midnight(day + timedelta(days=1), office.time_zone),
                reason=name[:200],
            )
            for day, name in sorted(known.items())
            if first <= day <= until
        ],
        ignore_conflicts=True,
    )
