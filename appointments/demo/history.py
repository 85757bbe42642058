"""Visits that are over, or too near to be booked: written as if they had happened.

Nobody can book the past, so these rows do not come from the operations. They claim
their time as every appointment does; but no signal is sent, so nobody is told.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Max

from appointments.models import Appointment, AppointmentEvent, Citizen
from appointments.operations import steps
from appointments.states import TAKES_TIME, Actor, Channel, EventKind, Status
from availability import claims, slots
from config.exceptions import DomainError

# Where the appointment itself says when a step was taken.
TIMES = {
    EventKind.CHECKED_IN: "checked_in_at",
    EventKind.CALLED: "called_at",
    EventKind.STARTED: "started_at",
    EventKind.COMPLETED: "completed_at",
}
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

# Below these fates a visit was denied (where requests are decided), cancelled, missed.
DENIED, CANCELLED, MISSED = 0.1, 0.16, 0.24

DATE_EVENTS = """
UPDATE appointments_appointmentevent AS event SET created_at = told.at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS told (id, at) WHERE event.id = told.id
"""
DATE_APPOINTMENTS = """
UPDATE appointments_appointment AS appointment
SET created_at = told.first, updated_at = told.last
FROM (
    SELECT appointment_id, min(created_at) AS first, max(created_at) AS last
    FROM appointments_appointmentevent
    WHERE appointment_id = ANY(%s::uuid[]) GROUP BY appointment_id
) AS told WHERE appointment.id = told.appointment_id
"""


class Step(NamedTuple):
    """One line of a history."""

    kind: EventKind
    at: datetime
    by: Actor = Actor.STAFF
    reason: str = ""


class Story(NamedTuple):
    """What became of a visit."""

    channel: Channel
    status: Status
    steps: list[Step]


def write(visits, cast, now, *, leave_open):
    """Write what became of visits, as far as their hosts had time for them.

    With `leave_open`, the desk has forgotten to close the last two of them.
    """
    taken = [(each, slot) for each in visits if (slot := _claim(each, cast))]
    taken.sort(key=lambda pair: pair[1].ends_at)
    over = [visit.id for visit, slot in taken if _has_been(visit, slot, now)]
    left = {}
    if leave_open and len(over) > 1:
        left = {over[-2]: Status.CHECKED_IN, over[-1]: Status.IN_PROGRESS}
    rows = [
        _rows(visit, slot, _story(visit, slot, cast, now, left.get(visit.id)), cast)
        for visit, slot in taken
    ]
    _save(rows)


def _claim(visit, cast):
    """The visit's slot, claimed; None where the host has no time then."""
    try:
        slot = slots.slot_at(cast.offer(visit), visit.starts_at, visit.quantity)
        claims.claim([cast.host(visit).pk], slot)
    except DomainError:
        return None
    return slot


def _has_been(visit, slot, now):
    return visit.fate >= MISSED and slot.ends_at <= now


def _story(visit, slot, cast, now, left_at):
    requested = cast.offer(visit).office.approval_required
    channel = _channel(visit, slot, now, requested)
    by = Actor.CITIZEN if channel == Channel.WEB else Actor.STAFF
    booked = _booked_at(visit, slot, channel)
    told = [Step(EventKind.BOOKED, booked, by)]
    if channel == Channel.WEB and requested:
        told = [Step(EventKind.REQUESTED, booked, by)]
        if visit.fate < DENIED:
            why = "Please send us the site plan first."
            told.append(Step(EventKind.DENIED, booked + 3 * HOUR, reason=why))
            return Story(channel, Status.DENIED, told)
        told.append(Step(EventKind.APPROVED, booked + 3 * HOUR))
    if visit.fate < CANCELLED and channel != Channel.WALK_IN:
        told.append(Step(EventKind.CANCELLED, slot.starts_at - 20 * HOUR, by))
        return Story(channel, Status.CANCELLED, told)
    status, at_the_desk = _at_the_desk(visit, slot, now, left_at)
    return Story(channel, status, told + at_the_desk)


def _booked_at(visit, slot, channel):
    """Some days before: at any time on the web, on a working day by phone."""
    if channel == Channel.WALK_IN:
        return slot.starts_at - 12 * MINUTE
    booked = slot.starts_at - timedelta(days=2 + visit.lot(10))
    if channel == Channel.WEB:
        return booked + visit.lot(900) * MINUTE
    return booked - timedelta(days=max(booked.isoweekday() - 5, 0))


