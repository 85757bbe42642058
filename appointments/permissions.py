"""Who may do what to an appointment.

Asked by operations; asked by pages for which buttons to show. `by` is a user, a
Citizen (a guest: whoever holds the signed link, or fills in the form), or None
for the system, which may everything.
"""

from appointments.models import Citizen
from offices.permissions import may
from offices.roles import Permission


def is_own(by, citizen):
    """Whether `by` is the citizen himself or herself."""
    if isinstance(by, Citizen):
        return by == citizen
    return by is not None and citizen.user_id is not None and citizen.user_id == by.pk


def is_staff(by, office, permission):
    """Whether `by` acts as the office (or as the system), with `permission`."""
    return not isinstance(by, Citizen) and may(by, permission, office)


def can_book_for(by, citizen, office):
    return is_own(by, citizen) or is_staff(by, office, Permission.BOOK_APPOINTMENTS)


def can_override(by, office):
    """Beyond the office's limits and hours; never over another appointment."""
    return is_staff(by, office, Permission.OVERRIDE_RULES)


def can_change(by, appointment):
    """Move or cancel it."""
    return can_book_for(by, appointment.citizen, appointment.office)


def can_move_for_office(by, appointment):
    return is_staff(by, appointment.office, Permission.BOOK_APPOINTMENTS)


def can_decide(by, appointment):
    return is_staff(by, appointment.office, Permission.DECIDE_REQUESTS)


def can_run_desk(by, appointment):
    return is_staff(by, appointment.office, Permission.RUN_DESK)


def can_revoke(by, feed):
    """Its own user, and who manages the members of the office."""
    own = by is not None and feed.user_id == by.pk
    return own or may(by, Permission.MANAGE_MEMBERS, feed.office)
