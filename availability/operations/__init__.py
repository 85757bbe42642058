"""Everything that changes what hosts offer, and the times kept for people.

Pages, the API, the admin, commands and tasks call these functions. `by` is the
person who acts, or None when the system does. Whatever changes hours writes the
precomputed days in the same transaction (availability.generation); nothing here
touches what is booked or held.
"""

from availability.operations.holds import (
    check_bookable,
    hold,
    hosts_for,
    keep_all,
    release,
    release_as_staff,
    sweep_holds,
)
from availability.operations.hours import (
    close,
    generate,
    reopen,
    save_closure,
    set_hours,
)
from availability.operations.offices import delete_office, save_host, save_office
from availability.operations.persons import check_person

__all__ = [
    "check_bookable",
    "check_person",
    "close",
    "delete_office",
    "generate",
    "hold",
    "hosts_for",
    "keep_all",
    "release",
    "release_as_staff",
    "reopen",
    "save_closure",
    "save_host",
    "save_office",
    "set_hours",
    "sweep_holds",
]
