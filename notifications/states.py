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
    SMS = "sms", _("Text message")


class Audience(models.TextChoices):
    """Who is told."""

    CITIZEN = "citizen", _("Citizen")
    HOST = "host", _("Host")
    FORMER = "former", _("Former host")
    OFFICE = "office", _("Office mailbox")


class Receipt(models.TextChoices):
    """What a provider has told of a message since it took it."""

    DELIVERED = "delivered", _("Delivered")
    BOUNCED = "bounced", _("Did not arrive")
    COMPLAINED = "complained", _("Was reported as unwanted")


class Why(models.TextChoices):
    """Why a message was dropped."""

    CHANGED = "changed", _("The appointment has changed since.")
    OVER = "over", _("It would have come too late.")
    BLOCKED = "blocked", _("This address takes no messages.")


class Cause(models.TextChoices):
    """Why an address takes no messages."""

    BOUNCED = "bounced", _("Messages do not arrive there")
    COMPLAINED = "complained", _("Messages were reported as unwanted")
    STOPPED = "stopped", _("Its owner has answered STOP")


class Kind(models.TextChoices):
    """What a message tells: an event of the same name, or what time brings.

    Its texts are in templates/messages/<kind>/.
    """

    REQUESTED = EventKind.REQUESTED.value, _("Requested")
    BOOKED = EventKind.BOOKED.value, _("Booked")
    APPROVED = EventKind.APPROVED.value, _("Approved")
    DENIED = EventKind.DENIED.value, _("Not approved")
    RESCHEDULED = EventKind.RESCHEDULED.value, _("Moved by the citizen")
    POSTPONED = EventKind.POSTPONED.value, _("Moved by the office")
    REASSIGNED = EventKind.REASSIGNED.value, _("Given to another host")
    CANCELLED = EventKind.CANCELLED.value, _("Cancelled")
    REMINDER = "reminder", _("Reminder")
    LATE = "late", _("The office runs late")
    UNCLOSED = "unclosed", _("An outcome is missing")


# Those that an event brings. Each tells all that holds from then on, so it drops what
# is still queued. REASSIGNED is none of them: only its two hosts are told that.
OF_EVENTS = [kind for kind in Kind if kind in set(EventKind.values) - {Kind.REASSIGNED}]


# What is sent where an office has chosen nothing: (kind, who, by which channel).
DEFAULTS = {
    *((kind, Audience.CITIZEN, Channel.MAIL) for kind in OF_EVENTS),
    (Kind.REMINDER, Audience.CITIZEN, Channel.MAIL),
    (Kind.REMINDER, Audience.CITIZEN, Channel.SMS),
    (Kind.LATE, Audience.CITIZEN, Channel.SMS),
    (Kind.REQUESTED, Audience.OFFICE, Channel.MAIL),
    (Kind.UNCLOSED, Audience.HOST, Channel.MAIL),
}

# Chosen once for both: whose it is from then on, and whose it is no more.
OF_HANDS = (Kind.REASSIGNED, Audience.HOST, Channel.MAIL)

# What can be chosen: staff are written to by mail, and not reminded of their visits.
CHOICES = {
    *DEFAULTS,
    *((kind, Audience.CITIZEN, Channel.SMS) for kind in OF_EVENTS),
    *(
        (kind, audience, Channel.MAIL)
        for kind in OF_EVENTS
        for audience in (Audience.HOST, Audience.OFFICE)
    ),
    (Kind.LATE, Audience.CITIZEN, Channel.MAIL),
    (Kind.UNCLOSED, Audience.OFFICE, Channel.MAIL),
    OF_HANDS,
}


# Events that begin an appointment, so that nothing can be queued for it yet.
BEGINS = {EventKind.REQUESTED, EventKind.BOOKED}

# Events that end it with nothing to tell.
ENDS = {EventKind.COMPLETED, EventKind.NO_SHOW}

# Events after which what is still queued no longer holds: those that tell
# something newer, and those that end it.
SUPERSEDES = ({*map(EventKind, OF_EVENTS)} - BEGINS) | ENDS
