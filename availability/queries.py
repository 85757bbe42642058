"""Reading free times from the precomputed days. Nothing here takes a lock.

A start is free when the whole visit fits: `slots.count` quarter-hours in a row.
Answers obey the office's lead time and booking horizon.
"""

import heapq
from collections import defaultdict
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from availability import quarters, slots
from offices.models import Host

NEAREST = 6  # how many other times a person is shown
NEARBY = timedelta(days=14)  # how far from the wanted day these are looked for

FREE = """
SELECT host_id, free::text FROM availability_hostday
WHERE day = %(day)s AND host_id = ANY(%(hosts)s) AND free <> 0::bit(100)
ORDER BY host_id
"""

STARTS_BY_DAY = """
SELECT day, bit_or({starts})::text FROM availability_hostday
WHERE office_id = %(office)s AND day BETWEEN %(first)s AND %(last)s
  AND host_id = ANY(%(hosts)s)
GROUP BY day ORDER BY day
"""

# Of each office the first day with a free start, and that day's starts.
NEXT_STARTS = """
SELECT DISTINCT ON (office_id) office_id, day, bit_or(starts)::text
FROM (
    SELECT wanted.office_id, host_day.day, ({starts})
           & CASE WHEN host_day.day = first_day THEN mask ELSE ~0::bit(100) END
           AS starts
    FROM unnest(%(offices)s::bigint[], %(firsts)s::date[], %(lasts)s::date[],
                %(masks)s::bit(100)[]) AS wanted (office_id, first_day, last_day, mask)
    JOIN availability_hostday AS host_day ON host_day.office_id = wanted.office_id
     AND host_day.day BETWEEN first_day AND last_day
    WHERE host_day.host_id = ANY(%(hosts)s)
) AS host_starts
WHERE starts <> 0::bit(100)
GROUP BY office_id, day ORDER BY office_id, day
"""


def starts_sql(many):
    """SQL for the quarters at which `many` in a row are free (quarters.runs)."""
    return " & ".join(["free", *(f"(free << {n})" for n in range(1, many))])


def serving(offered, host=None):
    """The hosts that can serve a service at an office; or the one named, if it can."""
    hosts = Host.objects.serving(offered.service_id).filter(office=offered.office_id)
    return hosts if host is None else hosts.filter(pk=host.pk)


def free_starts(offered, day, *, quantity=1, host=None, since=None):
    """The free starts of one local day: {aware UTC start: [host ids]}, in order.

    Staff name the instant `since` which they may book; None means the policy's.
    """
    many = slots.count(offered, quantity)
    local_day = quarters.local_day(day, offered.office.time_zone)
    if since is None:
        bounds = slots.window(offered.office, timezone.now())
        allowed = bounds.quarters_of(day, local_day)
    else:
        allowed = quarters.not_before(since, local_day)
    found = defaultdict(list)
    about = {"day": day, "hosts": _ids(serving(offered, host))}
    for host_id, free in _rows(FREE, about):
        starts = quarters.runs(quarters.from_bits(free), many) & allowed
        for number in quarters.numbers(starts):
            found[number].append(host_id)
    return {quarters.start_of(n, local_day): found[n] for n in sorted(found)}


def free_counts(offered, first, last, *, quantity=1, host=None):
    """How many free starts each local day has, `last` included; full days are left out.

    Returns {date: count}.
    """
    starts = _starts_by_day(offered, first, last, quantity, host)
    return {day: found.bit_count() for day, found in starts.items() if found}


def nearest(offered, instant, *, quantity=1, host=None):
    """Up to NEAREST free starts around an aware instant: in UTC and in time order."""
    day = offered.office.local_day(instant)
    by_day = _starts_by_day(offered, day - NEARBY, day + NEARBY, quantity, host)
    starts = [
        quarters.start_of(number, quarters.local_day(day, offered.office.time_zone))
        for day, found in by_day.items()
        for number in quarters.numbers(found)
    ]
    return sorted(heapq.nsmallest(NEAREST, starts, lambda s: abs(s - instant)))


def next_free(offereds, *, quantity=1):
    """The next free start of one service at several offices: {office id: UTC start}.

    `offereds` are OfficeServices of that service, with office and service. An
    office with nothing free until its horizon is left out.
    """
    by_count = defaultdict(list)
    for offered in offereds:
        if quantity <= offered.max_quantity:
            by_count[slots.count(offered, quantity)].append(offered)
    found = {}
    for many, group in by_count.items():
        found |= _next_free(group, many)
    return found


def _next_free(offereds, many):
    now = timezone.now()
    offices = {offered.office_id: offered.office for offered in offereds}
    windows = {pk: slots.window(office, now) for pk, office in offices.items()}
    first_days = {
        pk: quarters.local_day(windows[pk].first_day, office.time_zone)
        for pk, office in offices.items()
    }
    about = {
        "offices": list(offices),
        "firsts": [bounds.first_day for bounds in windows.values()],
        "lasts": [bounds.last_day for bounds in windows.values()],
        "masks": [
            quarters.to_bits(bounds.quarters_of(bounds.first_day, first_days[pk]))
            for pk, bounds in windows.items()
        ],
        "hosts": _ids(
            Host.objects.serving(offereds[0].service_id).filter(office__in=offices)
        ),
    }
    return {
        pk: quarters.start_of(
            next(quarters.numbers(quarters.from_bits(starts))),
            quarters.local_day(day, offices[pk].time_zone),
        )
        for pk, day, starts in _rows(NEXT_STARTS.format(starts=starts_sql(many)), about)
    }


def _starts_by_day(offered, first, last, quantity, host):
    """{local date: starts that citizens may book}, over all hosts that can serve."""
    many = slots.count(offered, quantity)
    bounds = slots.window(offered.office, timezone.now())
    about = {
        "office": offered.office_id,
        "first": max(first, bounds.first_day),
        "last": min(last, bounds.last_day),
        "hosts": _ids(serving(offered, host)),
    }
    return {
        day: quarters.from_bits(starts)
        & bounds.quarters_of(day, quarters.local_day(day, offered.office.time_zone))
        for day, starts in _rows(STARTS_BY_DAY.format(starts=starts_sql(many)), about)
    }


def _ids(hosts):
    return list(hosts.values_list("pk", flat=True).order_by())


def _rows(statement, about):
    with connection.cursor() as cursor:
        cursor.execute(statement, about)
        return cursor.fetchall()
