"""Offices and hosts, where what they are changes what they offer."""

from contextlib import suppress

from django.db import transaction
from django.db.models import ProtectedError

from availability import generation, locks
from availability.exceptions import HostRefused, StillBooked
from availability.models import HostDay
from availability.operations.hours import generate
from availability.operations.persons import check_people, check_person
from availability.operations.public_holidays import calendar_of, renew_holidays
from offices.history import recorded
from offices.models import Host, Office, OfficeStatus
from offices.operations import dissolve
from offices.permissions import require
from offices.roles import Permission


@transaction.atomic
def save_office(office, *, by):
    """Write a new or changed office; what it offers follows: closed for good, nothing.

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
    if before and calendar_of(before) != calendar_of(office):
        renew_holidays(before, office)
    generate([office])
    check_people(office)


@transaction.atomic
def delete_office(office, *, by):
    """Delete an office of which nothing came; one with a history is closed for good.

    Returns whether it is gone. Whoever is booking there at this moment comes first.
    """
    require(by, Permission.MANAGE_OFFICE, office)
    locks.lock_office(office)
    locks.lock_days(office)
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
    locks.lock_office(host.office)
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


def _check_unclaimed(days, *, since):
    """Raise StillBooked when any of the host days from a date on is claimed.

    Locks them, so that nobody claims time before what depends on it is written.
    """
    days = days.filter(day__gte=since).order_by("host_id", "day")
    if any(day.claimed for day in days.select_for_update(no_key=True)):
        raise StillBooked