def _channel(visit, slot, now, requested):
    lot = visit.lot(10)
    if lot == 0 and slot.starts_at <= now and not requested:
        return Channel.WALK_IN
    return Channel.WEB if lot < 7 else Channel.STAFF


def _at_the_desk(visit, slot, now, left_at):
    """How far it has got by now, and the steps so far."""
    early, late = (5 + visit.lot(7)) * MINUTE, visit.lot(8) * MINUTE
    reached = [
        (Status.CHECKED_IN, Step(EventKind.CHECKED_IN, slot.starts_at - early)),
        (Status.CHECKED_IN, Step(EventKind.CALLED, slot.starts_at + late)),
        (Status.IN_PROGRESS, Step(EventKind.STARTED, slot.starts_at + late + MINUTE)),
        (Status.COMPLETED, Step(EventKind.COMPLETED, slot.ends_at - MINUTE)),
    ]
    missed = Step(EventKind.NO_SHOW, slot.starts_at + 10 * MINUTE)
    if visit.fate < MISSED and missed.at <= now:
        return Status.NO_SHOW, [missed]
    status, told = Status.CONFIRMED, []
    for next_status, step in reached:
        if step.at > now or status == left_at:
            break
        status = next_status
        told.append(step)
    return status, told


def _rows(visit, slot, story, cast):
    """The unsaved appointment, its unsaved history, and when that happened."""
    offered, host = cast.offer(visit), cast.host(visit)
    citizen = cast.citizen(visit, by_mail=story.channel == Channel.WEB)
    appointment = Appointment(
        id=visit.id,
        office=offered.office,
        service=offered.service,
        quantity=visit.quantity,
        citizen=citizen,
        channel=story.channel,
        status=story.status,
        purpose=visit.purpose,
        access_needs=visit.access_needs,
        language=citizen.language,
        sequence=int(story.status in (Status.CANCELLED, Status.DENIED)),
        called_to=host if EventKind.CALLED in {s.kind for s in story.steps} else None,
    )
    for step in story.steps:
        if step.kind in TIMES:
            setattr(appointment, TIMES[step.kind], step.at)
    steps.put_at(appointment, slot, host)
    if story.status not in TAKES_TIME:
        steps.free_time(appointment)
    events = [
        AppointmentEvent(
            appointment=appointment,
            kind=step.kind,
            actor_kind=step.by,
            actor=citizen.user if step.by == Actor.CITIZEN else _who(step, visit, cast),
            reason=step.reason,
        )
        for step in story.steps
    ]
    return appointment, events, [step.at for step in story.steps]


def _who(step, visit, cast):
    """The host serves, if it is a person; a clerk does the rest."""
    serves = step.kind in (EventKind.CALLED, EventKind.STARTED, EventKind.COMPLETED)
    return (serves and cast.host(visit).user) or cast.clerk(visit)


def _give_tickets(appointments):
    """Numbers of the day in the order of arrival, after those given before."""
    given = Appointment.objects.filter(ticket__isnull=False).values_list(
        "office", "day"
    )
    last = {(o, day): many for o, day, many in given.annotate(Max("ticket")).order_by()}
    here = [each for each in appointments if each.checked_in_at]
    for each in sorted(here, key=lambda each: each.checked_in_at):
        key = each.office_id, each.day
        each.ticket = last[key] = last.get(key, 0) + 1


def _save(rows):
    appointments = [appointment for appointment, _, _ in rows]
    events = [event for _, told, _ in rows for event in told]
    instants = [told for _, _, told in rows]
    _give_tickets(appointments)
    guests = [each.citizen for each in appointments if each.citizen.pk is None]
    Citizen.objects.bulk_create(guests)
    Appointment.objects.bulk_create(appointments)
    AppointmentEvent.objects.bulk_create(events)
    with connection.cursor() as cursor:
        ids = [event.pk for event in events]
        cursor.execute(DATE_EVENTS, [ids, [at for told in instants for at in told]])
        cursor.execute(DATE_APPOINTMENTS, [[each.pk for each in appointments]])
