"""What can be refused about times, each with a code and a sentence."""

from django.utils.translation import gettext_lazy as _

from config.exceptions import DomainError


class SlotTaken(DomainError):
    code = "slot_taken"
    message = _("That time has just been taken. Please choose another.")


class SlotClosed(DomainError):
    code = "slot_closed"
    message = _("That time is outside the opening hours. Please choose another.")


class SlotPast(DomainError):
    code = "slot_past"
    message = _("That time is over or too soon from now. Please choose a later one.")


class SlotTooFar(DomainError):
    code = "slot_too_far"
    message = _("That day cannot be booked yet. Please choose an earlier one.")


class NotOffered(DomainError):
    code = "not_offered"
    message = _("This office does not offer this service at present.")


class QuantityRefused(DomainError):
    code = "quantity_refused"
    message = _("That is more than one visit can take. Please book fewer.")


class HostRefused(DomainError):
    code = "host_refused"
    message = _(
        "This host does not serve this service at this office. "
        "Please choose another, or any."
    )


class TooManyHolds(DomainError):
    code = "too_many_holds"
    message = _(
        "You are keeping as many times as one client may. "
        "Release one, or book it, before you choose another."
    )


class HoursOverlap(DomainError):
    code = "hours_overlap"
    message = _("This person already has hours at another office at that time.")


class StillBooked(DomainError):
    code = "still_booked"
    message = _(
        "Appointments to come, or times that people are keeping at this moment, "
        "depend on this. Move or cancel them first."
    )


class CounterStays(DomainError):
    code = "counter_stays"
    message = _("A counter stays at its office. Add one at the other office.")
