"""An appointment that nobody has made, to show what a message says.

It is one of the office as it is: of a service that it offers, with a host that it
has. Nothing of it is in the database, and its links lead nowhere.
"""

import secrets
import uuid
from datetime import datetime, time, timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from appointments.models import Appointment, AppointmentEvent, Citizen
from appointments.states import Actor, EventKind, Status
from notifications.models import Message
from notifications.states import Audience, Channel, Kind
from offices.models import Host, OfficeService, Service

ID, REFERENCE = uuid.UUID(int=0), "K7M4-QX2P"
NAME, EMAIL, PHONE = "Ada Möller", "ada@example.org", "+4940123456"
IN_DAYS, CLOCK = 3, time(9, 15)

STATUSES = {
    Kind.REQUESTED: Status.PENDING,
    Kind.DENIED: Status.DENIED,
    Kind.CANCELLED: Status.CANCELLED,
    Kind.LATE: Status.CHECKED_IN,
}
MOVES = {Kind.RESCHEDULED, Kind.POSTPONED}


def sample(
    office, kind, channel, language, *, audience=Audience.CITIZEN, recipient=None
):
    """An unsaved Message of this kind about a sample appointment of an office."""
    appointment = _appointment(office, kind, language)
    return Message(
        pk=secrets.randbits(62),  # the id at the provider; no row will have it
        appointment=appointment,
        event=_event(appointment, kind, language),
        kind=kind,
        channel=channel,
        audience=audience,
        language=language,
        recipient=recipient or (EMAIL if channel == Channel.MAIL else PHONE),
    )


def _appointment(office, kind, language):
    offered = _offered(office, language)
    host = office.hosts.filter(is_active=True).order_by("name", "pk").first()
    day = office.today() + timedelta(days=IN_DAYS)
    starts_at = datetime.combine(day, CLOCK, office.zone)
    ends_at = starts_at + offered.duration
    return Appointment(
        pk=ID,
        reference=REFERENCE,
        office=office,
        service=offered.service,
        host=host or Host(office=office, name=_in(language, gettext_noop("Counter 3"))),
        citizen=Citizen(name=NAME, email=EMAIL, phone=PHONE, language=language),
        language=language,
        status=STATUSES.get(kind, Status.CONFIRMED),
        day=day,
        starts_at=starts_at,
        ends_at=ends_at,
        busy_until=ends_at,
        created_at=timezone.now(),
        updated_at=timezone.now(),
    )


def _offered(office, language):
    """What the office offers to citizens first; an example where it offers nothing."""
    rows = office.offered.select_related("service").order_by("service__name", "pk")
    found = rows.first()
    if found:
        return found
    service = Service(
        name=_in(language, gettext_noop("Passport renewal")), code="example"
    )
    return OfficeService(office=office, service=service)


def _event(appointment, kind, language):
    known = kind in EventKind.values
    before = appointment.starts_at - timedelta(days=1) if kind in MOVES else None
    by_citizen = kind in {Kind.REQUESTED, Kind.RESCHEDULED}
    return AppointmentEvent(
        appointment=appointment,
        kind=kind if known else EventKind.BOOKED,
        actor_kind=Actor.CITIZEN if by_citizen else Actor.STAFF,
        reason=_in(language, gettext_noop("The counter is closed that day.")),
        previous_start=before,
        created_at=timezone.now(),
    )


def _in(language, text):
    with translation.override(language):
        return translation.gettext(text)
