"""How each of a person's offices stands at this moment, for the first page."""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count
from django.utils import timezone

from appointments.models import Appointment
from appointments.states import CLOSE_OUT
from availability.queries import rows
from offices.models import Office
from offices.roles import Permission

NEXT = 5  # how many of their own appointments hosts are shown

# Of each office its day and what is open at any time; the second reads only a partial
# index, however much is over.
STANDS = """
SELECT mine.office_id, today.*, unsettled.*
FROM unnest(%(offices)s::bigint[], %(days)s::date[]) AS mine (office_id, day)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status = 'confirmed'),
           count(*) FILTER (WHERE status = 'checked_in' AND called_at IS NULL),
           min(checked_in_at) FILTER (WHERE status = 'checked_in'
                                            AND called_at IS NULL),
           count(*) FILTER (WHERE status = 'in_progress'
                                  OR status = 'checked_in' AND called_at IS NOT NULL),
           count(*) FILTER (WHERE status = 'completed'),
           count(*) FILTER (WHERE status = 'no_show')
    FROM appointments_appointment
    WHERE office_id = mine.office_id AND day = mine.day
) AS today
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status = 'pending'),
           count(*) FILTER (WHERE status = ANY(%(unclosed)s) AND day < mine.day)
    FROM appointments_appointment
    WHERE office_id = mine.office_id
    AND status IN ('pending', 'confirmed', 'checked_in', 'in_progress')
) AS unsettled
"""


class Day(NamedTuple):
    """One office now; None where the number is not the person's to act on.

    `waiting` are checked in and not called, `waited` how long the first of them has;
    `served` are called or in progress; `unclosed` are over since before today.
    """

    office: Office
    expected: int
    waiting: int
    waited: timedelta | None
    served: int
    completed: int
    no_show: int
    requests: int | None
    unsupported: int | None
    unclosed: int | None


def days(offices, may):
    """The Day of each office, in two statements.

    `may` asks (permission, office id) what the person may.
    """
    now = timezone.now()
    about = {
        "offices": [office.pk for office in offices],
        "days": [office.today() for office in offices],
        "unclosed": [str(status) for status in CLOSE_OUT],
    }
    stands = {pk: told for pk, *told in rows(STANDS, about)}
    lost = Appointment.objects.unsupported().filter(office__in=offices).order_by()
    unsupported = dict(lost.values_list("office").annotate(Count("pk")))
    found = []
    for office in offices:
        expected, waiting, since, *outcomes, requests, unclosed = stands[office.pk]
        actionable = [
            (Permission.DECIDE_REQUESTS, requests),
            (Permission.BOOK_APPOINTMENTS, unsupported.get(office.pk, 0)),
            (Permission.RUN_DESK, unclosed),
        ]
        theirs = [n if may(asks, office.pk) else None for asks, n in actionable]
        waited = since and now - since
        found.append(Day(office, expected, waiting, waited, *outcomes, *theirs))
    return found


def next_of(user):
    """The next appointments of a person who hosts, at offices that are still theirs."""
    own = Appointment.objects.visible_to(user).filter(host__user=user)
    return list(own.open().with_details().order_by("starts_at", "pk")[:NEXT])
