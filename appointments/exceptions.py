"""What can be refused about appointments, each with a code and a sentence."""

from django.utils.translation import gettext_lazy as _

from availability.exceptions import SlotTaken
from config.exceptions import DomainError
from offices.times import office_when


class HoldExpired(SlotTaken):
    code = "hold_expired"
    message = _(
        "We could not keep that time for you any longer. "
        "That time has just been taken. Please choose another."
    )


class LimitReached(DomainError):
    code = "limit_reached"
    message = _(
        "There are already as many open appointments with this e-mail address as "
        "this office allows. Cancel one of them first, or call the office."
    )


class TooLateToCancel(DomainError):
    code = "too_late_to_cancel"
    message = _(
        "It is too late to cancel this appointment here. Please call the office."
    )


class TooLateToMove(DomainError):
    code = "too_late_to_move"
    message = _("It is too late to move this appointment here. Please call the office.")


class SameTime(DomainError):
    code = "same_time"
    message = _("The appointment already is at that time. Please choose another.")


class TransitionRefused(DomainError):
    code = "transition_refused"

    def __init__(self, appointment):
        super().__init__(
            _("This cannot be done now: the appointment is “{status}”.").format(
                status=appointment.get_status_display()
            )
        )


class NobodyWaits(DomainError):
    code = "nobody_waits"
    message = _("Nobody is waiting whom this host could call.")


class StillCalled(DomainError):
    code = "still_called"

    def __init__(self, appointment):
        super().__init__(
            _(
                "{name}, ticket {ticket}, has been called to this host and not been "
                "started. Start, put back, or mark as gone first."
            ).format(name=appointment.citizen.name, ticket=appointment.ticket)
        )


class AlreadyCalled(DomainError):
    code = "already_called"

    def __init__(self, host):
        super().__init__(
            _("This person has already been called to {host}.").format(host=host)
        )


class NotYetDue(DomainError):
    code = "not_yet_due"
    message = _("This cannot be done before the appointment starts.")


class NotOver(DomainError):
    code = "not_over"
    message = _("This can be done only when the time of the appointment is over.")


class TooEarly(DomainError):
    """At the door; the desk may check in whoever comes on the day."""

    code = "too_early"
    message = _("It is too early to check in here.")

    def __init__(self, since):
        """`since` is when it can be done, in words: "08:30"."""
        super().__init__(
            _("It is too early to check in. You can do so from {time} on.").format(
                time=since
            )
        )


class NotToday(DomainError):
    code = "not_today"
    message = _("This can be done only on the day of the appointment.")


class Changed(DomainError):
    code = "changed"
    message = _("Somebody has just changed this appointment. Look at it again.")


class DataDeleted(DomainError):
    code = "data_deleted"
    message = _(
        "What this appointment said about a person has been deleted. It cannot be "
        "changed any more."
    )


class StillOpen(DomainError):
    """A person's data cannot be erased while somebody is expected."""

    code = "still_open"
    message = _(
        "There is still an appointment to come. Cancel it first, or wait until the "
        "day after it."
    )

    def __init__(self, appointment=None):
        """`appointment` is the next of them, which the sentence names."""
        if appointment is None:
            super().__init__()
            return
        super().__init__(
            _(
                "The appointment {reference} is still open: {when}. Cancel it first, "
                "or wait until the day after it."
            ).format(
                reference=appointment.reference,
                when=office_when(appointment.starts_at, appointment.office),
            )
        )


class StillMember(DomainError):
    code = "still_member"
    message = _(
        "This account still has a role: it works at an office, or is an admin’s. Its "
        "role must end first."
    )


class NothingKept(DomainError):
    code = "nothing_kept"
    message = _("Nothing is kept about this person here.")


class ReasonNeeded(DomainError):
    code = "reason_needed"
    message = _("Say why, so that the citizen knows.")


class TooManyForExcel(DomainError):
    code = "too_many_for_excel"
    message = _(
        "These are too many appointments for an Excel file. "
        "Choose fewer days, or take them as CSV."
    )
