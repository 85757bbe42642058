"""Everything that changes what hosts offer, and the times kept for people.

Pages, the API, the admin, commands and tasks call these functions. `by` is the
person who acts, or None when the system does. Whatever changes hours writes the
precomputed days in the same transaction (availability.generation); nothing here
touches what is booked or held.
"""

import uuid
from contextlib import suppress
from datetime import timedelta

import holidays
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, ProtectedError
from django.utils import timezone

from accounts.models import User
from availability import claims, generation, quarters, queries, slots
from availability.exceptions import (
    HostRefused,
    HoursOverlap,
    StillBooked,
    TooManyHolds,
)
from availability.locks import lock_days
from availability.models import Hold, HostDay
from offices.history import recorded
from offices.models import Closure, ClosureKind, Host, Office, OfficeStatus
from offices.operations import dissolve
from offices.permissions import may, require
from offices.roles import Permission


@transaction.atomic
def hold(offered, starts_at, *, holder, quantity=1, host=None, by=None):
    """Keep a time for `holder` until the office's hold time has passed.

    `offered` is an OfficeService, `starts_at` aware, `holder` the opaque name of
    a browser or API client, `host` one host or None for any. `by` is a user who
    books for citizens, if it is one: staff are not bound to what is public.

    Raises NotOffered, SlotPast, SlotTooFar, SlotClosed, SlotTaken, HostRefused,
    QuantityRefused, TooManyHolds.
    """
    slot = slots.slot_at(offered, starts_at, quantity)
    staff = by is not None and may(by, Permission.BOOK_APPOINTMENTS, offered.office)
    check_bookable(offered, slot, staff=staff)
    _check_cap(holder)
    now = timezone.now()
    return Hold.objects.create(
        id=uuid.uuid4(),
        host_id=claims.claim(hosts_for(offered, host), slot),
        service_id=offered.service_id,
        quantity=quantity,
        day=slot.day,
        quarters=slot.quarters,
        starts_at=slot.starts_at,
        busy_until=slot.busy_until,
        holder=holder,
        expires_at=now + offered.office.hold_time,
    )


