"""Trying out a change of hours, to learn whom it would hurt."""

from contextlib import contextmanager

from django.db import transaction

from appointments.models import Appointment


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

    Those that have none already are not among them. What `change` raises is raised.
    """
    without = keys_without_hours(office)
    with tried(change):
        return list(without_hours(office, but=without))


def without_hours(office, *, but=()):
    """The appointments of an office that have lost their hours, in time order.

    `but` are the keys of those to leave out.
    """
    rows = Appointment.objects.filter(office=office).unsupported()
    return rows.exclude(pk__in=but).with_details().order_by("starts_at", "pk")


def keys_without_hours(office):
    """The keys of those that have lost their hours by now."""
    rows = Appointment.objects.filter(office=office)
    return set(rows.unsupported().values_list("pk", flat=True))
