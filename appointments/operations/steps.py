"""The steps that operations are made of."""

from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from appointments import references
from appointments.exceptions import (
    Changed,
    DataDeleted,
    HoldExpired,
    NotToday,
    TransitionRefused,
)
from appointments.models import (
    PERSON_NOT_DOUBLE_BOOKED,
    REFERENCE_ONCE,
    Appointment,
    AppointmentEvent,
    Citizen,
)
from appointments.permissions import can_override, is_own
from appointments.signals import appointment_event
from appointments.states import Actor
from availability import claims
from availability import operations as availability
from availability.exceptions import SlotClosed, SlotPast, SlotTaken
from availability.models import Hold, HostDay
from offices.models import Closure


def allow(rule, by, *about):
    """Raise PermissionDenied unless the rule lets `by`; the system may everything."""
    if by is not None and not rule(by, *about):
        raise PermissionDenied


def allow_override(override, by, office):
    """`override` is the reason for going beyond the rules; empty for not doing so."""
    if override:
        allow(can_override, by, office)


def check_bookable(offered, slot, *, staff, override, hold=None, holder=""):
    """Raise the refusal that the office's policy has for a time, if any.

    A time that is held met the lead time when it was chosen: who fills in the form
    meanwhile does not come too late.
    """
    try:
        availability.check_bookable(offered, slot, staff=staff, override=bool(override))
    except SlotPast:
        if override or not _is_held(slot, hold, holder):
            raise
        availability.check_bookable(offered, slot, staff=staff, override=True)


def _is_held(slot, hold, holder):
    if not hold:
        return False
    held = Hold.objects.live().filter(
        pk=hold, holder=holder, day=slot.day, quarters=slot.quarters
    )
    return held.exists()


def lock(appointment):
    """Re-read the row for this transaction alone: the caller's copy may be old.

    First the lock, then the details: one statement for both, when it had to wait,
    looks for the host of before beside the row of after, and finds neither.

    Raises DataDeleted: of what says no more who came, nothing changes any more.
    """
    rows = Appointment.objects.filter(pk=appointment.pk)
    rows.select_for_update(no_key=True).values_list("pk").get()
    locked = rows.with_details().get()
    if locked.purged_at:
        raise DataDeleted
    return locked


def lock_with_days(appointment, hosts=(), day=None):
    """Lock the host's day it is on, and those of `hosts` on `day`; then its row.

    Without `day` it is the one that the appointment is on.

    Raises Changed when it has moved since the days to lock were looked up.
    """
    rows = Appointment.objects.filter(pk=appointment.pk)
    seen = rows.values_list("host", "day").get()
    claims.lock([seen, *((host, day or seen[1]) for host in hosts)])
    locked = lock(appointment)
    if (locked.host_id, locked.day) != seen:
        raise Changed
    return locked


def take_time(slot, *, hosts, hold=None, holder="", override=""):
    """Claim the slot of one of `hosts` ({id: Host}), from the holder's hold if any.

    With `override`, outside the hours too, if no host has hours then. Returns the
    host; raises SlotTaken or SlotClosed, and HoldExpired for a time that was held.
    """
    taken = None
    if hold:
        taken = claims.take_over(hold, holder=holder, hosts=hosts, slot=slot)
    if taken is None:
        with blaming(hold):
            taken = _claim(slot, hosts, override)
    return hosts[taken]


@contextmanager
def blaming(hold):
    """Say of a time that was held, and is now taken, that the hold is over."""
    try:
        yield
    except SlotTaken as error:
        if not hold:
            raise
        raise HoldExpired from error


def _claim(slot, hosts, override):
    if not (override and hosts):
        return claims.claim(hosts, slot)
    try:
        with transaction.atomic():  # lets go of days that it locks in vain
            return claims.claim(hosts, slot)
    except SlotClosed:
        return claims.claim_outside_hours(hosts, slot)


def free_time(appointment):
    """Give back the time it takes up."""
    claims.free(appointment.host_id, appointment.day, appointment.quarters)


