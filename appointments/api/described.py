"""How an action on one appointment is described, and what most of them refuse."""

from appointments import exceptions as refusals
from appointments.api.serializers import (
    APPOINTMENT,
    AppointmentSerializer,
)
from availability import exceptions as times
from config.api.schema import operation

NO_TIME = [times.SlotTaken, times.SlotClosed, refusals.HoldExpired]
NOT_BOOKABLE = [
    *NO_TIME,
    times.SlotPast,
    times.SlotTooFar,
    times.NotOffered,
    times.HostRefused,
    times.QuantityRefused,
]
NOT_MOVABLE = [
    *NOT_BOOKABLE,
    refusals.TransitionRefused,
    refusals.TooLateToMove,
    refusals.SameTime,
    refusals.Changed,
]


def step(summary, *, refuses=(), answer=APPOINTMENT, **options):
    """An action of staff on one appointment; it answers with the appointment."""
    return operation(
        summary,
        gives=AppointmentSerializer,
        answer=answer,
        refuses=[refusals.TransitionRefused, *refuses],
        **options,
    )
