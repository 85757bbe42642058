"""What `If-Match` locks for a move, in the order in which the operation does."""

from appointments.operations import offered_of
from appointments.operations.steps import lock_with_days
from availability.models import Hold
from availability.operations import hosts_for
from availability.slots import slot_at


def for_move(asked):
    """A function that locks an appointment and all that moving it there would lock.

    It raises what the operation would: NotOffered, HostRefused, SlotClosed, Changed.
    """

    def lock(appointment):
        offered = offered_of(appointment)
        starts_at = asked.get("starts_at", appointment.starts_at)
        slot = slot_at(offered, starts_at, appointment.quantity)
        hosts = hosts_for(offered, asked.get("host"))
        if asked.get("hold"):
            list(Hold.objects.select_for_update().filter(pk=asked["hold"]))
        return lock_with_days(appointment, hosts, slot.day)

    return lock
