from django.db import transaction
from django.utils import timezone

from appointments import permissions
from appointments.exceptions import NotToday, NotYetDue, TransitionRefused
from appointments.operations import steps
from appointments.states import UNDO, EventKind, Status
from availability import claims


@transaction.atomic
def check_in(appointment, *, by):
    """Say that the citizen is here. Raises PermissionDenied, NotToday,
    TransitionRefused.
    """
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock(appointment)
    _check_today(appointment)
    return steps.step(appointment, Status.CHECKED_IN, EventKind.CHECKED_IN, by)


@transaction.atomic
def start(appointment, *, by):
    """Begin to serve who is checked in. Raises PermissionDenied, TransitionRefused."""
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock(appointment)
    return steps.step(appointment, Status.IN_PROGRESS, EventKind.STARTED, by)


@transaction.atomic
def complete(appointment, *, by):
    """Close what was begun. Raises PermissionDenied, TransitionRefused."""
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock(appointment)
    return steps.step(appointment, Status.COMPLETED, EventKind.COMPLETED, by)


@transaction.atomic
def mark_no_show(appointment, *, by=None):
    """Say that nobody came; what is left of the time is free for others.

    Raises PermissionDenied, NotYetDue before the start, TransitionRefused, Changed.
    """
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock_with_days(appointment)
    if appointment.starts_at > timezone.now():
        raise NotYetDue
    steps.become(appointment, Status.NO_SHOW)
    steps.free_time(appointment)
    appointment.save(update_fields=["status", "updated_at"])
    steps.record(appointment, EventKind.NO_SHOW, by)
    return appointment


@transaction.atomic
def undo(appointment, *, by):
    """Take back a check-in or no-show, on the same day.

    Raises PermissionDenied, NotToday, TransitionRefused, Changed, and SlotTaken
    when a no-show's time has gone to somebody else.
    """
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock_with_days(appointment)
    _check_today(appointment)
    if appointment.status not in UNDO:
        raise TransitionRefused(appointment)
    if appointment.status == Status.NO_SHOW:
        claims.claim_outside_hours([appointment.host_id], appointment.slot)
    return steps.step(appointment, UNDO[appointment.status], EventKind.UNDONE, by)


def _check_today(appointment):
    if appointment.day != appointment.office.today():
        raise NotToday
