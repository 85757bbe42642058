"""What an operation leaves behind, for tests to look at."""

from contextlib import contextmanager

from django.db import transaction

from appointments.signals import appointment_event


def history(appointment):
    """Its lines, the oldest first: (kind, by whom, which user, reason)."""
    lines = appointment.events.order_by("created_at", "pk")
    return list(lines.values_list("kind", "actor_kind", "actor", "reason"))


def last_line(appointment):
    return history(appointment)[-1]


@contextmanager
def listening():
    """Collect the events that are sent, and see that each is in a transaction."""
    heard = []

    def listen(sender, event, **kwargs):
        assert transaction.get_connection().in_atomic_block
        heard.append((event.kind, event.appointment.status))

    appointment_event.connect(listen)
    try:
        yield heard
    finally:
        appointment_event.disconnect(listen)
