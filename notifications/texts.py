"""What a message says: subject, text, HTML and calendar file, as its channel has them.

The words are the office's own (MessageTemplate), or those of the message's kind
under templates/messages/, which also stand in for words that do not work. A mail to a
citizen has the layouts messages/mail.txt and mail.html around them, with what every
such mail must have; one to colleagues is short and leads to the admin; a text message
is its words alone.
"""

import re
from typing import NamedTuple

from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from appointments.calendar import Method, calendar_file
from notifications import wording
from notifications.defaults import folder_of
from notifications.facts import discreet, facts_of
from notifications.models import Message, MessageTemplate
from notifications.sandbox import BrokenTemplate
from notifications.sms.segments import plainest
from notifications.states import Audience, Channel, Kind

CALLED_OFF = {Kind.DENIED, Kind.CANCELLED}
WITHOUT_CALENDAR = {Kind.LATE}
LONGEST_SUBJECT = Message._meta.get_field("subject").max_length


class Letter(NamedTuple):
    """What is handed to a channel; what a message does not have is empty."""

    subject: str
    text: str
    html: str = ""
    calendar: str = ""
    method: Method | None = None


def write(message):
    """The letter of a message (read with_details), in its language.

    Words of an office that do not work never stop it: it has the standard words
    then, and the office's staff are told (wording.mark_broken).
    """
    with translation.override(message.language):
        facts = facts_of(message)
        words = _own_words(message, facts) or _default_words(message, facts)
        return _letter(message, facts, *words)


def write_in(template, message, *, is_test=False):
    """The letter of a message in the words of a template, perhaps an unsaved one.

    Raises BrokenTemplate. A test says of itself that it is one.
    """
    with translation.override(message.language):
        facts = facts_of(message) | {"is_test": is_test}
        public = discreet(facts, message.appointment.service)
        return _letter(message, facts, *template.render(facts, public))


def _letter(message, facts, subject, words):
    subject = subject[:LONGEST_SUBJECT]
    if message.channel == Channel.SMS:
        text = plainest(" ".join(words.split()))
        return Letter("", f"{_('TEST:')} {text}" if facts.get("is_test") else text)
    if message.audience != Audience.CITIZEN:
        return Letter(subject, words)
    return _mail_to_citizen(message, facts, subject, words)


def _mail_to_citizen(message, facts, subject, words):
    called_off = message.kind in CALLED_OFF
    heading, *paragraphs = re.split(r"\n\s*\n", words)
    if facts.get("is_test"):
        subject = f"{_('TEST:')} {subject}"[:LONGEST_SUBJECT]
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
    try:
        return template.render(facts, discreet(facts, message.appointment.service))
    except BrokenTemplate as error:
        wording.mark_broken(template, str(error))
        return None


def _default_words(message, facts):
    """Of the files: (subject, words); a text message has no subject."""
    public = discreet(facts, message.appointment.service)
    folder = folder_of(message.kind, message.audience)
    if message.channel == Channel.SMS:
        return "", _text(f"{folder}/sms.txt", public)
    subject = _text(f"{folder}/subject.txt", public)
    told = public if message.kind == Kind.REASSIGNED else facts
    return " ".join(subject.split()), _text(f"{folder}/body.txt", told)


def _text(name, facts):
    """A file rendered as plain text: nothing escaped, one empty line at most."""
    template = get_template(name).template
    text = template.render(Context(facts, autoescape=False))
    return re.sub(r"\n{3,}", "\n\n", text).strip()
