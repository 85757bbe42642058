"""What can be said of an appointment in a message: plain values, in its language."""

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from appointments import links
from appointments.states import Actor, Status
from notifications.plain import plain_text, tidy_html
from notifications.states import Audience, Kind
from offices.times import office_date, office_time
from offices.translated import marked_html, text_of

# Events whose reason is meant for the citizen; of others it is an internal note.
REASON_IS_TOLD = {Kind.DENIED, Kind.CANCELLED, Kind.POSTPONED}


def facts_of(message):
    """All that can be said, as plain values: sandbox.VARIABLES, and more."""
    appointment, event = message.appointment, message.event
    office = appointment.office
    return {
        "name": appointment.citizen.name,
        "reference": appointment.reference,
        "kind": message.get_kind_display(),
        "quantity": appointment.quantity,
        "host": appointment.host.name,
        "reason": _reason(message, event),
        "by_citizen": event.actor_kind == Actor.CITIZEN,
        "is_waiting": appointment.status == Status.PENDING,
        "is_off": appointment.status in (Status.CANCELLED, Status.DENIED),
        "is_former": message.audience == Audience.FORMER,
        "site_name": settings.SITE_NAME,
        "site_url": settings.FRONTEND_HOST,
        **_service(appointment.service, office),
        **_place(office),
        **_times(appointment, event),
        **_links(appointment),
        **_links_of_staff(message),
    }


def _reason(message, event):
    """Why: to colleagues always, to the citizen where the office means it for him."""
    told = message.kind in REASON_IS_TOLD and event.actor_kind != Actor.CITIZEN
    if told or message.audience != Audience.CITIZEN:
        return event.reason.strip()
    return ""


def discreet(facts, service):
    """The facts for what lies open: a subject, or a text message on a locked phone.

    Of a sensitive service nothing is said there, not even its name.
    """
    if not service.is_sensitive:
        return facts
    hidden = dict.fromkeys(["what_to_bring", "fee", "reason"], "")
    return {**facts, **hidden, "service": _("Appointment")}


def _service(service, office):
    """Its texts in the language that is written in, as far as they are translated."""
    bring = text_of(service, "what_to_bring", office=office)
    fee = text_of(service, "fee", office=office)
    return {
        "service": str(text_of(service, "name", office=office)),
        "what_to_bring": plain_text(bring),
        "what_to_bring_html": _html(bring),
        "fee": plain_text(fee),
        "fee_html": _html(fee),
    }


def _html(text):
    tidy = mark_safe(tidy_html(text))  # noqa: S308 (nh3 has been over it)  # nosec B308 B703
    return marked_html(tidy, text.language)


def _place(office):
    return {
        "office": str(text_of(office, "name")),
        "address": ", ".join(office.address),
        "map_url": _map_url(office),
        "accessibility": [str(fact) for fact in office.accessibility_facts],
        "phone": office.phone,
        "email": office.email,
    }


def _map_url(office):
    if office.latitude is None or office.longitude is None:
        return ""
    at = {"mlat": office.latitude, "mlon": office.longitude}
    return f"https://www.openstreetmap.org/?{urlencode(at)}"


def _times(appointment, event):
    """Days and times on the office's clock."""
    office, start = appointment.office, appointment.starts_at
    until = start - office.cancellation_cutoff
    facts = {
        "date": office_date(start, office),
        "start": office_time(start, office),
        "end": office_time(appointment.ends_at, office),
        "time_zone": f"{office.time_zone} ({start.astimezone(office.zone):%Z})",
        "previous_date": "",
        "previous_start": "",
        "change_until_date": "",
        "change_until_time": "",
    }
    if event.previous_start:
        facts["previous_date"] = office_date(event.previous_start, office)
        facts["previous_start"] = office_time(event.previous_start, office)
    if office.cancellation_cutoff:
        facts["change_until_date"] = office_date(until, office)
        facts["change_until_time"] = office_time(until, office)
    return facts


def _links(appointment):
    token = [links.token_for(appointment)]
    again = [appointment.office.slug, appointment.service.code]
    return {
        "manage_url": links.url_for(appointment),
        "move_url": _absolute("appointments:move", token),
        "cancel_url": _absolute("appointments:cancel", token),
        "calendar_url": _absolute("appointments:calendar", token),
        "book_again_url": _absolute("appointments:days", again),
    }


def _links_of_staff(message):
    """Where colleagues go on; citizens are given no address of the admin."""
    if message.audience == Audience.CITIZEN:
        return {}
    appointment = message.appointment
    if message.kind == Kind.UNCLOSED:
        closing = _absolute("admin:closing", [])
        return {"closing_url": f"{closing}?office={appointment.office.slug}"}
    change = _absolute("admin:appointments_appointment_change", [appointment.pk])
    return {"admin_url": change}


def _absolute(name, args):
    return f"{settings.FRONTEND_HOST}{reverse(name, args=args)}"
