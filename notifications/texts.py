"""What a message says: subject, text, HTML and calendar file.

The words are the office's own (MessageTemplate), or those of the message's kind
under templates/messages/. The layouts messages/mail.txt and mail.html set them
over what every message must have.
"""

import re
from typing import NamedTuple
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import translation

from appointments import links
from appointments.calendar import Method, calendar_file
from appointments.states import Actor, Status
from notifications.models import MessageTemplate
from notifications.plain import plain_text, tidy_html
from notifications.sandbox import BrokenTemplate
from notifications.states import Kind
from offices.times import office_date, office_time

CALLED_OFF = {Kind.DENIED, Kind.CANCELLED}

# Events whose reason is meant for the citizen; of others it is an internal note.
REASON_IS_TOLD = {Kind.DENIED, Kind.CANCELLED, Kind.POSTPONED}

logger = structlog.get_logger(__name__)


class Letter(NamedTuple):
    subject: str
    text: str
    html: str
    calendar: str
    method: Method


def write(message):
    """The letter of a message (read with_details), in its language."""
    called_off = message.kind in CALLED_OFF
    method = Method.CANCEL if called_off else Method.REQUEST
    with translation.override(message.language):
        facts = facts_of(message)
        subject, words = _own_words(message, facts) or _default_words(message, facts)
        heading, *paragraphs = re.split(r"\n\s*\n", words)
        context = facts | {
            "subject": subject,
            "heading": heading,
            "paragraphs": paragraphs,
            "called_off": called_off,
        }
        return Letter(
            subject,
            _text("messages/mail.txt", context),
            render_to_string("messages/mail.html", context),
            calendar_file(message.appointment, method=method).decode(),
            method,
        )


def facts_of(message):
    """All that can be said, as plain values: sandbox.VARIABLES, and more."""
    appointment, event = message.appointment, message.event
    office, service = appointment.office, appointment.service
    return {
        "name": appointment.citizen.name,
        "reference": appointment.reference,
        "service": service.name,
        "quantity": appointment.quantity,
        "host": appointment.host.name,
        "reason": _reason(message, event),
        "by_citizen": event.actor_kind == Actor.CITIZEN,
        "is_waiting": appointment.status == Status.PENDING,
        "what_to_bring": plain_text(service.what_to_bring),
        "what_to_bring_html": tidy_html(service.what_to_bring),
        "fee": plain_text(service.fee),
        "fee_html": tidy_html(service.fee),
        "site_name": settings.SITE_NAME,
        "site_url": settings.FRONTEND_HOST,
        **_place(office),
        **_times(appointment, event),
        **_links(appointment),
    }


def _reason(message, event):
    """Why, where the office says so to the citizen."""
    if message.kind in REASON_IS_TOLD and event.actor_kind != Actor.CITIZEN:
        return event.reason.strip()
    return ""


def _place(office):
    return {
        "office": office.name,
        "address": ", ".join(office.address),
        "map_url": _map_url(office),
        "accessibility": office.accessibility_facts,
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


def _absolute(name, args):
    return f"{settings.FRONTEND_HOST}{reverse(name, args=args)}"


def _own_words(message, facts):
    """Subject and words of the office's own template, if it has one that works."""
    template = MessageTemplate.objects.filter(
        office=message.appointment.office_id,
        kind=message.kind,
        channel=message.channel,
        language=message.language,
    ).first()
    if template is None:
        return None
    try:
        subject, words = template.render(facts)
    except BrokenTemplate as error:
        logger.warning("message_template_broken", pk=template.pk, error=str(error))
        return None
    return (subject, words) if subject and words else None


def _default_words(message, facts):
    folder = f"messages/{message.kind}"
    subject = _text(f"{folder}/subject.txt", facts)
    return " ".join(subject.split()), _text(f"{folder}/body.txt", facts)


def _text(name, facts):
    """A file rendered as plain text: nothing escaped, one empty line at most."""
    template = get_template(name).template
    text = template.render(Context(facts, autoescape=False))
    return re.sub(r"\n{3,}", "\n\n", text).strip()
