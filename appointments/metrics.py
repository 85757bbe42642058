"""What config.metrics counts of appointments; and which office a log line is about."""

from functools import partial

from django.db import transaction
from django.dispatch import receiver

from appointments.signals import appointment_event
from appointments.states import EventKind
from config import logs, metrics

BEGINS = {EventKind.REQUESTED, EventKind.BOOKED}


@receiver(appointment_event)
def count(sender, event, **kwargs):
    """Count it once it is committed."""
    appointment = event.appointment
    logs.bind_office(appointment.office_id)
    transaction.on_commit(partial(_count, event.kind, appointment.channel), robust=True)


def _count(kind, channel):
    metrics.EVENTS.labels(str(kind)).inc()
    if kind in BEGINS:
        metrics.BOOKINGS.labels(str(channel)).inc()
