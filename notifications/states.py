"""What can be owed, and the life of what is owed, on one page.

queued ──▶ sent
   ├─────▶ failed ──send again──▶ queued
   └─────▶ dropped

Queued: owed, from `due_at` on. There is no "being sent" to be stuck in: whoever
sends moves `due_at` on, and a sender that dies lets it come due again.
Failed: given up. Dropped: what it says no longer holds.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from appointments.states import EventKind


class Status(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    DROPPED = "dropped", _("Dropped")


class Channel(models.TextChoices):
    """How a message travels. Each has a sender in notifications.channels."""

    MAIL = "mail", _("E-mail")


class Kind(models.TextChoices):
    """What a message tells: the events of the same name, to the citizen.

    Each tells all that holds from then on, so it drops what is still queued.
    Its texts are in templates/messages/<kind>/.
    """

    REQUESTED = EventKind.REQUESTED.value, _("Requested")
    BOOKED = EventKind.BOOKED.value, _("Booked")
    APPROVED = EventKind.APPROVED.value, _("Approved")
    DENIED = EventKind.DENIED.value, _("Not approved")
    RESCHEDULED = EventKind.RESCHEDULED.value, _("Moved by the citizen")
    POSTPONED = EventKind.POSTPONED.value, _("Moved by the office")
    CANCELLED = EventKind.CANCELLED.value, _("Cancelled")


# Events that begin an appointment, so that nothing can be queued for it yet.
BEGINS = {EventKind.REQUESTED, EventKind.BOOKED}

# Events after which what is still queued no longer holds: those that tell
# something newer, and those that end it with nothing to tell.
SUPERSEDES = ({*map(EventKind, Kind.values)} - BEGINS) | {
    EventKind.COMPLETED,
    EventKind.NO_SHOW,
}
