"""What holds between appointments, holds and host days, whatever has happened.

Each function returns what breaks a rule, as a list that should be empty; all of
them look at every row in one statement. Tests and `manage.py doctor` ask them.
"""

from datetime import timedelta
from itertools import pairwise

from django.db import connection, transaction
from django.db.models import F, Q

from appointments.models import Appointment
from appointments.states import TAKES_TIME, Status
from availability import claims, quarters
from availability.models import Hold

# Sorted by start, whoever begins before all earlier ones have ended overlaps one of
# them. Comparing each with each would take hours.
OVERLAPS = """
WITH taking AS (
    SELECT id, reference, starts_at, busy_until, 'host' AS kind, host_id AS whose
    FROM appointments_appointment WHERE status = ANY(%(taking_time)s)
    UNION ALL
    SELECT id, reference, starts_at, busy_until, 'person', person_id
    FROM appointments_appointment
    WHERE status = ANY(%(taking_time)s) AND person_id IS NOT NULL
), behind AS (
    SELECT *, max(busy_until) OVER (
        PARTITION BY kind, whose ORDER BY starts_at, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy
    FROM taking
)
SELECT DISTINCT earlier.reference, later.reference
FROM behind AS later JOIN taking AS earlier USING (kind, whose)
WHERE later.starts_at < later.busy
  AND (earlier.starts_at, earlier.id) < (later.starts_at, later.id)
  AND earlier.busy_until > later.starts_at
ORDER BY 1, 2
"""

# What a host's day should have claimed, beside what it has; also where two claims
# share a quarter-hour.
MISCLAIMED = """
WITH claim AS (
    SELECT host_id, day, quarters FROM availability_hold
    UNION ALL
    SELECT host_id, day, quarters FROM appointments_appointment
    WHERE status = ANY(%(taking_time)s)
), due AS (
    SELECT host_id, day, bit_or(quarters) AS quarters,
           sum(bit_count(quarters)) <> bit_count(bit_or(quarters)) AS is_double
    FROM claim GROUP BY host_id, day
)
SELECT host_id, day, kept.claimed::text, due.quarters::text
FROM due FULL JOIN availability_hostday AS kept USING (host_id, day)
WHERE coalesce(kept.claimed, 0::bit(100)) <> coalesce(due.quarters, 0::bit(100))
   OR due.is_double
ORDER BY host_id, day
"""

# Repair. Whoever books holds the lock of the host's day until the commit, so what is
# read after the lock is all that there is.
ADD_DAYS = """
INSERT INTO availability_hostday (host_id, office_id, day, open, claimed)
SELECT host.id, host.office_id, wrong.day, 0::bit(100), 0::bit(100)
FROM unnest(%(hosts)s::bigint[], %(days)s::date[]) AS wrong (host_id, day)
JOIN offices_host AS host ON host.id = wrong.host_id
ON CONFLICT (host_id, day) DO NOTHING
"""
RECLAIM = """
UPDATE availability_hostday AS host_day
SET claimed = coalesce((
    SELECT bit_or(quarters) FROM (
        SELECT quarters FROM availability_hold AS hold
        WHERE hold.host_id = host_day.host_id AND hold.day = host_day.day
        UNION ALL
        SELECT quarters FROM appointments_appointment AS appointment
        WHERE appointment.host_id = host_day.host_id
          AND appointment.day = host_day.day
          AND appointment.status = ANY(%(taking_time)s)
    ) AS claim), 0::bit(100))
WHERE (host_id, day) IN (SELECT * FROM unnest(%(hosts)s::bigint[], %(days)s::date[]))
"""

TAKING_TIME = [str(status) for status in TAKES_TIME]

# Where each is known of an appointment, if it was not closed out of hand.
HERE = [Status.CHECKED_IN, Status.IN_PROGRESS]
NOT_HERE = [Status.PENDING, Status.CONFIRMED, Status.DENIED]
NEEDED = {
    "ticket": HERE,
    "checked_in_at": HERE,
    "called_to": [Status.IN_PROGRESS],
    "started_at": [Status.IN_PROGRESS],
}
IN_ORDER = ["checked_in_at", "called_at", "started_at", "completed_at"]


def overlapping():
    """Pairs of appointments that take the same time of one host or person."""
    return _rows(OVERLAPS)


def misclaimed():
    """Host days whose `claimed` is not the union of holds and appointments."""
    return _rows(MISCLAIMED)


@transaction.atomic
def reclaim():
    """Have `claimed` be that union again where it is not, while others book."""
    wrong = sorted((host, day) for host, day, _kept, _due in misclaimed())
    if not wrong:
        return
    hosts, days = zip(*wrong, strict=True)
    about = {"hosts": list(hosts), "days": list(days), "taking_time": TAKING_TIME}
    with connection.cursor() as cursor:
        cursor.execute(ADD_DAYS, about)
        claims.lock(wrong)
        cursor.execute(RECLAIM, about)


def misplaced():
    """Holds and appointments whose quarters do not say when they are."""
    return [
        claim
        for model in (Hold, Appointment)
        for claim in model.objects.select_related("host__office").iterator()
        if not _is_in_place(claim)
    ]


def _is_in_place(claim):
    day = quarters.local_day(claim.day, claim.host.office.time_zone)
    numbers = list(quarters.numbers(claim.quarters))
    ends_at = getattr(claim, "ends_at", claim.busy_until)
    return (
        numbers == list(range(numbers[0], numbers[-1] + 1))
        and quarters.start_of(numbers[0], day) == claim.starts_at
        and quarters.start_of(numbers[-1] + 1, day) == claim.busy_until
        and numbers[-1] < day.length
        and timedelta(0) <= claim.busy_until - ends_at
    )


def untimely():
    """Appointments whose times at the desk do not say how far they have got.

    Whoever is here has a ticket. What is over keeps the times there were.
    """
    never = Q(completed_at__isnull=False) & ~Q(status=Status.COMPLETED)
    for name, statuses in NEEDED.items():
        never |= Q(status__in=statuses, **{name: None})
    for name in NEEDED.keys() - {"ticket"}:
        never |= Q(status__in=NOT_HERE, **{f"{name}__isnull": False})
    for earlier, later in pairwise(IN_ORDER):
        never |= Q(**{f"{later}__lt": F(earlier)})
    return list(Appointment.objects.filter(never))


def broken():
    """All that is broken, by the rule that it breaks."""
    rules = (overlapping, misclaimed, misplaced, untimely)
    found = {rule.__name__: rule() for rule in rules}
    return {rule: rows for rule, rows in found.items() if rows}


def _rows(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement, {"taking_time": TAKING_TIME})
        return cursor.fetchall()
