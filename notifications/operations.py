"""Everything that changes what is owed. `by` is who acts, None the system."""

import secrets
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from appointments.links import token_for
from appointments.models import Appointment
from appointments.states import Channel as BookedBy
from appointments.states import EventKind
from config import logs, metrics
from notifications import (
    channels,
    hands,
    outcomes,
    permissions,
    policies,
    receipts,
    reminders,
    texts,
    throttle,
    usefulness,
)
from notifications.channels.errors import DeliveryError, Down, Refused, Stopped
from notifications.exceptions import NoLongerHolds, NotFailed
from notifications.models import Message
from notifications.sms.segments import length
from notifications.states import (
    ENDS,
    OF_EVENTS,
    SUPERSEDES,
    Audience,
    Cause,
    Channel,
    Kind,
    Status,
    Why,
)

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)

logger = structlog.get_logger(__name__)


def owe(event):
    """Owe everybody what an event makes worth telling; returns the new Messages.

    Runs in the transaction of the event. What is still queued for the appointment
    no longer holds after it.
    """
    appointment = event.appointment
    _drop_what_no_longer_holds(event)
    kinds = [Kind(event.kind)] if event.kind in OF_EVENTS else []
    if event.kind in hands.CHANGES:
        kinds.append(Kind.REASSIGNED)
    if reminders.are_planned(event):
        kinds.append(Kind.REMINDER)
    if not kinds:
        return []
    told = policies.recipients(appointment, *kinds, by=event.actor, event=event)
    owed = [
        _message(event, kind, each, at)
        for kind in kinds
        for each in told[kind]
        for at in _times(event, kind, each)
    ]
    if appointment.channel == BookedBy.WALK_IN:
        owed = [each for each in owed if each.audience != Audience.CITIZEN]
    return Message.objects.bulk_create(owed)


def _drop_what_no_longer_holds(event):
    """Drop what an event has made untrue, or of no use, before it is sent.

    Whoever is at the door already needs no reminder, and whose appointment it is no
    more is told that alone. That stays owed, since nothing newer tells it; unless he
    has it again, or it has come to its end.
    """
    queued = event.appointment.messages.queued()
    again = hands.has_it_again(event)
    if event.kind in ENDS:
        drop(queued, Why.CHANGED)
    elif event.kind in SUPERSEDES:
        drop(queued.filter(~Q(audience=Audience.FORMER) | again), Why.CHANGED)
    elif event.kind == EventKind.CHECKED_IN:
        drop(queued.filter(kind=Kind.REMINDER), Why.OVER)
    elif event.kind == EventKind.REASSIGNED:
        drop(queued.filter(Q(audience=Audience.HOST) | again), Why.CHANGED)


def _times(event, kind, recipient):
    """When to tell somebody of an event: at once, or when a reminder is wanted."""
    if kind == Kind.REMINDER:
        return reminders.times(event, recipient)
    return [event.created_at]


def owe_once(event, kind, *, planned_for):
    """Owe what time brings, because of an event; what is owed already stays so."""
    told = policies.recipients(event.appointment, kind)[kind]
    rows = [_message(event, kind, each, planned_for) for each in told]
    return Message.objects.bulk_create(rows, ignore_conflicts=True)


def drop(messages, why):
    """Say of messages (a queryset) that they will not be sent."""
    return messages.update(status=Status.DROPPED, dropped_because=why)


def readdress(citizen):
    """Have what is queued for a citizen go where the citizen is reached now.

    It holds a link that opens the appointment: an old number may be another's.
    """
    queued = Message.objects.queued().filter(
        appointment__citizen=citizen, audience=Audience.CITIZEN
    )
    for channel, address in (
        (Channel.MAIL, citizen.email),
        (Channel.SMS, citizen.phone),
    ):
        if address:
            queued.filter(channel=channel).update(recipient=address)


def _message(event, kind, recipient, planned_for):
    return Message(
        appointment=event.appointment,
        event=event,
        kind=kind,
        audience=recipient.audience,
        channel=recipient.channel,
        recipient=recipient.address,
        language=recipient.language,
        planned_for=planned_for,
        due_at=planned_for,
    )


def deliver(pk):
    """Send a message that is due, unless somebody else is sending it.

    In no transaction: the claim, the sending and its outcome stand alone, so that
    whatever dies in between leaves a row that comes due again.
    """
    message = Message.objects.with_details().claim(pk)
    if message is None or message.status != Status.QUEUED:
        return
    logs.bind(message.appointment.office_id, message.request_id)
    if why := usefulness.why_drop(message):
        _update(message, [Status.QUEUED], status=Status.DROPPED, dropped_because=why)
        _count(message, "dropped")
        logger.info("message_dropped", message=message.pk, why=str(why))
    elif message.is_given_up:
        _fail(message, f"Given up. {message.last_error}")
    elif until := usefulness.quiet_until(message) or _when_provider_can(message):
        _update(message, [Status.QUEUED], due_at=until, attempts=message.attempts - 1)
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
    if usefulness.is_over(message) or not message.still_holds:
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
        throttle.works(message.channel)
        if isinstance(error, Stopped):
            receipts.block(message.channel, message.recipient, Cause.STOPPED)
        _fail(message, str(error))
    except DeliveryError as error:
        if isinstance(error, Down):
            throttle.failed(message.channel)
        _put_back(message, str(error))
    else:
        throttle.works(message.channel)
        _mark_sent(message, letter, provider_id)


def _when_provider_can(message):
    """Until when to put a message off, to spare its provider; None: it can go now."""
    pause = throttle.pause(message.channel)
    return timezone.now() + pause * _jitter() if pause else None


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
        segments=_segments(message, letter),
    )
    _count(message, "sent")
    logger.info("message_sent", message=message.pk, attempts=message.attempts)


def _segments(message, letter):
    return length(letter.text).segments if message.channel == Channel.SMS else None


def _put_back(message, error):
    """Let it come due again, later each time, not all at the same moment."""
    pause = min(FIRST_PAUSE * 2 ** (message.attempts - 1), LONGEST_PAUSE)
    due_at = timezone.now() + pause * _jitter()
    _update(message, [Status.QUEUED], due_at=due_at, last_error=error)
    _count(message, "put_back")
    logger.warning("message_put_back", message=message.pk, kind=_kind(error))


def _jitter():
    """A factor around 1, so that not all comes due at one moment."""
    return (75 + secrets.randbelow(51)) / 100


def _fail(message, error):
    _update(message, [Status.QUEUED], status=Status.FAILED, last_error=error)
    _count(message, "failed")
    logger.error("message_failed", message=message.pk, kind=_kind(error))


def _kind(error):
    """How what a provider said begins; the rest may quote whom it is about."""
    word = error.partition(":")[0]
    return word if word.isidentifier() else "DeliveryError"


def _count(message, outcome):
    of_mail = message.channel == Channel.MAIL
    provider = settings.EMAIL_PROVIDER if of_mail else settings.SMS_PROVIDER
    metrics.MESSAGES.labels(str(message.channel), provider, outcome).inc()


def _update(message, statuses, **fields):
    """Write the outcome, unless the lease has passed to another sender."""
    rows = Message.objects.filter(
        pk=message.pk, attempts=message.attempts, status__in=statuses
    )
    outcomes.note(rows, **fields)
