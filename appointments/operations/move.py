from django.db import transaction

from appointments import permissions
from appointments.exceptions import SameTime, TooLateToMove, TransitionRefused
from appointments.operations import steps
from appointments.states import MOVABLE, EventKind, Status
from availability import claims, slots
from availability.exceptions import NotOffered
from availability.operations import hosts_for
from offices.models import OfficeService
from offices.roles import Permission


@transaction.atomic
def reschedule(
    appointment, starts_at, *, by, host=None, hold=None, holder="", override=""
):
    """Move an appointment for its citizen; its old time is free again at once.

    Same appointment, same reference; any host that is free, unless one is named.
    Where requests need approval, the new time waits for it again unless staff
    moved it. Raises PermissionDenied, TooLateToMove, TransitionRefused, SameTime,
    Changed and what availability.operations.hold raises.
    """
    steps.allow(permissions.can_change, by, appointment)
    steps.allow_override(override, by, appointment.office)
    appointment, previous_start = _move(
        appointment, starts_at, by, host, override, hold=hold, holder=holder
    )
    steps.record(
        appointment,
        EventKind.RESCHEDULED,
        by,
        override=override,
        previous_start=previous_start,
    )
    return appointment


@transaction.atomic
def postpone(appointment, starts_at, *, by, host=None, reason="", override=""):
    """Move an appointment because the office must. Raises as reschedule does."""
    steps.allow(permissions.can_move_for_office, by, appointment)
    steps.allow_override(override, by, appointment.office)
    appointment, previous_start = _move(appointment, starts_at, by, host, override)
    steps.record(
        appointment,
        EventKind.POSTPONED,
        by,
        reason=reason,
        override=override,
        previous_start=previous_start,
    )
    return appointment


@transaction.atomic
def grant_at(appointment, starts_at, *, by, host=None, reason="", override=""):
    """Grant a request at another time than was asked for: approve and postpone in one.

    The citizen is told once, of the new time. Raises as both do.
    """
    steps.allow(permissions.can_decide, by, appointment)
    steps.allow(permissions.can_move_for_office, by, appointment)
    steps.allow_override(override, by, appointment.office)
    appointment, previous_start = _move(appointment, starts_at, by, host, override)
    if appointment.status != Status.PENDING:
        raise TransitionRefused(appointment)
    steps.step(appointment, Status.CONFIRMED, EventKind.APPROVED, by)
    steps.record(
        appointment,
        EventKind.POSTPONED,
        by,
        reason=reason,
        override=override,
        previous_start=previous_start,
    )
    return appointment


@transaction.atomic
def reassign(appointment, host, *, by, reason=""):
    """Give an appointment to another host of the office, at the same time.

    Who has been called waits again, for that host.
    Raises PermissionDenied, HostRefused, TransitionRefused, SameTime, Changed,
    SlotTaken, SlotClosed.
    """
    steps.allow(permissions.can_move_for_office, by, appointment)
    hosts = hosts_for(offered_of(appointment), host)
    appointment = steps.lock_with_days(appointment, [host.pk])
    if appointment.status not in (*MOVABLE, Status.CHECKED_IN):
        raise TransitionRefused(appointment)
    if appointment.host_id == host.pk:
        raise SameTime
    steps.take_time(appointment.slot, hosts=hosts)
    steps.free_time(appointment)
    steps.put_at(appointment, appointment.slot, host)
    appointment.called_at = appointment.called_to = None
    steps.save(
        appointment,
        update_fields=[*steps.HOST_FIELDS, "called_at", "called_to"],
    )
    steps.record(appointment, EventKind.REASSIGNED, by, reason=reason)
    return appointment


def _move(appointment, starts_at, by, host, override, *, hold=None, holder=""):
    """Change its time; returns the appointment as it is now, and when it was."""
    office = appointment.office
    offered = offered_of(appointment)
    staff = permissions.is_staff(by, office, Permission.BOOK_APPOINTMENTS)
    slot = slots.slot_at(offered, starts_at, appointment.quantity)
    steps.check_bookable(
        offered, slot, staff=staff, override=override, hold=hold, holder=holder
    )
    hosts = hosts_for(offered, host)
    held_at = None
    if hold:
        held_at = claims.take_over(hold, holder=holder, hosts=hosts, slot=slot)
    appointment = steps.lock_with_days(appointment, hosts, slot.day)
    check_movable(appointment, staff=staff)
    if appointment.starts_at == slot.starts_at and host in (None, appointment.host):
        raise SameTime
    steps.free_time(appointment)
    if held_at is None:
        with steps.blaming(hold):
            new_host = steps.take_time(slot, hosts=hosts, override=override)
    else:
        new_host = hosts[held_at]
    previous_start = appointment.starts_at
    steps.put_at(appointment, slot, new_host, override=override)
    appointment.sequence += 1
    if office.approval_required and not staff:
        appointment.status = Status.PENDING
    steps.save(appointment, update_fields=[*steps.TIME_FIELDS, "status"])
    return appointment, previous_start


def check_movable(appointment, *, staff=False):
    """Raise the refusal that any move of it now would meet, if any; pages ask too."""
    if appointment.status not in MOVABLE:
        raise TransitionRefused(appointment)
    if not staff and steps.is_too_late(appointment):
        raise TooLateToMove


def offered_of(appointment):
    """The OfficeService it was booked as. Raises NotOffered when that is gone."""
    try:
        return OfficeService.objects.with_details().get(
            office=appointment.office_id, service=appointment.service_id
        )
    except OfficeService.DoesNotExist as error:
        raise NotOffered from error
