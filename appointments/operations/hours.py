"""Changing an office's hours together with what becomes of whom that hurts."""

from collections import Counter
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from appointments import permissions
from appointments.exceptions import Changed, SameTime
from appointments.impact.decisions import Decision, Fate
from appointments.impact.exceptions import DecisionRefused, Undecided
from appointments.impact.offers import Offers
from appointments.models import Appointment
from appointments.operations import steps
from appointments.previews import keys_without_hours, without_hours
from appointments.states import EventKind, Status
from availability import claims, locks, slots
from availability.exceptions import SlotClosed
from availability.slots import Slot
from config.exceptions import DomainError
from offices.models import Host
from offices.roles import Permission


class Plan(NamedTuple):
    """A decision about one appointment, and the time it needs for that, if any."""

    appointment: Appointment
    decision: Decision
    host: Host | None = None
    slot: Slot | None = None

    @property
    def time(self):
        """(host id, day, quarters)."""
        return self.host.pk, self.slot.day, self.slot.quarters


class Outcome(NamedTuple):
    """What was done between two aware instants: {Fate: how many}."""

    since: datetime
    until: datetime
    counts: Counter


@transaction.atomic
def change_hours(change, decisions, *, by, reason="", holder=""):
    """Change an office's hours and settle what becomes of whom that hurts, in one.

    `change` is an impact.changes.HoursChange; without rows it is about what has lost
    its hours already. `decisions` are {appointment id: Decision}, one for each; times
    that `holder` keeps are taken from there. All of it is done, or nothing.

    Raises PermissionDenied, Undecided, DecisionRefused and what `change.apply` raises.
    """
    office = change.office
    _allow(change, decisions, by)
    locks.lock_office(office)
    since = timezone.now()
    plans = _plan(office, decisions)
    timed = [(plan.host.pk, plan.slot) for plan in plans if plan.slot]
    kept = claims.take_over_all(timed, holder=holder)
    if decisions:
        locks.lock_days(office)
        _lock_rows(decisions)
    without = None if change.is_empty else keys_without_hours(office)
    change.apply(by=by)
    hurt = {each.pk: each for each in without_hours(office, but=without)}
    _check_decided(hurt, plans)
    _lock_people(plans)
    for plan in plans:
        with naming(plan.appointment):
            _settle(hurt[plan.appointment.pk], plan, kept, by, reason)
    _check_supported(office, plans)
    counts = Counter(plan.decision.fate for plan in plans)
    return Outcome(since, timezone.now(), counts)


def _allow(change, decisions, by):
    """Hours are the business of some, appointments of others; here both are."""
    if not change.is_empty:
        _allow_one(by, change.office, Permission.MANAGE_HOURS)
    if change.is_empty or any(each.fate != Fate.LEAVE for each in decisions.values()):
        _allow_one(by, change.office, Permission.BOOK_APPOINTMENTS)


def _allow_one(by, office, permission):
    steps.allow(permissions.is_staff, by, office, permission)


@contextmanager
def naming(appointment):
    """Say of which appointment something was refused."""
    try:
        yield
    except DomainError as refusal:
        raise DecisionRefused(appointment, refusal) from refusal


def _plan(office, decisions):
    """What each decision asks for, in the order of the appointments' times."""
    rows = Appointment.objects.filter(office=office, pk__in=decisions).with_details()
    offers = Offers(office)
    plans = []
    for appointment in rows.order_by("starts_at", "pk"):
        with naming(appointment):
            plans.append(_plan_one(appointment, decisions[appointment.pk], offers))
    if len(plans) < len(decisions):
        raise Changed
    return plans


def _plan_one(appointment, decision, offers):
    if decision.host is None:
        return Plan(appointment, decision)
    host = offers.host_for(appointment, decision.host)
    if decision.fate == Fate.GIVE:
        return Plan(appointment, decision, host, appointment.slot)
    slot = offers.slot_at(appointment, decision.starts_at)
    return Plan(appointment, decision, host, slot)


def _lock_rows(decisions):
    """Lock the appointments that have been decided about."""
    rows = Appointment.objects.filter(pk__in=decisions).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def _lock_people(plans):
    """Lock whom appointments go to, in one order: each step locks its own again."""
    for person in sorted({p.host.user_id for p in plans if p.host and p.host.user_id}):
        steps.lock_person(person)


def _check_decided(hurt, plans):
    """Raise Undecided, or DecisionRefused for a decision that has no object any more.

    Also for one that has another time or host than was looked at.
    """
    if hurt.keys() - {plan.appointment.pk for plan in plans}:
        raise Undecided
    for plan in plans:
        seen, now = plan.appointment, hurt.get(plan.appointment.pk)
        if now is None or (now.host_id, now.slot) != (seen.host_id, seen.slot):
            raise DecisionRefused(seen, Changed())


def _settle(appointment, plan, kept, by, reason):
    """Carry out one decision about an appointment that is locked."""
    match plan.decision.fate:
        case Fate.MOVE:
            _move(appointment, plan, kept, by, reason)
        case Fate.GIVE:
            _give(appointment, plan, kept, by, reason)
        case Fate.CANCEL:
            steps.become(appointment, Status.CANCELLED)
            steps.give_up(appointment, EventKind.CANCELLED, by, reason)


def _move(appointment, plan, kept, by, reason):
    if (plan.host.pk, plan.slot) == (appointment.host_id, appointment.slot):
        raise SameTime
    if plan.time in kept:
        slots.check_not_over(plan.slot, timezone.now())
    else:
        slots.check_window(appointment.office, plan.slot, timezone.now())
    previous_start = appointment.starts_at
    _take(appointment, plan, kept)
    appointment.sequence += 1
    steps.save(appointment, update_fields=steps.TIME_FIELDS)
    steps.record(
        appointment,
        EventKind.POSTPONED,
        by,
        reason=reason,
        previous_start=previous_start,
    )


def _give(appointment, plan, kept, by, reason):
    if appointment.host_id == plan.host.pk:
        raise SameTime
    _take(appointment, plan, kept)
    steps.save(appointment, update_fields=steps.HOST_FIELDS)
    steps.record(appointment, EventKind.REASSIGNED, by, reason=reason)


def _take(appointment, plan, kept):
    """Change its time and host, on the unsaved object.

    To a time that is `kept`, which is then taken; or to one that nobody has claimed.
    """
    steps.free_time(appointment)
    if plan.time in kept:
        kept.remove(plan.time)
    else:
        claims.claim([plan.host.pk], plan.slot)
    steps.put_at(appointment, plan.slot, plan.host)


def _check_supported(office, plans):
    """Raise DecisionRefused for a time that has no hours, kept or not."""
    moved = {plan.appointment.pk for plan in plans if plan.slot}
    for appointment in without_hours(office).filter(pk__in=moved):
        raise DecisionRefused(appointment, SlotClosed())
