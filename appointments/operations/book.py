from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appointments import permissions
from appointments.exceptions import LimitReached
from appointments.models import Appointment
from appointments.operations import steps
from appointments.states import Channel, EventKind, Status
from availability import quarters, queries, slots
from availability.exceptions import SlotTaken
from availability.operations import hosts_for
from offices.roles import Permission


@transaction.atomic
def book(
    offered,
    starts_at,
    *,
    citizen,
    by,
    channel,
    quantity=1,
    host=None,
    hold=None,
    holder="",
    override="",
    **details,
):
    """Give `citizen` a time for a service at an office, or say why not.

    `offered` is an OfficeService with its office and service; `starts_at` is
    aware; `citizen` a Citizen, unsaved for a guest; `host` one host, or None for
    any that is free. `hold` (with its `holder`) names a hold to book from: if it
    is gone, the time is claimed anew. `override` is staff's reason to go beyond
    lead time, limit and hours. `details`: purpose, access_needs, language.

    Raises PermissionDenied, LimitReached and what availability.operations.hold
    raises. Waits for approval where the office wants that.
    """
    office = offered.office
    steps.allow(permissions.can_book_for, by, citizen, office)
    steps.allow_override(override, by, office)
    slot = slots.slot_at(offered, starts_at, quantity)
    staff = permissions.is_staff(by, office, Permission.BOOK_APPOINTMENTS)
    steps.check_bookable(
        offered, slot, staff=staff, override=override, hold=hold, holder=holder
    )
    if not override:
        _check_limit(office, citizen.email.lower())
    taking = steps.take_time(
        slot,
        hosts=hosts_for(offered, host),
        hold=hold,
        holder=holder,
        override=override,
    )
    waits = office.approval_required and not staff
    appointment = _write(
        offered,
        slot,
        taking,
        citizen=citizen,
        quantity=quantity,
        override=override,
        channel=channel,
        status=Status.PENDING if waits else Status.CONFIRMED,
        **details,
    )
    kind = EventKind.REQUESTED if waits else EventKind.BOOKED
    steps.record(appointment, kind, by, override=override)
    return appointment


@transaction.atomic
def book_once(key, offered, starts_at, **how):
    """Book as `book` does, under a name that makes a repetition harmless.

    `key` is a UUID that becomes the appointment's id. Whoever comes with it again
    is given what was booked first, and waits for it if that is still being booked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(key)]
        )
    earlier = Appointment.objects.with_details().filter(pk=key).first()
    return earlier or book(offered, starts_at, id=key, **how)


@transaction.atomic
def walk_in(offered, *, citizen, by, host=None, quantity=1, **details):
    """Give somebody at the door the next free time of today, and a ticket: checked in.

    Begins with the quarter-hour that is running. Raises SlotTaken when nobody is
    free any more today.
    """
    steps.allow(permissions.is_staff, by, offered.office, Permission.RUN_DESK)
    slot, taking = _take_next_today(offered, quantity, host)
    appointment = _write(
        offered,
        slot,
        taking,
        citizen=citizen,
        quantity=quantity,
        channel=Channel.WALK_IN,
        status=Status.CHECKED_IN,
        checked_in_at=timezone.now(),
        ticket=steps.next_ticket(offered.office, slot.day),
        **details,
    )
    steps.record(appointment, EventKind.BOOKED, by)
    steps.record(appointment, EventKind.CHECKED_IN, by)
    return appointment


def _take_next_today(offered, quantity, host):
    """Claim the first free time from the running quarter-hour on."""
    running = timezone.now() - quarters.QUARTER + timedelta(microseconds=1)
    hosts = hosts_for(offered, host)
    found = queries.free_starts(
        offered, offered.office.today(), quantity=quantity, host=host, since=running
    )
    for starts_at in found:
        slot = slots.slot_at(offered, starts_at, quantity)
        try:
            with transaction.atomic():  # lets go of days that it locks in vain
                return slot, steps.take_time(slot, hosts=hosts)
        except SlotTaken:  # by somebody, since we looked
            continue
    raise SlotTaken(_("Nobody is free any more today."))


def _check_limit(office, email):
    """Raise LimitReached for an address with too many open appointments here.

    Bookings with one address take turns, so that two at once cannot pass.
    """
    if not email:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [email, office.pk]
        )
    open_now = Appointment.objects.open().filter(office=office, citizen__email=email)
    if open_now.count() >= office.max_open_appointments:
        raise LimitReached


def _write(offered, slot, host, *, citizen, override="", **fields):
    """Save the appointment, and its citizen if that is a new one."""
    if citizen.pk is None:
        citizen.email = citizen.email.lower()
        citizen.save()
    appointment = Appointment(
        office=offered.office,
        service=offered.service,
        citizen=citizen,
        day=slot.day,
        **fields,
    )
    steps.put_at(appointment, slot, host, override=override)
    steps.insert(appointment)
    return appointment
