from django.db import transaction
from django.utils import timezone

from appointments import permissions
from appointments.exceptions import NotYetDue, TransitionRefused
from appointments.operations import steps
from appointments.operations.queue import who_serves
from appointments.states import OVER, UNDO, EventKind, Status
from availability import claims


@transaction.atomic
def check_in(appointment, *, by):
    """Say that the citizen is here, and give a ticket: the next number of the day.

    Who had one of today keeps it. Raises PermissionDenied, NotToday,
    TransitionRefused.
    """
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock(appointment)
    steps.check_today(appointment)
    if appointment.status != Status.CONFIRMED:
        raise TransitionRefused(appointment)
    ticket = appointment.ticket
    return steps.step(
        appointment,
        Status.CHECKED_IN,
        EventKind.CHECKED_IN,
        by,
        checked_in_at=timezone.now(),
        ticket=ticket or steps.next_ticket(appointment.office, appointment.day),
    )


@transaction.atomic
def start(appointment, *, by, host=None):
    """Begin to serve who is checked in, called or not.

    The host who serves is the one who has called; without a call `host`, else the
    planned one. Raises PermissionDenied, TransitionRefused, HostRefused,
    AlreadyCalled.
    """
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock(appointment)
    if appointment.status != Status.CHECKED_IN:
        raise TransitionRefused(appointment)
    return steps.step(
        appointment,
        Status.IN_PROGRESS,
        EventKind.STARTED,
        by,
        started_at=timezone.now(),
        called_to=who_serves(appointment, host),
    )


@transaction.atomic
def complete(appointment, *, by):
    """Close what was begun. Raises PermissionDenied, TransitionRefused."""
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock(appointment)
    return steps.step(
        appointment,
        Status.COMPLETED,
        EventKind.COMPLETED,
        by,
        completed_at=timezone.now(),
    )


@transaction.atomic
def mark_no_show(appointment, *, by=None):
    """Say that nobody came, or has gone; what is left of the time is free for others.

    Raises PermissionDenied, TransitionRefused, Changed, and NotYetDue before the
    start, but not of somebody who was called.
    """
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock_with_days(appointment)
    if appointment.starts_at > timezone.now() and not appointment.called_at:
        raise NotYetDue
    steps.become(appointment, Status.NO_SHOW)
    steps.free_time(appointment)
    appointment.save(update_fields=["status", "updated_at"])
    steps.record(appointment, EventKind.NO_SHOW, by)
    return appointment


@transaction.atomic
def undo(appointment, *, by):
    """Take back the last step at the desk, on the same day.

    A call: the person waits again, where they were. A check-in, a start, an outcome:
    it is what it was before; a ticket stays theirs. An outcome that was said on a later
    day can be taken back on that day.

    Raises PermissionDenied, NotToday, TransitionRefused, Changed, and SlotTaken
    when a no-show's time has gone to somebody else.
    """
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock_with_days(appointment)
    if appointment.status not in OVER or not _was_closed_today(appointment):
        steps.check_today(appointment)
    if appointment.status not in UNDO:
        raise TransitionRefused(appointment)
    if appointment.status == Status.NO_SHOW:
        claims.claim_outside_hours([appointment.host_id], appointment.slot)
    return steps.mark(appointment, EventKind.UNDONE, by, **_take_back(appointment))


def _was_closed_today(appointment):
    """Whether its last line was written on this day at its office."""
    office, last = appointment.office, appointment.events.last()
    return last is not None and office.local_day(last.created_at) == office.today()


def _take_back(appointment):
    """Set the status before the last step, unsaved; the times to forget, as None."""
    is_called = appointment.called_at is not None
    call = {"called_at": None, "called_to": None}
    match appointment.status:
        case Status.IN_PROGRESS:
            appointment.status = Status.CHECKED_IN
            return {"started_at": None, **({} if is_called else call)}
        case Status.COMPLETED if appointment.started_at:
            appointment.status = Status.IN_PROGRESS
            return {"completed_at": None}
        case Status.COMPLETED if appointment.checked_in_at:
            appointment.status = Status.CHECKED_IN
            return {}
        case Status.NO_SHOW if appointment.checked_in_at:
            appointment.status = Status.CHECKED_IN
            return call
        case Status.CHECKED_IN if is_called:
            return call
    appointment.status = Status.CONFIRMED
    return {"checked_in_at": None}
