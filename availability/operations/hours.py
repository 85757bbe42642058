"""Opening hours, exceptions and closures; and working out what they offer."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from availability import generation, locks
from availability.operations.persons import check_people, check_person
from availability.operations.public_holidays import close_on_holidays
from offices.history import recorded
from offices.models import Closure, ClosureKind
from offices.permissions import require
from offices.roles import Permission


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
    locks.lock_office(host.office)
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
    locks.lock_office(closure.office)
    closure.full_clean()
    with recorded(closure, by=by):
        closure.save()
    generation.generate([closure.office])
    check_people(closure.office)
    return closure


@transaction.atomic
def reopen(closure, *, by):
    """Take a closure back; a public holiday is overridden, as it would come again.

    Raises HoursOverlap as set_hours does.
    """
    require(by, Permission.MANAGE_HOURS, closure.office)
    locks.lock_office(closure.office)
    with recorded(closure, by=by):
        if closure.kind == ClosureKind.HOLIDAY:
            closure.is_overridden = True
            closure.save(update_fields=["is_overridden"])
        else:
            closure.delete()
    generation.generate([closure.office])
    check_people(closure.office)


@transaction.atomic
def generate(offices, *, since=None, until=None):
    """Precompute what offices offer, after closing them on public holidays.

    See generation.generate, which this returns.
    """
    for office in offices:
        close_on_holidays(office, until or generation.horizon(office), since=since)
    return generation.generate(offices, since=since, until=until)
