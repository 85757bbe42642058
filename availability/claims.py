"""Taking and giving back time of a host's day: the only writer of `claimed`.

A claim is one statement that takes all the quarters it asks for, or none. It
locks the host's day, so two claims of one day take turns, and the rows behind
them (holds, appointments) never meet in their exclusion constraints.

Locks are taken in one order everywhere: the office (generation), then holds,
then host days by host and day, then appointments. Where that cannot be kept,
nobody waits: SKIP LOCKED.
"""

from django.db import connection, transaction
from django.utils import timezone

from availability.exceptions import SlotClosed, SlotTaken
from availability.quarters import ALL, from_bits, to_bits

# Which of several free hosts: the least busy day first. It passes over days that
# somebody else is claiming at this moment instead of waiting for them.
CLAIM_ANY = """
WITH candidate AS (
    SELECT id FROM availability_hostday
    WHERE day = %(day)s AND host_id = ANY(%(hosts)s)
      AND free & %(quarters)s::bit(100) = %(quarters)s::bit(100)
    ORDER BY bit_count(claimed), random()
    LIMIT 1
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE availability_hostday AS host_day
SET claimed = host_day.claimed | %(quarters)s::bit(100)
FROM candidate
WHERE host_day.id = candidate.id
  AND host_day.free & %(quarters)s::bit(100) = %(quarters)s::bit(100)
RETURNING host_day.host_id
"""

# The same, but it waits its turn; in the order in which all locks are taken.
CLAIM_WAITING = CLAIM_ANY.replace("bit_count(claimed), random()", "host_id").replace(
    " SKIP LOCKED", ""
)

# Lock, in that order, the days that are free or would be without expired holds.
LOCK_PROMISING = """
SELECT host_day.host_id FROM availability_hostday AS host_day
WHERE day = %(day)s AND host_id = ANY(%(hosts)s)
  AND open & %(quarters)s::bit(100) = %(quarters)s::bit(100)
  AND (free & %(quarters)s::bit(100) = %(quarters)s::bit(100) OR EXISTS (
      SELECT FROM availability_hold AS hold
      WHERE hold.host_id = host_day.host_id AND hold.day = host_day.day
        AND hold.quarters & %(quarters)s::bit(100) <> 0::bit(100)
        AND hold.expires_at <= %(now)s))
ORDER BY host_day.host_id
FOR NO KEY UPDATE OF host_day
"""

# For staff who may: outside the hours, but never over another claim.
CLAIM_OUTSIDE_HOURS = """
INSERT INTO availability_hostday AS host_day (host_id, office_id, day, open, claimed)
SELECT id, office_id, %(day)s, 0::bit(100), %(quarters)s::bit(100)
FROM offices_host WHERE id = %(host)s
ON CONFLICT (host_id, day) DO UPDATE
SET claimed = host_day.claimed | excluded.claimed
WHERE host_day.claimed & excluded.claimed = 0::bit(100)
RETURNING host_day.host_id
"""

# Only one of a booking, a sweep and a release can delete a hold; whoever does
# decides what becomes of its quarters. Here they stay claimed.
TAKE_OVER = """
DELETE FROM availability_hold
WHERE id = %(hold)s AND holder = %(holder)s AND host_id = ANY(%(hosts)s)
  AND day = %(day)s AND quarters = %(quarters)s::bit(100)
RETURNING host_id
"""

FREE = """
UPDATE availability_hostday
SET claimed = claimed & ~%(quarters)s::bit(100)
WHERE host_id = %(host)s AND day = %(day)s
"""

LOCK = """
SELECT host_id, day, claimed::text FROM availability_hostday
WHERE (host_id, day) IN (SELECT * FROM unnest(%(hosts)s::bigint[], %(days)s::date[]))
ORDER BY host_id, day
FOR NO KEY UPDATE
"""

# Delete holds, but for those that somebody else is deleting, and free their time.
GIVE_BACK = """
WITH ending AS (
    SELECT id FROM availability_hold
    WHERE {which}
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM availability_hold AS hold USING ending
    WHERE hold.id = ending.id
    RETURNING hold.host_id, hold.day, hold.quarters
), freed AS (
    SELECT host_id, day, bit_or(quarters) AS quarters FROM gone GROUP BY host_id, day
), locked AS (
    SELECT host_day.id, freed.quarters
    FROM availability_hostday AS host_day JOIN freed USING (host_id, day)
    ORDER BY host_day.host_id, host_day.day
    FOR NO KEY UPDATE OF host_day
)
UPDATE availability_hostday AS host_day
SET claimed = host_day.claimed & ~locked.quarters
FROM locked WHERE host_day.id = locked.id
"""

SWEEP = GIVE_BACK.format(
    which="""expires_at <= %(now)s
      AND (%(day)s::date IS NULL OR (day = %(day)s AND host_id = ANY(%(hosts)s)))"""
)

RELEASE = GIVE_BACK.format(
    which="holder = %(holder)s AND (%(hold)s::uuid IS NULL OR id = %(hold)s)"
)

# Of many at once, known by whose they are and what they keep.
TAKE_OVER_ALL = """
DELETE FROM availability_hold AS hold
USING unnest(%(hosts)s::bigint[], %(days)s::date[], %(quarters)s::bit(100)[])
      AS kept (host_id, day, quarters)
WHERE hold.holder = %(holder)s AND hold.host_id = kept.host_id
  AND hold.day = kept.day AND hold.quarters = kept.quarters
RETURNING hold.host_id, hold.day, hold.quarters::text
"""

