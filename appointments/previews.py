"""Trying out a change of hours, to learn whom it would hurt."""

from django.db import transaction

from appointments.models import Appointment


def lost_by(change, *, office):
    """The appointments that `change()` would leave without hours; nothing is changed.

    Those that have none already are not among them. What `change` raises is raised.
    """
    rows = Appointment.objects.filter(office=office)
    with transaction.atomic():
        without = list(rows.unsupported().values_list("pk", flat=True))
        change()
        lost = rows.unsupported().exclude(pk__in=without).order_by("starts_at", "pk")
        found = list(lost.with_details())
        transaction.set_rollback(True)
    return found
