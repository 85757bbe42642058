"""Trying out a change of hours, to learn whom it would hurt."""

from contextlib import contextmanager
from typing import NamedTuple

from django.db import transaction

from appointments.models import Appointment


class Lost(NamedTuple):
    """Keys of appointments without hours, and of those among them when it is closed."""

    without: frozenset = frozenset()
    closed: frozenset = frozenset()


@contextmanager
def tried(change):
    """A block in which `change()` has been made; after it, nothing has been.

    What `change` raises is raised.
    """
    with transaction.atomic():
        change()
        yield
        transaction.set_rollback(True)


def lost_by(change, *, office):
    """The appointments that `change()` would leave without hours; nothing is changed.

    Those that have none already are not among them, unless it is closed then, too,
    which it was not. What `change` raises is raised.
    """
    without = keys_without_hours(office)
    with tried(change):
        return list(without_hours(office, but=without))


def without_hours(office, *, but=None):
    """The appointments of an office that have lost their hours, in time order.

    `but` is what was Lost before: of that, only what is closed since then.
    """
    but = but or Lost()
    rows = Appointment.objects.filter(office=office).unsupported().with_closed()
    rows = rows.exclude(pk__in=but.closed).exclude(pk__in=but.without, is_closed=False)
    return rows.with_details().order_by("starts_at", "pk")


def keys_without_hours(office):
    """What is Lost by now."""
    rows = Appointment.objects.filter(office=office).unsupported().with_closed()
    found = list(rows.values_list("pk", "is_closed"))
    return Lost(
        frozenset(pk for pk, _is_closed in found),
        frozenset(pk for pk, is_closed in found if is_closed),
    )
