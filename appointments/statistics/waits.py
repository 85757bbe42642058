"""How many days citizens wait for a free time: written down each night, and read."""

from datetime import date
from typing import NamedTuple

from appointments.models import NextFreeDay
from appointments.statistics.periods import days_to_next_free
from availability.queries import rows

WAITS = """
SELECT date_trunc(%(period)s, day::timestamp)::date, avg(days)::float,
       count(*) FILTER (WHERE days IS NULL)::float / count(*)
FROM appointments_nextfreeday
WHERE office_id = ANY(%(offices)s) AND day BETWEEN %(first)s AND %(last)s
AND (%(service)s::bigint IS NULL OR service_id = %(service)s)
GROUP BY 1
"""

SINCE = """
SELECT min(day) FROM appointments_nextfreeday WHERE office_id = ANY(%(offices)s)
"""


class Waits(NamedTuple):
    """`since` is the first day that was written down, None before there is one.

    `days`: {first day of a period: (mean days, share of those with nothing free)}.
    """

    since: date | None
    days: dict[date, tuple[float | None, float]]


def record(office):
    """Write today's waits at an office; a second time on one day changes nothing."""
    today = office.today()
    NextFreeDay.objects.bulk_create(
        [
            NextFreeDay(office=office, service_id=service, day=today, days=days)
            for service, days in days_to_next_free(office).items()
        ],
        ignore_conflicts=True,
    )


def over_time(scope):
    """The Waits of a Scope; a host has none of his own."""
    about = scope.about()
    ((since,),) = rows(SINCE, about)
    return Waits(since, {start: wait for start, *wait in rows(WAITS, about)})
