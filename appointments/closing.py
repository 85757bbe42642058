"""Appointments that are over and have no outcome, and who has not come in time."""

from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import structlog
from django.db import DatabaseError
from django.db.models import F, Q
from django.utils import timezone

from appointments import operations
from appointments.models import Appointment, AppointmentEvent
from appointments.states import CLOSE_OUT, OVER, EventKind, Status
from availability.quarters import midnight
from config import logs
from config.exceptions import DomainError
from offices.models import Host

SHOWN = 200  # appointments on one page

# How far back the rule reaches after a standstill; what is older is for people. It
# also keeps an office that begins with the rule from losing its past to it.
CAUGHT_UP = timedelta(days=2)
BATCH = 1000

logger = structlog.get_logger(__name__)


class HostRows(NamedTuple):
    """The appointments of one host, in time order."""

    host: Host
    rows: list[Appointment]


def by_host(appointments):
    """Appointments that are ordered by host, as a list of HostRows."""
    return [
        HostRows(host, list(rows))
        for host, rows in groupby(appointments, attrgetter("host"))
    ]


def unclosed(office):
    """Those before today that nobody has closed, in no certain order."""
    return office.appointments.filter(
        status__in=CLOSE_OUT.keys(), day__lt=office.today()
    )


def to_close(office):
    """What a page shows of them: the oldest, by host and time."""
    oldest = unclosed(office).order_by("starts_at", "pk")[:SHOWN]
    rows = list(oldest.with_details())
    return by_host(sorted(rows, key=lambda row: (row.host.name, row.host_id)))


def closed_today(office):
    """What was said today of days before, the last first: it can be taken back."""
    said = AppointmentEvent.objects.filter(
        kind__in=[EventKind.COMPLETED, EventKind.NO_SHOW],
        created_at__gte=midnight(office.today(), office.time_zone),
    )
    found = office.appointments.filter(
        status__in=OVER, day__lt=office.today(), pk__in=said.values("appointment")
    )
    return found.with_details().order_by("-updated_at", "pk")[:SHOWN]


def missed():
    """Those who have not checked in within the grace time of their office.

    What staff have taken back is theirs: the rule does not contradict them.
    """
    now = timezone.now()
    untouched = ~Q(events__kind=EventKind.UNDONE)
    return Appointment.objects.filter(
        untouched,
        status=Status.CONFIRMED,
        # A day is the office's own, so at most one away from UTC's.
        day__gte=(now - CAUGHT_UP).date() - timedelta(days=1),
        starts_at__gte=now - CAUGHT_UP,
        starts_at__lte=now - F("office__no_show_after"),
    )


def mark_all_missed():
    """Mark them, each for itself: what stops one does not stop the others."""
    for appointment in missed().order_by("starts_at", "pk")[:BATCH]:
        try:
            operations.mark_missed(appointment)
        except (DomainError, DatabaseError) as error:
            logger.warning(
                "no_show_not_marked", pk=appointment.pk, error=logs.told(error)
            )
