"""The calendar file of an appointment, as RFC 5545 and 5546 have it.

One event for the whole life of an appointment: its UID never changes and its
SEQUENCE rises, so that a calendar moves or strikes out what it has instead of
adding another. The same state gives the same bytes.
"""

from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from appointments import links
from appointments.states import Status
from offices.translated import text_of

CANCELLED = {Status.CANCELLED, Status.DENIED, Status.NO_SHOW}
REFRESH = timedelta(minutes=15)
FILENAME = "appointment-{reference}.ics"


class Method(models.TextChoices):
    """What the file asks a calendar to do."""

    PUBLISH = "PUBLISH"  # show it: a download
    REQUEST = "REQUEST"  # put it in, or move it: a mail
    CANCEL = "CANCEL"  # strike it out: a mail


def calendar_file(appointment, *, method=Method.PUBLISH):
    """Its file as bytes, in the language that is active."""
    calendar = _calendar(method)
    calendar.add_component(_event(appointment, method))
    return calendar.to_ical()


def feed_file(name, appointments):
    """Many for those who work with them, as bytes. Nothing of the citizens."""
    calendar = _calendar(Method.PUBLISH)
    calendar.add("x-wr-calname", " ".join(name.split()))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    for appointment in appointments:
        calendar.add_component(_line(appointment))
    return calendar.to_ical()


def filename(appointment):
    return FILENAME.format(reference=appointment.reference)


def uid(appointment):
    return f"{appointment.pk}@{urlsplit(settings.FRONTEND_HOST).hostname}"


def _calendar(method):
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    return calendar


def _line(appointment):
    """An appointment in a feed."""
    event = _visit(appointment, Method.PUBLISH)
    event.add("summary", f"{_service(appointment)} – {appointment.reference}")
    event.add("location", appointment.host.name)
    return event


def _service(appointment):
    return text_of(appointment.service, "name", office=appointment.office)


def _discreetly(appointment):
    """What it is about, as far as a calendar that others see may say so."""
    if appointment.service.is_sensitive:
        return _("Appointment")
    return _service(appointment)


def _visit(appointment, method):
    event = Event()
    event.add("uid", uid(appointment))
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.updated_at)
    event.add("created", appointment.created_at)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("status", _status(appointment, method))
    return event


def _event(appointment, method):
    office = appointment.office
    name = text_of(office, "name")
    event = _visit(appointment, method)
    event.add("summary", f"{_discreetly(appointment)} – {name}")
    event.add("description", _description(appointment))
    event.add("location", ", ".join([name, *office.address]))
    event.add("url", links.url_for(appointment))
    event.add("organizer", _organizer(office))
    if office.latitude is not None and office.longitude is not None:
        event.add("geo", (office.latitude, office.longitude))
    if method != Method.PUBLISH and appointment.citizen.email:
        event.add("attendee", _attendee(appointment.citizen))
    return event


def _status(appointment, method):
    if method == Method.CANCEL or appointment.status in CANCELLED:
        return "CANCELLED"
    return "TENTATIVE" if appointment.status == Status.PENDING else "CONFIRMED"


def _description(appointment):
    lines = [
        (_("Reference"), appointment.reference),
        (_("Host"), appointment.host.name),
        (_("Phone"), appointment.office.phone),
        (_("See, move or cancel"), links.url_for(appointment)),
    ]
    return "\n".join(f"{name}: {value}" for name, value in lines if value)


def _organizer(office):
    """The office; a line break in its name must not begin a line of the file."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    name = "".join(c for c in text_of(office, "name") if c.isprintable())
    return vCalAddress(f"mailto:{office.email or sender}", params={"CN": name})


def _attendee(citizen):
    """Who has accepted already: nobody waits for an answer.

    Without the name: anybody can write anything there for anybody's address.
    """
    answer = {"PARTSTAT": "ACCEPTED", "ROLE": "REQ-PARTICIPANT", "RSVP": "FALSE"}
    return vCalAddress(f"mailto:{citizen.email}", params=answer)
