"""Ending the day: what nobody has said of an appointment while it lasted."""

from django.db import transaction
from django.utils import timezone

from appointments import permissions
from appointments.exceptions import NotOver, NotYetDue, TransitionRefused
from appointments.operations import steps
from appointments.operations.desk import mark_no_show
from appointments.states import CLOSE_OUT, EventKind, Status

KINDS = {Status.COMPLETED: EventKind.COMPLETED, Status.NO_SHOW: EventKind.NO_SHOW}


@transaction.atomic
def close_out(appointment, outcome, *, by):
    """Say of one that is over whether it took place; `outcome` is completed or no-show.

    When it began and ended stays unknown where the desk has not said so. Raises
    PermissionDenied, NotOver, TransitionRefused, Changed.
    """
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock_with_days(appointment)
    if appointment.ends_at > timezone.now():
        raise NotOver
    if outcome not in CLOSE_OUT.get(appointment.status, ()):
        raise TransitionRefused(appointment)
    appointment.status = Status(outcome)
    if outcome == Status.NO_SHOW:
        steps.free_time(appointment)
    appointment.save(update_fields=["status", "updated_at"])
    steps.record(appointment, KINDS[outcome], by)
    return appointment


@transaction.atomic
def mark_missed(appointment):
    """Mark who has not checked in within the office's grace time.

    Raises NotYetDue, where the office has changed that; TransitionRefused, also for
    who has checked in meanwhile; Changed.
    """
    missed = mark_no_show(appointment, by=None)
    grace = missed.office.no_show_after
    # To refuse takes the mark back, too.
    if missed.checked_in_at is not None:
        raise TransitionRefused(missed)
    if grace is None or missed.starts_at + grace > timezone.now():
        raise NotYetDue
    return missed
