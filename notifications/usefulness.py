"""Whether a message is still worth sending, asked at the moment of sending."""

from django.utils import timezone

from appointments.states import Status as Life
from notifications.models import Block
from notifications.policies import policy_of
from notifications.reminders import quiet_around
from notifications.states import Audience, Channel, Kind, Why

# Without an outcome, though it is over.
UNCLOSED = {Life.CONFIRMED, Life.CHECKED_IN, Life.IN_PROGRESS}


def why_drop(message):
    """Why a message (read with_details) should not be sent at all; None: it should."""
    if is_over(message):
        return Why.OVER
    if Block.objects.of(message.channel, message.recipient).exists():
        return Why.BLOCKED
    return None


def is_over(message):
    """Whether it would come too late to be of use."""
    appointment, now = message.appointment, timezone.now()
    match message.kind:
        case Kind.REMINDER:
            comes = appointment.status == Life.CONFIRMED
            return not comes or appointment.starts_at <= now or _is_overtaken(message)
        case Kind.LATE:
            return appointment.status != Life.CHECKED_IN or bool(appointment.called_at)
        case Kind.UNCLOSED:
            return appointment.status not in UNCLOSED
    return appointment.ends_at <= now


def quiet_until(message):
    """Until when to put off a text message; None: it can go now.

    What cannot wait goes all the same: news of an appointment that begins before the
    quiet hours end. A reminder is no news, and wakes nobody; it is planned before them.
    """
    if message.channel != Channel.SMS or message.audience != Audience.CITIZEN:
        return None
    policy = policy_of(message.appointment.office)
    quiet = quiet_around(timezone.now(), policy)
    if quiet is None:
        return None
    is_news = message.kind != Kind.REMINDER
    return None if is_news and message.appointment.starts_at <= quiet[1] else quiet[1]


def _is_overtaken(message):
    """Whether it is time for a later reminder as well, after we have been away.

    Whatever has become of that: two of them would come at once, or the earlier last.
    """
    later = message.appointment.messages.filter(
        event=message.event_id,
        kind=message.kind,
        channel=message.channel,
        recipient=message.recipient,
        planned_for__gt=message.planned_for,
        planned_for__lte=timezone.now(),
    )
    return later.exists()