def put_at(appointment, slot, host, *, override=""):
    """Set its time and host, on the unsaved object; a ticket is of one day only.

    With `override`, what that goes beyond is kept with it.
    """
    if appointment.day != slot.day:
        appointment.ticket = None
    appointment.day = slot.day
    appointment.quarters = slot.quarters
    appointment.starts_at = slot.starts_at
    appointment.ends_at = slot.ends_at
    appointment.busy_until = slot.busy_until
    appointment.host = host
    appointment.person_id = host.user_id
    appointment.outside_hours = bool(override) and not _has_hours(host, slot)
    appointment.despite_closure = appointment.outside_hours and _is_closed(host, slot)


def _has_hours(host, slot):
    hours = HostDay.objects.filter(host=host, day=slot.day).values_list("open").first()
    return hours is not None and not slot.quarters & ~hours[0]


def _is_closed(host, slot):
    closures = Closure.objects.effective().filter(
        Q(host=None) | Q(host=host), office=host.office_id
    )
    return closures.overlapping(slot.starts_at, slot.busy_until).exists()


HOST_FIELDS = ["host", "person", "outside_hours", "despite_closure", "updated_at"]

TIME_FIELDS = [
    "day",
    "quarters",
    "starts_at",
    "ends_at",
    "busy_until",
    "ticket",
    "sequence",
    *HOST_FIELDS,
]


def save(appointment, **kwargs):
    """Write it. Raises SlotTaken where its person is busy at another office.

    Claims keep hosts apart; that one person's two hosts have no hours in common
    is kept by set_hours, except outside the hours. There the constraint is met;
    the person's bookings take turns, since two that met in it could deadlock.
    """
    if appointment.person_id is not None:
        lock_person(appointment.person_id)
    try:
        appointment.save(**kwargs)
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != PERSON_NOT_DOUBLE_BOOKED:
            raise
        raise SlotTaken from error


def insert(appointment):
    """Write a new one; a reference that is in use gives way to another."""
    try:
        with transaction.atomic():
            save(appointment, force_insert=True)
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != REFERENCE_ONCE:
            raise
        appointment.reference = references.make()
        insert(appointment)


def lock_person(pk):
    """Let the bookings of one person, at whichever office, take turns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('person', %s))", [pk]
        )


def become(appointment, status):
    """Take one step along TRANSITIONS, on the unsaved object."""
    if not appointment.can_become(status):
        raise TransitionRefused(appointment)
    appointment.status = status


def step(appointment, status, kind, by, **at_desk):
    """Take one step, save it and write it down; `at_desk` as `mark` takes it."""
    become(appointment, status)
    return mark(appointment, kind, by, **at_desk)


def mark(appointment, kind, by, **at_desk):
    """Save its status and what `at_desk` sets of its ticket, times and called_to."""
    for name, value in at_desk.items():
        setattr(appointment, name, value)
    save(appointment, update_fields=["status", *at_desk, "updated_at"])
    record(appointment, kind, by)
    return appointment


def next_ticket(office, day):
    """The number after the last one of a day at an office.

    Who takes one has the next one wait until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))",
            [f"ticket {day}", office.pk],
        )
    given = Appointment.objects.filter(office=office, day=day)
    return (given.aggregate(last=Max("ticket"))["last"] or 0) + 1


def give_up(appointment, kind, by, reason):
    """Save one that has become cancelled or denied, and give back its time."""
    free_time(appointment)
    appointment.sequence += 1
    appointment.save(update_fields=["status", "sequence", "updated_at"])
    record(appointment, kind, by, reason=reason)
    return appointment


def check_today(appointment):
    """Raise NotToday unless it is for this day at its office."""
    if appointment.day != appointment.office.today():
        raise NotToday


def is_too_late(appointment):
    """Whether the office's cut-off for citizens has passed."""
    return (
        timezone.now() > appointment.starts_at - appointment.office.cancellation_cutoff
    )


def record(appointment, kind, by, *, reason="", override="", previous_start=None):
    """Write a line of history and tell those who listen, in this transaction."""
    event = AppointmentEvent.objects.create(
        appointment=appointment,
        kind=kind,
        actor_kind=_actor_kind(by, appointment),
        actor=None if isinstance(by, Citizen) else by,
        reason=reason,
        override=override,
        previous_start=previous_start,
        host_id=appointment.host_id,
    )
    appointment_event.send(sender=Appointment, event=event)


def _actor_kind(by, appointment):
    if by is None:
        return Actor.SYSTEM
    return Actor.CITIZEN if is_own(by, appointment.citizen) else Actor.STAFF
