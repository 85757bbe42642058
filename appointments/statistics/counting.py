"""The queries behind the figures: five statements, however much there is to count."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from appointments.states import Actor, Channel
from appointments.statistics.scope import OF_SCOPE
from availability.queries import rows

# What a row of GROUPING SETS was grouped by, from the bits of grouping().
COUNTED_BY = {
    15: "period",
    23: "office",
    27: "host",
    29: "service",
    30: "channel",
    31: "all",
}
TAKEN_BY = {3: "period", 5: "office", 6: "host", 7: "all"}

# Counted once by all that it is grouped by, then added up: half the time.
COUNTS = f"""
SELECT grouping(starts_on, office_id, host_id, service_id, channel),
       starts_on, coalesce(office_id, host_id, service_id), channel,
       coalesce(sum(booked), 0)::int, coalesce(sum(completed), 0)::int,
       coalesce(sum(no_show), 0)::int, coalesce(sum(cancelled), 0)::int,
       coalesce(sum(denied), 0)::int, coalesce(sum(walk_in), 0)::int
FROM (
    SELECT date_trunc(%(period)s, day::timestamp)::date AS starts_on,
           office_id, host_id, service_id, channel,
           count(*) FILTER (WHERE status <> 'denied') AS booked,
           count(*) FILTER (WHERE status = 'completed') AS completed,
           count(*) FILTER (WHERE status = 'no_show') AS no_show,
           count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
           count(*) FILTER (WHERE status = 'denied') AS denied,
           count(*) FILTER (WHERE channel = 'walk_in' AND status <> 'denied')
               AS walk_in
    FROM appointments_appointment AS visit
    WHERE {OF_SCOPE}
    GROUP BY 1, 2, 3, 4, 5
) AS counted
GROUP BY GROUPING SETS
    ((), (starts_on), (office_id), (host_id), (service_id), (channel))
"""  # noqa: S608 (put together from our own constants)  # nosec B608

# Minutes from check-in until the call (or the start), and days from booking to visit.
TIMES = f"""
SELECT starts_on, count(waited),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY waited),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY lead)
FROM (
    SELECT date_trunc(%(period)s, day::timestamp)::date AS starts_on,
           extract(epoch FROM coalesce(called_at, started_at)
                              - checked_in_at)::float / 60 AS waited,
           CASE WHEN channel <> 'walk_in' AND status <> 'denied' THEN
               greatest(extract(epoch FROM starts_at - created_at) / 86400, 0)::float
           END AS lead
    FROM appointments_appointment AS visit
    WHERE {OF_SCOPE}
) AS timed
GROUP BY GROUPING SETS ((), (starts_on))
"""  # noqa: S608 (put together from our own constants)  # nosec B608

CANCELLED = f"""
SELECT event.actor_kind,
       CASE WHEN visit.starts_at - event.created_at < interval '1 day' THEN 0
            WHEN visit.starts_at - event.created_at < interval '7 days' THEN 1
            ELSE 2 END,
       count(*)
FROM appointments_appointment AS visit
JOIN appointments_appointmentevent AS event
  ON event.appointment_id = visit.id AND event.kind = 'cancelled'
WHERE {OF_SCOPE} AND visit.status = 'cancelled'
GROUP BY 1, 2
"""  # noqa: S608 (put together from our own constants)  # nosec B608

# Visits by when they start on the clock of their office.
HOURS = f"""
SELECT extract(isodow FROM start)::int, extract(hour FROM start)::int, count(*)
FROM (
    SELECT visit.starts_at AT TIME ZONE office.time_zone AS start
    FROM appointments_appointment AS visit
    JOIN offices_office AS office ON office.id = visit.office_id
    WHERE {OF_SCOPE} AND visit.status NOT IN ('cancelled', 'denied')
) AS visits
GROUP BY 1, 2
"""  # noqa: S608 (put together from our own constants)  # nosec B608

# Open hours are those of a host, whichever service they are for.
TAKEN = """
SELECT grouping(starts_on, office_id, host_id), starts_on,
       coalesce(office_id, host_id),
       sum(bit_count(open & claimed))::float / nullif(sum(bit_count(open)), 0)
FROM (
    SELECT *, date_trunc(%(period)s, day::timestamp)::date AS starts_on
    FROM availability_hostday
    WHERE office_id = ANY(%(offices)s) AND day BETWEEN %(first)s AND %(last)s
    AND (%(host)s::bigint IS NULL OR host_id = %(host)s)
) AS kept
GROUP BY GROUPING SETS ((), (starts_on), (office_id), (host_id))
"""

ALL = None  # the key of what is not cut into parts


class Counts(NamedTuple):
    """`booked` counts all but requests that were denied, whatever became of them."""

    booked: int = 0
    completed: int = 0
    no_show: int = 0
    cancelled: int = 0
    denied: int = 0
    walk_in: int = 0

    @property
    def open(self):
        """Still to come, going on, or never closed."""
        return self.booked - self.completed - self.no_show - self.cancelled

    @property
    def no_show_rate(self):
        """The share who did not come of those whose visit is over; None of none."""
        over = self.completed + self.no_show
        return self.no_show / over if over else None

    @property
    def walk_in_share(self):
        return self.walk_in / self.booked if self.booked else None


class Times(NamedTuple):
    """Minutes waited at the desk, of how many; and days that people booked ahead."""

    waits: int = 0
    waited: float | None = None
    waited_90: float | None = None
    lead: float | None = None


class Counted(NamedTuple):
    """All that was counted; periods are named by their first day, others by their id.

    `counts`: {dimension: {key: Counts}}, where dimensions are "all" (its key is ALL)
    and those of COUNTED_BY; `taken`, the share of open hours, likewise. `times`:
    {period or ALL: Times}, `cancelled`: {(Actor, band of CANCELLED): count},
    `hours`: {(ISO weekday, hour): count}.
    """

    counts: dict[str, dict]
    times: dict[date | None, Times]
    taken: dict[str, dict]
    cancelled: dict[tuple[Actor, int], int]
    hours: dict[tuple[int, int], int]

    @property
    def total(self):
        return self.counts["all"][ALL]


def count(scope):
    """Ask all that the figures of a Scope need; returns Counted."""
    about = scope.about()
    return Counted(
        counts=_counts(about),
        times={
            start: Times(waits, *(waited or (None, None)), lead)
            for start, waits, waited, lead in rows(TIMES, about)
        },
        taken=_taken(about),
        cancelled={(Actor(who), late): n for who, late, n in rows(CANCELLED, about)},
        hours={(day, hour): n for day, hour, n in rows(HOURS, about)},
    )


def _counts(about):
    found = defaultdict(dict)
    for grouped, start, pk, channel, *counted in rows(COUNTS, about):
        key = start or pk or (channel and Channel(channel))
        found[COUNTED_BY[grouped]][key] = Counts(*counted)
    return found


def _taken(about):
    found = defaultdict(dict)
    for grouped, start, pk, share in rows(TAKEN, about):
        found[TAKEN_BY[grouped]][start or pk] = share
    return found
