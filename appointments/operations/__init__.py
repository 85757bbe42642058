"""Everything that changes an appointment.

Pages, the API, the admin, commands and tasks all call these functions, and
nothing else writes to the tables of this app. `by` is who acts: a user, a
Citizen (a guest), or None when the system does.

Locks are always taken in one order: holds, host days, appointments, then the
tickets of an office's day (docs/decisions/0005-locks.md).
"""

from appointments.operations.book import book, book_once, walk_in
from appointments.operations.cancel import cancel, check_cancellable
from appointments.operations.change import change, own_citizen
from appointments.operations.close_day import close_out, mark_missed
from appointments.operations.decide import approve, deny
from appointments.operations.desk import (
    check_in,
    complete,
    mark_no_show,
    start,
    undo,
)
from appointments.operations.door import (
    check_in_at_door,
    make_tablet_key,
    revoke_tablet_key,
)
from appointments.operations.hours import change_hours
from appointments.operations.move import (
    check_movable,
    grant_at,
    offered_of,
    postpone,
    reassign,
    reschedule,
)
from appointments.operations.queue import call, call_next

__all__ = [
    "approve",
    "book",
    "book_once",
    "call",
    "call_next",
    "cancel",
    "change",
    "change_hours",
    "check_cancellable",
    "check_in",
    "check_in_at_door",
    "check_movable",
    "close_out",
    "complete",
    "deny",
    "grant_at",
    "make_tablet_key",
    "mark_missed",
    "mark_no_show",
    "offered_of",
    "own_citizen",
    "postpone",
    "reassign",
    "reschedule",
    "revoke_tablet_key",
    "start",
    "undo",
    "walk_in",
]
