"""The life of an appointment, on one page.

pending ──approve──▶ confirmed ──check in──▶ checked in ──start──▶ in progress
   │                  │  │  ▲                 │  │  │ ▲             │   │
   └─deny──▶ denied   │  │  └───────undo──────┘  │  │ └─────undo────┘   │  ▲
                      │  └─cancel──▶ cancelled ◀─┘  │            complete  undo
                      └─no-show──▶ no-show ◀────────┘                   ▼  │
                                      └──undo──▶ what it was before  completed

Pending ones can be cancelled too. Undo is for staff, on the same day; an outcome that
was said later, when the day was closed, can be taken back on the day it was said, and
leads to what it was before. Who is checked in waits until a host calls (`called_at`),
which is no status of its own: undo takes back the call first.
Moving (reschedule, postpone) changes the time, not the status; but a citizen's
move at an office that approves requests waits for approval again.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    PENDING = "pending", _("Waiting for approval")
    CONFIRMED = "confirmed", _("Confirmed")
    CHECKED_IN = "checked_in", _("Checked in")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    DENIED = "denied", _("Not approved")
    NO_SHOW = "no_show", _("Did not come")


# An appointment in one of these takes up time of its host.
TAKES_TIME = [
    Status.PENDING,
    Status.CONFIRMED,
    Status.CHECKED_IN,
    Status.IN_PROGRESS,
    Status.COMPLETED,
]

# Still to come or going on: these count towards what one citizen may have open.
OPEN = [Status.PENDING, Status.CONFIRMED, Status.CHECKED_IN, Status.IN_PROGRESS]

# It has an outcome.
OVER = [Status.COMPLETED, Status.NO_SHOW]

# The time can still be changed.
MOVABLE = [Status.PENDING, Status.CONFIRMED]

TRANSITIONS = {
    Status.PENDING: {Status.CONFIRMED, Status.DENIED, Status.CANCELLED},
    Status.CONFIRMED: {Status.CHECKED_IN, Status.CANCELLED, Status.NO_SHOW},
    Status.CHECKED_IN: {
        Status.IN_PROGRESS,
        Status.CONFIRMED,
        Status.CANCELLED,
        Status.NO_SHOW,
    },
    Status.IN_PROGRESS: {Status.COMPLETED, Status.CHECKED_IN},
    Status.NO_SHOW: {Status.CONFIRMED, Status.CHECKED_IN},
    Status.COMPLETED: {Status.IN_PROGRESS, Status.CHECKED_IN, Status.CONFIRMED},
}

# The steps that undo takes back, and where they can lead.
UNDO = {
    Status.CHECKED_IN: {Status.CONFIRMED},
    Status.IN_PROGRESS: {Status.CHECKED_IN},
    Status.NO_SHOW: {Status.CONFIRMED, Status.CHECKED_IN},
    Status.COMPLETED: {Status.IN_PROGRESS, Status.CHECKED_IN, Status.CONFIRMED},
}

# What can still be said of an appointment that is over and was left without an
# outcome: nobody checked in or served on the screen need not mean that nobody came.
CLOSE_OUT = {
    Status.CONFIRMED: {Status.COMPLETED, Status.NO_SHOW},
    Status.CHECKED_IN: {Status.COMPLETED, Status.NO_SHOW},
    Status.IN_PROGRESS: {Status.COMPLETED},
}


class EventKind(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    BOOKED = "booked", _("Booked")
    APPROVED = "approved", _("Approved")
    DENIED = "denied", _("Not approved")
    RESCHEDULED = "rescheduled", _("Moved by the citizen")
    POSTPONED = "postponed", _("Moved by the office")
    REASSIGNED = "reassigned", _("Given to another host")
    CHECKED_IN = "checked_in", _("Checked in")
    CALLED = "called", _("Called")
    STARTED = "started", _("Started")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("Did not come")
    UNDONE = "undone", _("Last step taken back")


class Channel(models.TextChoices):
    """How an appointment came about."""

    WEB = "web", _("Web pages")
    API = "api", _("API")
    STAFF = "staff", _("Booked by staff")
    WALK_IN = "walk_in", _("Walk-in")
    IMPORT = "import", _("Import")


class Actor(models.TextChoices):
    """Who did what an event tells."""

    CITIZEN = "citizen", _("Citizen")
    STAFF = "staff", _("Office")
    SYSTEM = "system", _("System")
