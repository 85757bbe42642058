"""When to remind people of an appointment.

Reminders are rows like any other message, planned when the appointment is booked,
approved or moved, and dropped with what else no longer holds.
"""

from datetime import UTC, datetime, timedelta

from appointments.states import EventKind, Status
from notifications.policies import policy_of
from notifications.states import Channel

# Events after which an appointment has a time that it may not have had before, or
# stands again: whoever was here, it was said, is not.
PLANS = {
    EventKind.BOOKED,
    EventKind.APPROVED,
    EventKind.RESCHEDULED,
    EventKind.POSTPONED,
    EventKind.UNDONE,
}


def are_planned(event):
    """Whether an event has people reminded from then on."""
    return event.kind in PLANS and event.appointment.status == Status.CONFIRMED


def times(event, recipient):
    """When to remind somebody because of an event: aware instants, soonest first.

    What would have come before the event is left out: who books for tomorrow need
    not be told tomorrow. A text message that falls into the quiet hours comes before
    them; one that stands in for mail comes when the mail would have.
    """
    appointment = event.appointment
    office = appointment.office
    if recipient.channel == Channel.MAIL:
        found = _before(appointment, office.reminder_hours)
    else:
        policy = policy_of(office)
        hours = [*policy.sms_reminder_hours]
        if recipient.instead:
            hours += office.reminder_hours
        found = {before_quiet(at, policy) for at in _before(appointment, hours)}
    return sorted(at for at in found if at > event.created_at)


def _before(appointment, hours):
    return {appointment.starts_at - timedelta(hours=count) for count in hours}


def before_quiet(instant, policy):
    """The instant itself, or when the quiet hours around it begin."""
    begins, _ends = quiet_around(instant, policy) or (instant, instant)
    return begins


def quiet_around(instant, policy):
    """The quiet hours that an instant falls into, as two instants; None if none.

    Where they begin and end at one time there are none. Compared as instants, not
    as what clocks show: once a year they show an hour twice.
    """
    instant = instant.astimezone(UTC)
    zone = policy.office.zone
    today = instant.astimezone(zone).date()
    over_night = timedelta(days=policy.quiet_until < policy.quiet_from)
    for day in (today - timedelta(days=1), today):
        begins = datetime.combine(day, policy.quiet_from, zone)
        ends = datetime.combine(day + over_night, policy.quiet_until, zone)
        if begins.astimezone(UTC) <= instant < ends.astimezone(UTC):
            return begins, ends
    return None
