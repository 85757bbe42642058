"""What became of a message, in words for the log."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from notifications.states import Receipt, Status, Why
from offices.times import office_when

GOOD, BAD, QUIET = "good", "bad", "quiet"


class Outcome(NamedTuple):
    """`level` says how it stands: one of GOOD, BAD, QUIET."""

    words: str
    detail: str
    level: str


def outcome(message):
    """The Outcome of a message (read with_details and called_by)."""
    told = _of(message)
    if message.called_at is None:
        return told
    called = _("Told by telephone: %(when)s, %(who)s") % {
        "when": office_when(message.called_at, message.appointment.office),
        "who": message.called_by or _("somebody"),
    }
    return Outcome(told.words, f"{told.detail} {called}".strip(), QUIET)


def _of(message):
    office = message.appointment.office
    match message.status:
        case Status.QUEUED:
            when = office_when(message.due_at, office)
            words = pgettext("message", "Queued for %(when)s") % {"when": when}
            return Outcome(words, message.last_error, QUIET)
        case Status.DROPPED:
            why = message.get_dropped_because_display()
            return Outcome(pgettext("message", "Not sent"), why, _level(message))
        case Status.FAILED:
            return Outcome(pgettext("message", "Failed"), message.last_error, BAD)
    sent = _("Sent %(when)s") % {"when": office_when(message.sent_at, office)}
    if not message.receipt:
        return Outcome(sent, "", GOOD)
    detail = [sent, message.receipt_detail]
    level = GOOD if message.receipt == Receipt.DELIVERED else BAD
    words = _("%(what)s, %(when)s") % {
        "what": message.get_receipt_display(),
        "when": office_when(message.receipt_at, office),
    }
    return Outcome(words, ". ".join(filter(None, detail)), level)


def _level(message):
    """An address that takes nothing is bad news; what has changed since is not."""
    return BAD if message.dropped_because == Why.BLOCKED else QUIET