CLAIM_ALL = """
UPDATE availability_hostday AS host_day
SET claimed = host_day.claimed | taken.quarters
FROM (
    SELECT host_id, day, bit_or(quarters) AS quarters
    FROM unnest(%(hosts)s::bigint[], %(days)s::date[], %(quarters)s::bit(100)[])
         AS each (host_id, day, quarters)
    GROUP BY host_id, day
) AS taken
WHERE host_day.host_id = taken.host_id AND host_day.day = taken.day
"""

WHY_NOT = """
SELECT coalesce(bool_or(open & %(quarters)s::bit(100) = %(quarters)s::bit(100)), FALSE)
FROM availability_hostday WHERE day = %(day)s AND host_id = ANY(%(hosts)s)
"""


def claim(hosts, slot):
    """Take the slot's quarters of one of `hosts` (ids); return that host's id.

    Raises SlotTaken when all who have hours then are busy, SlotClosed when none
    has hours. Expired holds in the way are swept first.
    """
    about = {"day": slot.day, "hosts": list(hosts), "quarters": to_bits(slot.quarters)}
    with connection.cursor() as cursor:
        host = _claim_at_once(cursor, about)
        if host is None:
            host = _claim_in_turn(cursor, about)
        if host is None:
            raise SlotTaken if _one(cursor, WHY_NOT, about) else SlotClosed
    return host


def _claim_at_once(cursor, about):
    """Claim of whoever is free and not being claimed; of a single host, wait for it.

    PostgreSQL keeps a day locked that turned out to be taken since the statement
    began. To go on to wait for others with that lock could be a deadlock.
    """
    if len(about["hosts"]) == 1:
        return _one(cursor, CLAIM_WAITING, about)
    with transaction.atomic():
        host = _one(cursor, CLAIM_ANY, about)
        transaction.set_rollback(host is None)
    return host


def _claim_in_turn(cursor, about):
    """Wait for all who may be free, sweep their expired holds, claim of one."""
    about = {**about, "now": timezone.now()}
    cursor.execute(LOCK_PROMISING, about)
    about["hosts"] = [host for (host,) in cursor.fetchall()]
    if not about["hosts"]:
        return None
    cursor.execute(SWEEP, about)
    return _one(cursor, CLAIM_WAITING, about)


def claim_outside_hours(hosts, slot):
    """Take the slot's quarters of one of `hosts` (ids), even where it has no hours.

    Returns that host's id. Raises SlotTaken when all are busy then.
    """
    about = {"day": slot.day, "quarters": to_bits(slot.quarters)}
    hosts = sorted(hosts)
    lock([(host, slot.day) for host in hosts])
    with connection.cursor() as cursor:
        cursor.execute(SWEEP, {"day": slot.day, "hosts": hosts, "now": timezone.now()})
        for host in hosts:
            if _one(cursor, CLAIM_OUTSIDE_HOURS, {**about, "host": host}) is not None:
                return host
    raise SlotTaken


def take_over(hold, *, holder, hosts, slot):
    """End a hold whose time becomes an appointment.

    `hold` is its id. Returns the host's id, or None when there is no such hold
    of `holder` (any more) for this very slot at one of `hosts` (ids).
    """
    about = {
        "hold": hold,
        "holder": holder,
        "hosts": list(hosts),
        "day": slot.day,
        "quarters": to_bits(slot.quarters),
    }
    with connection.cursor() as cursor:
        return _one(cursor, TAKE_OVER, about)


def take_over_all(wanted, *, holder):
    """End what `holder` keeps of `wanted`, (host id, slot) pairs: to be appointments.

    Returns {(host id, day, quarters)} of those that were kept.
    """
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(TAKE_OVER_ALL, {**_columns(wanted), "holder": holder})
        rows = cursor.fetchall()
    return {(host, day, from_bits(kept)) for host, day, kept in rows}


def claim_all(wanted):
    """Take what nobody has claimed of `wanted`, (host id, slot) pairs, in that order.

    Also where there are no hours, which may be about to change. Returns the pairs
    that were taken; days that nothing was ever written of are left out.
    """
    if not wanted:
        return []
    claimed = lock([(host, slot.day) for host, slot in wanted])
    taken = []
    for host, slot in wanted:
        so_far = claimed.get((host, slot.day), ALL)
        if not so_far & slot.quarters:
            claimed[host, slot.day] = so_far | slot.quarters
            taken.append((host, slot))
    with connection.cursor() as cursor:
        cursor.execute(CLAIM_ALL, _columns(taken))
    return taken


def _columns(wanted):
    """(host id, slot) pairs as what a statement unnests."""
    return {
        "hosts": [host for host, _slot in wanted],
        "days": [slot.day for _host, slot in wanted],
        "quarters": [to_bits(slot.quarters) for _host, slot in wanted],
    }


def release(holder, hold=None):
    """Delete what `holder` keeps, one hold (its id) or all, and give the time back."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, {"holder": holder, "hold": hold})


def free(host, day, quarters):
    """Give back `quarters` of a host's day."""
    with connection.cursor() as cursor:
        cursor.execute(FREE, {"host": host, "day": day, "quarters": to_bits(quarters)})


def lock(host_days):
    """Lock days, given as (host id, day), until the transaction ends.

    Returns what is claimed of each, as a set of quarter-hours: {(host id, day): int}.
    """
    hosts, days = zip(*sorted(set(host_days)), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"hosts": list(hosts), "days": list(days)})
        rows = cursor.fetchall()
    return {(host, day): from_bits(claimed) for host, day, claimed in rows}


def sweep():
    """Delete every expired hold and give its time back; return how many days."""
    with connection.cursor() as cursor:
        cursor.execute(SWEEP, {"day": None, "hosts": [], "now": timezone.now()})
        return cursor.rowcount


def _one(cursor, statement, about):
    """The first value of the first row; None without a row."""
    cursor.execute(statement, about)
    row = cursor.fetchone()
    return row and row[0]
