"""Who waits at an office, and who is called next. Reads only.

The rule of an office (Office.queue_rule) is told in docs/decisions/0022-the-queue.md.
"""

from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Greatest
from django.utils import timezone

from appointments.models import Appointment
from appointments.states import Channel, Status
from offices.models import Service
from offices.models.office import QueueRule

SERVED_BY = "SELECT service_id FROM offices_serving WHERE host_id = %s"


def waiting(office):
    """Those checked in today whom no host has called yet, in the order of calling."""
    rows = Appointment.objects.filter(
        office=office,
        day=office.today(),
        status=Status.CHECKED_IN,
        called_at=None,
    )
    if office.queue_rule == QueueRule.WAITING_TIME:
        return rows.order_by("checked_in_at", "ticket", "pk")
    return _appointments_first(rows, timezone.now())


def waiting_for(host):
    """Those of them whom a host may call: whom it can serve, or who come to it."""
    rows = waiting(host.office)
    if not host.office.one_queue:
        return rows.filter(host=host)
    can_serve = RawSQL(SERVED_BY, [host.pk])  # noqa: S611 (a constant)  # nosec B611
    return rows.filter(Q(host=host) | Q(service__in=can_serve))


def called_to(host):
    """Those whom a host has called today and nobody serves yet, the last one first."""
    rows = Appointment.objects.filter(
        office=host.office_id,
        day=host.office.today(),
        status=Status.CHECKED_IN,
        called_to=host,
        called_at__isnull=False,
    )
    return rows.order_by("-called_at")


def serves(host, appointment):
    """Whether a host can serve it, by its services."""
    serving = RawSQL(SERVED_BY, [host.pk])  # noqa: S611 (a constant)  # nosec B611
    return Service.objects.filter(pk__in=serving, pk=appointment.service_id).exists()


def _appointments_first(rows, now):
    """Appointments that are due, by the moment since which they are and wait; then
    walk-ins and who has come early, by how long they wait.
    """
    is_due = Q(starts_at__lte=now) & ~Q(channel=Channel.WALK_IN)
    return rows.order_by(
        Case(When(is_due, then=Value(0)), default=Value(1)),
        Case(
            When(is_due, then=Greatest("starts_at", "checked_in_at")),
            default=F("checked_in_at"),
        ),
        "ticket",
        "pk",
    )
