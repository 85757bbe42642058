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

# The hosts that are asked about: one, or all who serve the service there. As an array
# they are looked up once; with IN, before statistics are fresh, PostgreSQL may look
# them up again for every host's day (measured: 40 ms instead of 1.4 for a month).
HOSTS = """
host_id = ANY(ARRAY(SELECT host_id FROM offices_serving
                    WHERE office_id = %(office)s AND service_id = %(service)s))
AND (%(host)s::bigint IS NULL OR host_id = %(host)s)
"""

SERVING = f"""
SELECT * FROM (SELECT *, id AS host_id FROM offices_host) AS host WHERE {HOSTS}
"""  # noqa: S608 (put together from our own constants)  # nosec B608

FREE = f"""
SELECT host_id, free::text FROM availability_hostday
WHERE office_id = %(office)s AND day = %(day)s AND free <> 0::bit(100) AND {HOSTS}
ORDER BY host_id
"""  # noqa: S608 (put together from our own constants)  # nosec B608

STARTS_BY_DAY = f"""
SELECT day, bit_or({{starts}})::text FROM availability_hostday
WHERE office_id = %(office)s AND day BETWEEN %(first)s AND %(last)s AND {HOSTS}
GROUP BY day ORDER BY day
"""  # noqa: S608 (put together from our own constants)  # nosec B608

# Of each office the first day with a free start, and that day's starts.
NEXT_STARTS = """
SELECT wanted.office_id, next.day, next.starts::text
FROM unnest(%(offices)s::bigint[], %(firsts)s::date[], %(lasts)s::date[],
            %(masks)s::bit(100)[]) AS wanted (office_id, first_day, last_day, mask)
CROSS JOIN LATERAL (
    SELECT day, bit_or(starts) AS starts
    FROM (
        SELECT day, ({starts})
               & CASE WHEN day = wanted.first_day THEN wanted.mask
                      ELSE ~0::bit(100) END AS starts
        FROM availability_hostday
        WHERE office_id = wanted.office_id
          AND day BETWEEN wanted.first_day AND wanted.last_day
          AND host_id = ANY(ARRAY(SELECT host_id FROM offices_serving
                                  WHERE office_id = wanted.office_id
                                    AND service_id = %(service)s))
    ) AS host_starts
    WHERE starts <> 0::bit(100)
    GROUP BY day ORDER BY day LIMIT 1
) AS next
"""


def starts_sql(many):
    """SQL for the quarters at which `many` in a row are free (quarters.runs)."""
    return " & ".join(["free", *(f"(free << {n})" for n in range(1, many))])


def serving(offered, host=None):
    """The hosts that can serve a service at an office, by id; or the one, if it can."""
    hosts = Host.objects.raw(SERVING, _hosts(offered, host))
    return {each.pk: each for each in hosts}


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
    about = {"day": day, **_hosts(offered, host)}
    for host_id, free in rows(FREE, about):
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


def open_days(offered, first, last, *, host=None):
    """The local days, `last` included, with hours that citizens may book, if free."""
    found = _by_day("open", offered, first, last, host)
    return {day for day, hours in found.items() if hours}


def is_open(offered, slot, *, host=None):
    """Whether hosts, between them, have hours for all of a slot, free or not."""
    found = _by_day("open", offered, slot.day, slot.day, host)
    return slot.quarters & ~found.get(slot.day, 0) == 0


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
        "service": offereds[0].service_id,
    }
    return {
        pk: quarters.start_of(
            next(quarters.numbers(quarters.from_bits(starts))),
            quarters.local_day(day, offices[pk].time_zone),
        )
        for pk, day, starts in rows(NEXT_STARTS.format(starts=starts_sql(many)), about)
    }


def _starts_by_day(offered, first, last, quantity, host):
    """{local date: starts that citizens may book}, over all hosts that can serve."""
    starts = starts_sql(slots.count(offered, quantity))
    return _by_day(starts, offered, first, last, host)


def _by_day(bits, offered, first, last, host):
    """{local date: those of `bits` (SQL) that lie within the policy}."""
    bounds = slots.window(offered.office, timezone.now())
    about = {
        "first": max(first, bounds.first_day),
        "last": min(last, bounds.last_day),
        **_hosts(offered, host),
    }
    return {
        day: quarters.from_bits(found)
        & bounds.quarters_of(day, quarters.local_day(day, offered.office.time_zone))
        for day, found in rows(STARTS_BY_DAY.format(starts=bits), about)
    }


def _hosts(offered, host):
    """What HOSTS asks for."""
    return {
        "office": offered.office_id,
        "service": offered.service_id,
        "host": host and host.pk,
    }


def rows(statement, about):
    with connection.cursor() as cursor:
        cursor.execute(statement, about)
        return cursor.fetchall()