def _check_cap(holder):
    """Raise TooManyHolds for a client that keeps as many times as one may.

    Holds of one client take turns, so that many at once cannot pass.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [holder]
        )
    if Hold.objects.live().filter(holder=holder).count() >= settings.HOLDS_PER_CLIENT:
        raise TooManyHolds


def check_bookable(offered, slot, *, staff=False, override=False):
    """Raise the refusal that the office's policy has for a time, if any.

    Staff who book for citizens are not bound to what is public; with `override`
    neither to lead time nor horizon. Nobody books the past.
    """
    now = timezone.now()
    if not staff:
        slots.check_offered(offered)
    if override:
        slots.check_not_over(slot, now)
    else:
        slots.check_window(offered.office, slot, now)


def hosts_for(offered, host=None):
    """The hosts to claim from, by id. Raises HostRefused for one that cannot serve."""
    found = queries.serving(offered, host)
    if host is not None and not found:
        raise HostRefused
    return found


@transaction.atomic
def release(*, holder, hold=None):
    """Give back what `holder` keeps: one hold (its id), or all of them."""
    claims.release(holder, hold)


@transaction.atomic
def release_as_staff(hold, *, by):
    """Give back a time that somebody else keeps. Raises PermissionDenied."""
    require(by, Permission.BOOK_APPOINTMENTS, hold.host.office)
    release(holder=hold.holder, hold=hold.pk)


@transaction.atomic
def sweep_holds():
    """Give back the time of expired holds; returns how many host days changed."""
    return claims.sweep()


@transaction.atomic
def set_hours(host, *, save=(), delete=(), by):
    """Save and delete rules and exceptions of `host`; what it offers follows.

    The rows may be unsaved. Raises PermissionDenied for a row of another host,
    ValidationError for one that is wrong, HoursOverlap where the person behind the
    host would offer the same time at two offices.
    """
    require(by, Permission.MANAGE_HOURS, host.office)
    if any(row.host_id not in (None, host.pk) for row in (*save, *delete)):
        raise PermissionDenied
    _lock(host.office)
    for row in save:
        row.host = host
        row.full_clean()
        with recorded(row, by=by):
            row.save()
    for row in delete:
        with recorded(row, by=by):
            row.delete()
    generation.generate([host.office])
    check_person(host)


@transaction.atomic
def close(office, *, starts_at, ends_at, host=None, reason="", by):
    """Close an office, or one host, from an aware instant until another."""
    closure = Closure(
        office=office, host=host, starts_at=starts_at, ends_at=ends_at, reason=reason
    )
    return save_closure(closure, by=by)


@transaction.atomic
def save_closure(closure, *, by):
    """Write a new or changed closure; what the office offers follows.

    Setting `is_overridden` opens the office all the same, as on a holiday.
    Raises ValidationError for one that is wrong, HoursOverlap as set_hours does.
    """
    require(by, Permission.MANAGE_HOURS, closure.office)
    _lock(closure.office)
    closure.full_clean()
    with recorded(closure, by=by):
        closure.save()
    generation.generate([closure.office])
    _check_people(closure.office)
    return closure


@transaction.atomic
def reopen(closure, *, by):
    """Take a closure back; a public holiday is overridden, as it would come again.

    Raises HoursOverlap as set_hours does.
    """
    require(by, Permission.MANAGE_HOURS, closure.office)
    _lock(closure.office)
    with recorded(closure, by=by):
        if closure.kind == ClosureKind.HOLIDAY:
            closure.is_overridden = True
            closure.save(update_fields=["is_overridden"])
        else:
            closure.delete()
    generation.generate([closure.office])
    _check_people(closure.office)


@transaction.atomic
def save_office(office, *, by):
    """Write a new or changed office; what it offers follows.

    Raises ValidationError for facts that are wrong, StillBooked for another time
    zone while times to come are taken, HoursOverlap as set_hours does.
    """
    require(by, Permission.MANAGE_OFFICE, office)
    locked = Office.objects.select_for_update(no_key=True)
    before = locked.filter(pk=office.pk).first()
    office.full_clean()
    if before and before.time_zone != office.time_zone:
        _check_unclaimed(HostDay.objects.filter(office=office), since=before.today())
    with recorded(office, by=by):
        office.save()
    if before and _calendar(before) != _calendar(office):
        _renew_holidays(before, office)
    generate([office])
    _check_people(office)


@transaction.atomic
def delete_office(office, *, by):
    """Delete an office of which nothing came; one with a history is closed for good.

    Returns whether it is gone. Whoever is booking there at this moment comes first.
    """
    require(by, Permission.MANAGE_OFFICE, office)
    _lock(office)
    lock_days(office)
    with suppress(ProtectedError), transaction.atomic(), recorded(office, by=by):
        dissolve(office)
        office.delete()
        return True
    office = Office.objects.get(pk=office.pk)
    office.status = OfficeStatus.CLOSED
    save_office(office, by=by)
    return False


@transaction.atomic
def save_host(host, *, by):
    """Write a new or changed host; one that is inactive offers nothing.

    Raises ValidationError for facts that are wrong, StillBooked for another person
    while times to come are taken, HoursOverlap as set_hours does.
    """
    require(by, Permission.MANAGE_OFFICE, host.office)
    _lock(host.office)
    before = Host.objects.filter(pk=host.pk).first()
    host.full_clean()
    if before and before.office_id != host.office_id:
        raise HostRefused
    if before and before.user_id != host.user_id:
        _check_unclaimed(host.days, since=host.office.today())
    with recorded(host, by=by):
        host.save()
    generation.generate([host.office])
    check_person(host)


@transaction.atomic
def generate(offices, *, since=None, until=None):
    """Precompute what offices offer, after closing them on public holidays.

    See generation.generate, which this returns.
    """
    for office in offices:
        _close_on_holidays(office, until or generation.horizon(office), since=since)
    return generation.generate(offices, since=since, until=until)


def check_person(host):
    """Raise HoursOverlap when a person offers an hour at two offices.

    Locks the person: the other office may be writing its hours at this moment.
    """
    if host.user_id is None:
        return
    User.objects.select_for_update(no_key=True).get(pk=host.user_id)
    since = host.office.today() - timedelta(days=2)
    own, others = 0, 0
    rows = HostDay.objects.filter(host__user=host.user_id, day__gt=since)
    for host_id, day, time_zone, offered in rows.values_list(
        "host", "day", "office__time_zone", "open"
    ):
        elapsed = quarters.local_day(day, time_zone).starts_at - quarters.midnight(
            since, "UTC"
        )
        offered <<= elapsed // quarters.QUARTER
        if host_id == host.pk:
            own |= offered
        else:
            others |= offered
    if own & others:
        raise HoursOverlap


def _check_people(office):
    """Check each person who hosts at this office and at another."""
    elsewhere = Host.objects.filter(user=OuterRef("user")).exclude(office=office)
    for host in office.hosts.filter(Exists(elsewhere)).order_by("user_id"):
        check_person(host)


def _check_unclaimed(days, *, since):
    """Raise StillBooked when any of the host days from a date on is claimed.

    Locks them, so that nobody claims time before what depends on it is written.
    """
    days = days.filter(day__gte=since).order_by("host_id", "day")
    if any(day.claimed for day in days.select_for_update(no_key=True)):
        raise StillBooked


def _calendar(office):
    """What an office's public holidays depend on."""
    return office.country, office.subdivision, office.time_zone


def _renew_holidays(before, office):
    """Make the holidays to come anew; those on which the office opens stay open."""
    holidays_to_come = office.closures.holidays().filter(ends_at__gt=timezone.now())
    overridden = {
        before.local_day(closure.starts_at)
        for closure in holidays_to_come.filter(is_overridden=True)
    }
    holidays_to_come.delete()
    _close_on_holidays(office, max([generation.horizon(office), *overridden]))
    for closure in holidays_to_come.all():
        if office.local_day(closure.starts_at) in overridden:
            closure.is_overridden = True
            closure.save(update_fields=["is_overridden"])


def _close_on_holidays(office, until, *, since=None):
    """Make a closure of each public holiday that has none; keep what staff set."""
    first = since or office.today()
    known = holidays.country_holidays(
        office.country,
        subdiv=office.subdivision or None,
        years=range(first.year, until.year + 1),
    )
    Closure.objects.bulk_create(
        [
            Closure(
                office=office,
                kind=ClosureKind.HOLIDAY,
                starts_at=quarters.midnight(day, office.time_zone),
                ends_at=quarters.midnight(day + timedelta(days=1), office.time_zone),
                reason=name[:200],
            )
            for day, name in sorted(known.items())
            if first <= day <= until
        ],
        ignore_conflicts=True,
    )


def _lock(office):
    """Let one change of an office's hours happen at a time."""
    Office.objects.select_for_update(no_key=True).get(pk=office.pk)
