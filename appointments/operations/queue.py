"""Calling who waits. What `next` means is said by appointments.desk.queue."""

from django.db import connection, transaction
from django.utils import timezone

from appointments import permissions
from appointments.desk import queue
from appointments.exceptions import (
    AlreadyCalled,
    NobodyWaits,
    StillCalled,
    TransitionRefused,
)
from appointments.models import Appointment
from appointments.operations import steps
from appointments.states import EventKind, Status
from availability.exceptions import HostRefused
from offices.roles import Permission


@transaction.atomic
def call_next(host, *, by):
    """Call whoever is next for a host; two hosts never call the same person.

    Raises PermissionDenied, NobodyWaits, StillCalled while somebody whom the host has
    called has not been started.
    """
    steps.allow(permissions.is_staff, by, host.office, Permission.RUN_DESK)
    _take_turns(host)
    called = queue.called_to(host).with_details().first()
    if called is not None:
        raise StillCalled(called)
    found = _lock_next(host)
    if found is None:
        raise NobodyWaits
    appointment = Appointment.objects.with_details().get(pk=found)
    return _call(appointment, host, by)


@transaction.atomic
def call(appointment, *, by, host=None):
    """Call one person that waits, or once more; to `host`, else as planned.

    Raises PermissionDenied, NotToday, TransitionRefused, HostRefused for a host of
    another office or that does not serve this, AlreadyCalled where another host has
    called first.
    """
    steps.allow(permissions.can_run_desk, by, appointment)
    appointment = steps.lock(appointment)
    steps.check_today(appointment)
    if appointment.status != Status.CHECKED_IN:
        raise TransitionRefused(appointment)
    return _call(appointment, who_serves(appointment, host), by)


def who_serves(appointment, host=None):
    """The host that has called, or `host`, or the planned one; raises as `call`."""
    called_to = appointment.called_to
    if host is None:
        return called_to or appointment.host
    if host.office_id != appointment.office_id:
        raise HostRefused
    if called_to not in (None, host):
        raise AlreadyCalled(called_to)
    if host.pk != appointment.host_id and not queue.serves(host, appointment):
        raise HostRefused
    return host


def _take_turns(host):
    """Let the calls of one host wait for each other: a second click calls nobody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('calling', %s))", [host.pk]
        )


def _lock_next(host):
    """Lock who is next for a host, for this transaction alone; its id, or None.

    It passes over those whom somebody else is changing at this moment. If that
    leaves nobody, it waits for them: they may wait on.
    """
    waiting = queue.waiting_for(host).values_list("pk", flat=True)
    with transaction.atomic():  # lets go of rows that it locks in vain
        found = waiting.select_for_update(skip_locked=True, no_key=True).first()
        transaction.set_rollback(found is None)
    return found or waiting.select_for_update(no_key=True).first()


def _call(appointment, host, by):
    return steps.mark(
        appointment,
        EventKind.CALLED,
        by,
        called_at=timezone.now(),
        called_to=host,
    )
