"""Trying an office's words before anybody else reads them: on a sample appointment."""

from typing import NamedTuple

import structlog
from django.utils import translation

from notifications import channels
from notifications.channels.errors import DeliveryError
from notifications.exceptions import NoOwnAddress, TestNotSent
from notifications.facts import discreet, facts_of
from notifications.models import Message
from notifications.samples import sample
from notifications.sandbox import VARIABLES
from notifications.sms.segments import Length, length, outside_gsm
from notifications.states import Channel
from notifications.texts import Letter, write_in
from offices.permissions import require
from offices.roles import Permission

logger = structlog.get_logger(__name__)


class Preview(NamedTuple):
    """What a template makes of the sample: `length` and `outside` of a text message."""

    letter: Letter
    length: Length | None = None
    outside: tuple[str, ...] = ()


def preview(template):
    """The Preview of a template, perhaps an unsaved one. Raises BrokenTemplate."""
    letter = write_in(template, sample_of(template))
    if template.channel != Channel.SMS:
        return Preview(letter)
    return Preview(letter, length(letter.text), tuple(outside_gsm(letter.text)))


def variables(template):
    """[(name, what it gives on the sample)] of all that the words may name."""
    message = sample_of(template)
    with translation.override(template.language):
        facts = facts_of(message)
        if template.channel == Channel.SMS:
            facts = discreet(facts, message.appointment.service)
    return [(name, facts[name]) for name in VARIABLES]


def send_test(template, *, by):
    """Send what it says of the sample to the person's own address, as its channel does.

    In no transaction, as it talks to the provider. Raises PermissionDenied,
    ValidationError, NoOwnAddress, TestNotSent.
    """
    require(by, Permission.MANAGE_OFFICE, template.office)
    template.full_clean()
    address = by.phone if template.channel == Channel.SMS else by.email
    if not address:
        raise NoOwnAddress
    message = sample_of(template, recipient=address)
    letter = write_in(template, message, is_test=True)
    try:
        channels.send(message, letter)
    except DeliveryError as error:
        logger.warning("message_test_not_sent", office=template.office_id, by=by.pk)
        raise TestNotSent(f"{TestNotSent.message} {error}") from error
    logger.info("message_test_sent", office=template.office_id, by=by.pk)


def sample_of(template, *, recipient=None) -> Message:
    return sample(
        template.office,
        template.kind,
        template.channel,
        template.language,
        recipient=recipient,
    )
