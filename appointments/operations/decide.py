from django.db import transaction

from appointments import permissions
from appointments.exceptions import ReasonNeeded, TransitionRefused
from appointments.operations import steps
from appointments.states import EventKind, Status


@transaction.atomic
def approve(appointment, *, by):
    """Grant a request. Raises PermissionDenied, TransitionRefused."""
    steps.allow(permissions.can_decide, by, appointment)
    appointment = steps.lock(appointment)
    if appointment.status != Status.PENDING:
        raise TransitionRefused(appointment)
    return steps.step(appointment, Status.CONFIRMED, EventKind.APPROVED, by)


@transaction.atomic
def deny(appointment, *, by, reason):
    """Refuse a request, saying why; its time is free again at once.

    Raises PermissionDenied, ReasonNeeded, TransitionRefused, Changed.
    """
    steps.allow(permissions.can_decide, by, appointment)
    if not reason.strip():
        raise ReasonNeeded
    appointment = steps.lock_with_days(appointment)
    steps.become(appointment, Status.DENIED)
    return steps.give_up(appointment, EventKind.DENIED, by, reason)
