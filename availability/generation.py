"""Precomputing what hosts offer: the only writer of `open`.

One statement works out the days of any number of offices. What time zones do is
worked out here, in Python, and passed in as a table of local days; SQL only
combines bits, in two steps: what the *wall* clock offers (rules and extra hours
without time away), turned into *elapsed* quarters, without closures. See
availability.quarters for the words.

It writes only days that are missing or differ, so it can run at any time, any
number of times, and bookings wait for it only on days whose hours do change.
"""

from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Max

from availability import quarters
from availability.models import HostDay
from offices.models import Host, Office

# Wall-clock quarters of [start, end); 0:00 as an end is 24:00.
WALL_SPAN = """
    (~0::bit(100) >> (extract(epoch FROM {0}.start_time)::int / 900))
    & ~(~0::bit(100) >> CASE WHEN {0}.end_time = '00:00' THEN 96
                             ELSE extract(epoch FROM {0}.end_time)::int / 900 END)
"""

GENERATE = f"""
WITH local_day AS (
    SELECT * FROM unnest(
        %(zones)s::text[], %(days)s::date[], %(starts)s::timestamptz[],
        %(lengths)s::int[], %(changes)s::int[], %(shifts)s::int[]
    ) AS d (time_zone, day, starts_at, length, change_at, shift)
), host_day AS (
    SELECT host.id AS host_id, host.office_id,
           host.is_active AND office.status <> 'closed' AS is_active, local_day.*
    FROM offices_host AS host
    JOIN offices_office AS office ON office.id = host.office_id
    JOIN local_day ON local_day.time_zone = office.time_zone
    WHERE office.id = ANY(%(offices)s)
), offered AS (
    SELECT d.host_id, d.day, bit_or({WALL_SPAN.format("rule")}) AS wall
    FROM host_day AS d
    JOIN availability_availabilityrule AS rule ON rule.host_id = d.host_id
     AND (rule.day = d.day OR (
        rule.day IS NULL
        AND extract(isodow FROM d.day)::int = ANY(rule.weekdays)
        AND d.day >= coalesce(rule.valid_from, d.day)
        AND d.day <= coalesce(rule.valid_until, d.day)))
    GROUP BY d.host_id, d.day
), excepted AS (
    SELECT d.host_id, d.day,
           bit_or({WALL_SPAN.format("e")}) FILTER (WHERE e.kind = 'extra') AS extra,
           bit_or({WALL_SPAN.format("e")}) FILTER (WHERE e.kind = 'away') AS away
    FROM host_day AS d
    JOIN availability_availabilityexception AS e
      ON e.host_id = d.host_id AND e.day = d.day
    GROUP BY d.host_id, d.day
), closed AS (
    -- Every quarter-hour that a closure touches, counted in elapsed time.
    SELECT d.host_id, d.day, bit_or(
        (~0::bit(100) >> greatest(0, floor(
            extract(epoch FROM closure.starts_at - d.starts_at) / 900)::int))
        & ~(~0::bit(100) >> least(100, ceil(
            extract(epoch FROM closure.ends_at - d.starts_at) / 900)::int))
    ) AS elapsed
    FROM host_day AS d
    JOIN offices_closure AS closure ON closure.office_id = d.office_id
     AND (closure.host_id IS NULL OR closure.host_id = d.host_id)
     AND NOT closure.is_overridden
     AND closure.starts_at < d.starts_at + d.length * interval '15 minutes'
     AND closure.ends_at > d.starts_at
    GROUP BY d.host_id, d.day
), walled AS (
    SELECT d.*, closed.elapsed AS closed,
           (coalesce(offered.wall, 0::bit(100)) | coalesce(excepted.extra, 0::bit(100)))
           & ~coalesce(excepted.away, 0::bit(100)) AS wall
    FROM host_day AS d
    LEFT JOIN offered USING (host_id, day)
    LEFT JOIN excepted USING (host_id, day)
    LEFT JOIN closed USING (host_id, day)
), wanted AS (
    -- Up to the clock change the wall is the time elapsed; after it, shifted.
    SELECT host_id, office_id, day, CASE WHEN is_active THEN
        ((wall & ~(~0::bit(100) >> change_at))
         | (CASE WHEN shift >= 0 THEN wall << shift ELSE wall >> -shift END
            & (~0::bit(100) >> change_at)))
        & ~(~0::bit(100) >> length)
        & ~coalesce(closed, 0::bit(100))
    ELSE 0::bit(100) END AS open
    FROM walled
)
INSERT INTO availability_hostday AS kept (host_id, office_id, day, open, claimed)
SELECT wanted.host_id, wanted.office_id, wanted.day, wanted.open, 0::bit(100)
FROM wanted
LEFT JOIN availability_hostday AS had USING (host_id, day)
WHERE had.id IS NULL OR had.open <> wanted.open
ORDER BY wanted.host_id, wanted.day
ON CONFLICT (host_id, day) DO UPDATE SET open = excluded.open
"""  # noqa: S608 (put together from our own constants)  # nosec B608


@transaction.atomic
def generate(offices, *, since=None, until=None):
    """Write what the hosts of `offices` offer, from today until a local date.

    `until` is included; None means each office's booking horizon. Days beyond
    it that were written before are kept right too. `since` begins on an earlier
    date, for an office whose past is written down here. Returns how many host
    days were new or changed. What is claimed is never touched.
    """
    locked = list(
        Office.objects.filter(pk__in=[office.pk for office in offices])
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    written = 0
    for about in _by_days(locked, since, until):
        with connection.cursor() as cursor:
            cursor.execute(GENERATE, about)
            written += cursor.rowcount
    return written


def horizon(office):
    """The last day that `generate` precomputes when it is told no other."""
    return office.today() + timedelta(days=office.booking_horizon_days)


def reached(offices):
    """{office's key: the last day that all its hosts have, or None} where it has any.

    A host who came later has no days of the past, so that only the last one counts.
    """
    hosts = Host.objects.filter(office__in=offices).order_by()
    found = {}
    for office, last in hosts.values_list("office", Max("days__day")):
        so_far = found.setdefault(office, last)
        found[office] = last and so_far and min(last, so_far)
    return found


def _by_days(offices, since, until):
    """The statement's parameters, once for each group of offices alike in days."""
    groups = {}
    written_until = dict(
        HostDay.objects.filter(office__in=offices)
        .order_by()
        .values_list("office")
        .annotate(Max("day"))
    )
    for office in offices:
        last = max(until or horizon(office), written_until.get(office.pk, date.min))
        groups.setdefault((since or office.today(), last), []).append(office)
    for (first, last), group in groups.items():
        zones = sorted({office.time_zone for office in group})
        rows = [
            (zone, day, *_local(day, zone))
            for zone in zones
            for day in days(first, last)
        ]
        names = ("zones", "days", "starts", "lengths", "changes", "shifts")
        columns = zip(*rows, strict=True) if rows else [()] * len(names)
        table = dict(zip(names, map(list, columns), strict=True))
        yield {"offices": [office.pk for office in group], **table}


def days(first, last):
    """Every date from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _local(day, time_zone):
    local = quarters.local_day(day, time_zone)
    return local.starts_at, local.length, local.change.at, local.change.shift
