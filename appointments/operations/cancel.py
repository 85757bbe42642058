from django.db import transaction

from appointments import permissions
from appointments.exceptions import TooLateToCancel, TransitionRefused
from appointments.operations import steps
from appointments.states import EventKind, Status
from offices.roles import Permission


@transaction.atomic
def cancel(appointment, *, by, reason=""):
    """Call an appointment off; its time is free again at once.

    Citizens can until the office's cut-off, staff until it starts to be served.
    Raises PermissionDenied, TransitionRefused, TooLateToCancel, Changed.
    """
    steps.allow(permissions.can_change, by, appointment)
    appointment = steps.lock_with_days(appointment)
    staff = permissions.is_staff(by, appointment.office, Permission.BOOK_APPOINTMENTS)
    check_cancellable(appointment, staff=staff)
    steps.become(appointment, Status.CANCELLED)
    return steps.give_up(appointment, EventKind.CANCELLED, by, reason)


def check_cancellable(appointment, *, staff=False):
    """Raise the refusal that cancelling it now would meet, if any; pages ask too."""
    if not appointment.can_become(Status.CANCELLED):
        raise TransitionRefused(appointment)
    if not staff and steps.is_too_late(appointment):
        raise TooLateToCancel
