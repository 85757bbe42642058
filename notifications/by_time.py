"""What is owed because time has passed, not because somebody did something.

Each function can run as often as one likes: what is owed is owed once.
"""

from datetime import timedelta

from django.db.models import (
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Value,
)
from django.utils import timezone

from appointments.models import Appointment, AppointmentEvent
from appointments.states import EventKind, Status
from availability import quarters
from notifications import operations
from notifications.models import Message
from notifications.states import Kind
from notifications.states import Status as Delivery
from notifications.usefulness import UNCLOSED

# In every time zone, yesterday has begun by then and is not over for longer.
TWO_DAYS = timedelta(hours=50)


def owe_late():
    """Ask people to stay who wait longer than their office lets pass unexplained."""
    told = Message.objects.filter(appointment=OuterRef("pk"), kind=Kind.LATE)
    late = Value(timezone.now()) - F("office__message_policy__late_after")
    waiting = Appointment.objects.filter(
        ~Exists(told),
        status=Status.CHECKED_IN,
        called_at=None,
        starts_at__lt=ExpressionWrapper(late, output_field=DateTimeField()),
    )
    owed = 0
    for appointment in waiting.with_details():
        event = _last(appointment, kind=EventKind.CHECKED_IN)
        planned_for = appointment.starts_at
        rows = operations.owe_once(event, Kind.LATE, planned_for=planned_for)
        owed += len(rows)
    return owed


def owe_unclosed():
    """Ask hosts for the outcomes of yesterday that are missing: one message a host."""
    now = timezone.now()
    last_of_each_host = (
        Appointment.objects.filter(
            status__in=UNCLOSED, ends_at__gt=now - TWO_DAYS, ends_at__lt=now
        )
        .order_by("host_id", "day", "-starts_at")
        .distinct("host_id", "day")
    )
    owed = 0
    for appointment in last_of_each_host.with_details():
        today = appointment.office.today()
        midnight = quarters.midnight(today, appointment.office.time_zone)
        is_of_yesterday = appointment.day == today - timedelta(days=1)
        if is_of_yesterday and not _is_asked(appointment, midnight):
            event = _last(appointment)
            rows = operations.owe_once(event, Kind.UNCLOSED, planned_for=midnight)
            owed += len(rows)
    return owed


def _is_asked(appointment, midnight):
    """Whether its host has been asked at that midnight, about whichever appointment.

    The one that it was about may have gone to another host or a later day since. A
    question that was dropped, as that one got its outcome first, has asked nothing.
    """
    asked = Message.objects.filter(
        status__in=[Delivery.QUEUED, Delivery.SENT],
        kind=Kind.UNCLOSED,
        planned_for=midnight,
        event__host=appointment.host_id,
        appointment__office=appointment.office_id,
        appointment__day__gte=appointment.day,
    )
    return asked.exists()


def _last(appointment, **about):
    """Its last event; with_details, so that what is owed needs no more look-ups."""
    events = AppointmentEvent.objects.filter(appointment=appointment, **about)
    event = events.latest("created_at", "pk")
    event.appointment = appointment
    return event
