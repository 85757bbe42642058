"""The tablet at the door: its key, and checking in by it."""

import uuid
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from appointments.exceptions import TooEarly
from appointments.operations.desk import check_in
from offices.history import renewed
from offices.models import Office
from offices.permissions import require
from offices.roles import Permission
from offices.times import office_time

CHECK_IN_BEFORE = timedelta(hours=1)  # its start; earlier, one waits elsewhere


def make_tablet_key(office, *, by):
    """Give the office a new key, which ends the old one. Raises PermissionDenied."""
    return _set_key(office, uuid.uuid4(), by)


def revoke_tablet_key(office, *, by):
    """End the tablet; without one nothing changes. Raises PermissionDenied."""
    return _set_key(office, None, by)


@transaction.atomic
def check_in_at_door(appointment, *, key):
    """Check in whom the tablet has found; `key` (a UUID) is that of its office.

    Raises PermissionDenied for another key, NotToday, TransitionRefused, TooEarly.
    """
    has_it = Office.objects.filter(pk=appointment.office_id, tablet_key=key)
    if key is None or not has_it.exists():
        raise PermissionDenied
    arrived = check_in(appointment, by=None)
    since = arrived.starts_at - CHECK_IN_BEFORE
    if timezone.now() < since:
        raise TooEarly(office_time(since, arrived.office))  # takes it back, too
    return arrived


@transaction.atomic
def _set_key(office, key, by):
    require(by, Permission.MANAGE_OFFICE, office)
    office = Office.objects.select_for_update(no_key=True).get(pk=office.pk)
    office.tablet_key = key
    office.save(update_fields=["tablet_key", "updated_at"])
    renewed(office, by=by)
    return office
