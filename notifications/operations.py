"""Everything that changes what is owed. `by` is who acts, None the system."""

import secrets
from datetime import timedelta

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from appointments.links import token_for
from appointments.models import Appointment
from appointments.states import Channel as BookedBy
from notifications import channels, permissions, texts
from notifications.channels.errors import DeliveryError, Refused
from notifications.exceptions import NoLongerHolds, NotFailed
from notifications.languages import language_for
from notifications.models import Message
from notifications.states import OF_EVENTS, SUPERSEDES, Channel, Status, Why

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)

logger = structlog.get_logger(__name__)


def owe(event):
    """Owe the citizen what an event makes worth telling; returns it, or None.

    Runs in the transaction of the event. What is still queued for the appointment
    no longer holds after it. Whoever is at the door already needs no mail.
    """
    appointment = event.appointment
    if event.kind in SUPERSEDES:
        dropped = {"status": Status.DROPPED, "dropped_because": Why.CHANGED}
        appointment.messages.queued().update(**dropped)
    if event.kind not in OF_EVENTS or appointment.channel == BookedBy.WALK_IN:
        return None
    if not appointment.citizen.email:
        return None
    return Message.objects.create(
        appointment=appointment,
        event=event,
        kind=event.kind,
        channel=Channel.MAIL,
        recipient=appointment.citizen.email,
        language=language_for(appointment),
        planned_for=event.created_at,
        due_at=event.created_at,
    )


def deliver(pk):
    """Send a message that is due, unless somebody else is sending it.

    In no transaction: the claim, the sending and its outcome stand alone, so that
    whatever dies in between leaves a row that comes due again.
    """
    message = Message.objects.with_details().claim(pk)
    if message is None or message.status != Status.QUEUED:
        return
    if message.is_useless:
        _fail(message, "The appointment is over.")
    elif message.is_given_up:
        _fail(message, f"Given up. {message.last_error}")
    else:
        _try(message)


@transaction.atomic
def send_again(message, *, by):
    """Queue a failed message for another try.

    Raises PermissionDenied, NotFailed, and NoLongerHolds when the appointment is
    over or has changed since.
    """
    if not permissions.can_send_again(by, message):
        raise PermissionDenied
    # Locked first, as every change of it does: what holds now, holds at commit.
    Appointment.objects.select_for_update(no_key=True).get(pk=message.appointment_id)
    rows = Message.objects.with_details().select_for_update(of=["self"])
    message = rows.get(pk=message.pk)
    if message.status != Status.FAILED:
        raise NotFailed
    if message.is_useless or not message.still_holds:
        raise NoLongerHolds
    message.status = Status.QUEUED
    message.attempts = 0
    message.due_at = timezone.now()
    message.save(update_fields=["status", "attempts", "due_at"])
    return message


def _try(message):
    letter = texts.write(message)
    try:
        provider_id = channels.send(message, letter)
    except Refused as error:
        _fail(message, str(error))
    except DeliveryError as error:
        _put_back(message, str(error))
    else:
        _mark_sent(message, letter, provider_id)


def _mark_sent(message, letter, provider_id):
    """Keep what was sent, without the token: the log is not a way in.

    Also of one that was dropped meanwhile: it is out, and the log says so.
    """
    token = token_for(message.appointment)
    _update(
        message,
        [Status.QUEUED, Status.DROPPED],
        status=Status.SENT,
        dropped_because="",
        sent_at=timezone.now(),
        last_error="",
        subject=letter.subject,
        body=letter.text.replace(token, "…"),
        provider_id=provider_id,
    )
    logger.info("message_sent", message=message.pk, attempts=message.attempts)


def _put_back(message, error):
    """Let it come due again, later each time, not all at the same moment."""
    pause = min(FIRST_PAUSE * 2 ** (message.attempts - 1), LONGEST_PAUSE)
    jitter = (75 + secrets.randbelow(51)) / 100
    due_at = timezone.now() + pause * jitter
    _update(message, [Status.QUEUED], due_at=due_at, last_error=error)
    logger.warning("message_put_back", message=message.pk, error=error)


def _fail(message, error):
    _update(message, [Status.QUEUED], status=Status.FAILED, last_error=error)
    logger.error("message_failed", message=message.pk, error=error)


def _update(message, statuses, **fields):
    """Write the outcome, unless the lease has passed to another sender."""
    Message.objects.filter(
        pk=message.pk, attempts=message.attempts, status__in=statuses
    ).update(**fields)
