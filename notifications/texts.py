"""What a message says: subject, text, HTML and calendar file, as its channel has them.

The words are the office's own (MessageTemplate), or those of the message's kind
under templates/messages/. A mail to a citizen has the layouts messages/mail.txt and
mail.html around them, with what every such mail must have; one to colleagues is
short and leads to the admin; a text message is its words alone.
"""

import re
from typing import NamedTuple

import structlog
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import translation

from appointments.calendar import Method, calendar_file
from notifications.facts import discreet, facts_of
from notifications.models import MessageTemplate
from notifications.sandbox import BrokenTemplate
from notifications.states import Audience, Channel, Kind

CALLED_OFF = {Kind.DENIED, Kind.CANCELLED}
WITHOUT_CALENDAR = {Kind.LATE}

logger = structlog.get_logger(__name__)


class Letter(NamedTuple):
    """What is handed to a channel; what a message does not have is empty."""

    subject: str
    text: str
    html: str = ""
    calendar: str = ""
    method: Method | None = None


def write(message):
    """The letter of a message (read with_details), in its language."""
    with translation.override(message.language):
        facts = facts_of(message)
        subject, words = _own_words(message, facts) or _default_words(message, facts)
        if message.channel == Channel.SMS:
            return Letter("", " ".join(words.split()))
        if message.audience != Audience.CITIZEN:
            return Letter(subject, words)
        return _mail_to_citizen(message, facts, subject, words)


def _mail_to_citizen(message, facts, subject, words):
    called_off = message.kind in CALLED_OFF
    heading, *paragraphs = re.split(r"\n\s*\n", words)
    context = facts | {
        "subject": subject,
        "heading": heading,
        "paragraphs": paragraphs,
        "called_off": called_off,
        "has_calendar": message.kind not in WITHOUT_CALENDAR,
    }
    letter = Letter(
        subject,
        _text("messages/mail.txt", context),
        render_to_string("messages/mail.html", context),
    )
    if not context["has_calendar"]:
        return letter
    method = Method.CANCEL if called_off else Method.REQUEST
    calendar = calendar_file(message.appointment, method=method).decode()
    return letter._replace(calendar=calendar, method=method)


def _own_words(message, facts):
    """Subject and words of the office's own template, if it has one that works."""
    if message.audience != Audience.CITIZEN:
        return None
    template = MessageTemplate.objects.filter(
        office=message.appointment.office_id,
        kind=message.kind,
        channel=message.channel,
        language=message.language,
    ).first()
    if template is None:
        return None
    public = discreet(facts, message.appointment.service)
    try:
        subject, words = template.render(facts, public)
    except BrokenTemplate:
        logger.warning("message_template_broken", pk=template.pk)
        return None
    complete = words and (subject or message.channel == Channel.SMS)
    return (subject, words) if complete else None


def _default_words(message, facts):
    """Of the files: (subject, words); a text message has no subject."""
    public = discreet(facts, message.appointment.service)
    folder = f"messages/{message.kind}"
    if message.channel == Channel.SMS:
        return "", _text(f"{folder}/sms.txt", public)
    if message.audience != Audience.CITIZEN and message.kind != Kind.UNCLOSED:
        folder = "messages/staff"
    subject = _text(f"{folder}/subject.txt", public)
    return " ".join(subject.split()), _text(f"{folder}/body.txt", facts)


def _text(name, facts):
    """A file rendered as plain text: nothing escaped, one empty line at most."""
    template = get_template(name).template
    text = template.render(Context(facts, autoescape=False))
    return re.sub(r"\n{3,}", "\n\n", text).strip()
