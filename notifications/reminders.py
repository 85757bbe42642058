"""When to remind people of an appointment.

Reminders are rows like any other message, planned when the appointment is booked,
approved or moved, and dropped with what else no longer holds.
"""

from datetime import datetime, timedelta

from appointments.states import EventKind, Status
from notifications.policies import policy_of
from notifications.states import Channel

# Events after which an appointment has a time that it may not have had before.
PLANS = {
    EventKind.BOOKED,
    EventKind.APPROVED,
    EventKind.RESCHEDULED,
    EventKind.POSTPONED,
}


def times(event):
    """When to remind because of an event: [(channel, aware instant)], soonest first.

    What would have come before the event is left out: who books for tomorrow need
    not be told tomorrow. A text message that falls into the quiet hours comes before
    them.
    """
    appointment = event.appointment
    if event.kind not in PLANS or appointment.status != Status.CONFIRMED:
        return []
    office = appointment.office
    policy = policy_of(office)
    hours = {Channel.MAIL: office.reminder_hours}
    hours[Channel.SMS] = policy.sms_reminder_hours
    planned = set()
    for channel, before in hours.items():
        for count in before:
            at = appointment.starts_at - timedelta(hours=count)
            if channel == Channel.SMS:
                at = before_quiet(at, policy)
            if at > event.created_at:
                planned.add((channel, at))
    return sorted(planned, key=lambda each: (each[1], each[0]))


def before_quiet(instant, policy):
    """The instant itself, or when the quiet hours around it begin."""
    begins, _ends = quiet_around(instant, policy) or (instant, instant)
    return begins


def quiet_around(instant, policy):
    """The quiet hours that an instant falls into, as two instants; None if none."""
    zone = policy.office.zone
    local = instant.astimezone(zone)
    for days in (-1, 0):
        day = local.date() + timedelta(days=days)
        begins = datetime.combine(day, policy.quiet_from, zone)
        over_night = policy.quiet_until <= policy.quiet_from
        until = day + timedelta(days=1) if over_night else day
        ends = datetime.combine(until, policy.quiet_until, zone)
        if begins <= local < ends:
            return begins, ends
    return None
