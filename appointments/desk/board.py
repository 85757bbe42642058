"""Today at one office, as its desk sees it: five queries, whatever the day holds."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Sum
from django.db.models.functions import Extract
from django.utils import timezone

from appointments.desk.steps import steps_of
from appointments.models import Appointment
from appointments.states import OVER, Status
from availability.models import HostDay
from offices.models import Host, Office

LONG = 30  # minutes; who waits longer is marked
MINUTE = timedelta(minutes=1)
NOT_TO_BE = [Status.CANCELLED, Status.DENIED]


@dataclass(frozen=True)
class Visit:
    """One appointment on the board; `others` are hosts that could take it over."""

    appointment: Appointment
    now: datetime
    steps: list
    others: list

    @property
    def is_called(self):
        is_here = self.appointment.status == Status.CHECKED_IN
        return is_here and self.appointment.called_at is not None

    @property
    def is_waiting(self):
        is_here = self.appointment.status == Status.CHECKED_IN
        return is_here and self.appointment.called_at is None

    @property
    def waits_since(self):
        """From check-in on; if nobody noted when, from the appointment's start."""
        return self.appointment.checked_in_at or self.appointment.starts_at

    @property
    def is_over(self):
        return self.appointment.status in OVER

    @property
    def is_late(self):
        """Expected, and not here."""
        is_expected = self.appointment.status == Status.CONFIRMED
        return is_expected and self.appointment.starts_at < self.now

    @property
    def minutes(self):
        """How long it has been waiting, been called or been served, if it is.

        None, too, for what was imported as being served, since nobody knows when.
        """
        since = {
            Status.CHECKED_IN: self.appointment.called_at or self.waits_since,
            Status.IN_PROGRESS: self.appointment.started_at,
        }.get(self.appointment.status)
        return since and max((self.now - since) // MINUTE, 0)

    @property
    def waits_long(self):
        return self.is_waiting and self.minutes > LONG

    @property
    def host(self):
        """Who serves, or is to."""
        return self.appointment.called_to or self.appointment.host

    @property
    def is_elsewhere(self):
        """Served by another host than was planned."""
        return self.host.pk != self.appointment.host_id


@dataclass
class Column:
    """One host's day, in time order."""

    host: Host
    is_on_duty: bool
    visits: list = field(default_factory=list)

    @property
    def open(self):
        return [visit for visit in self.visits if not visit.is_over]

    @property
    def over(self):
        return [visit for visit in self.visits if visit.is_over]

    @property
    def serving(self):
        """The names of those who are with the host now."""
        found = [visit.appointment for visit in self.visits]
        return [v.citizen.name for v in found if v.status == Status.IN_PROGRESS]


@dataclass
class Board:
    office: Office
    now: datetime
    hosts: list  # those that work there
    visits: list  # in time order
    columns: list

    @property
    def waiting(self):
        """Who has waited longest, first."""
        found = [visit for visit in self.visits if visit.is_waiting]
        return sorted(found, key=lambda visit: visit.waits_since)

    @property
    def called(self):
        """Who was called last, first."""
        found = [visit for visit in self.visits if visit.is_called]
        return sorted(found, key=lambda visit: visit.appointment.called_at)[::-1]

    @property
    def last_call(self):
        """Whoever was called last today, though served by now; or None."""
        found = [visit for visit in self.visits if visit.appointment.called_at]
        return max(found, key=lambda v: v.appointment.called_at, default=None)

    def named(self, text):
        """Those whose citizen's name, e-mail address or phone has `text` in it."""
        wanted = fold(text)
        return [v for v in self.visits if wanted in fold(_told(v.appointment.citizen))]


def load(office, *, host=None, may_move=False):
    """The board of today; `host` is where the person serves, or None.

    With `may_move`, visits know who could take them over.
    """
    now = timezone.now()
    hosts = list(office.hosts.prefetch_related("services"))
    by_id = {each.pk: each for each in hosts}
    host = host and by_id[host.pk]
    days = _days(office)
    on_duty = {pk for pk, day in days.items() if day.open}
    active = [each for each in hosts if each.is_active]
    columns = {each.pk: Column(each, each.pk in on_duty) for each in hosts}
    visits = []
    for row in _rows(office):
        row.office, row.host = office, by_id[row.host_id]
        row.called_to = by_id.get(row.called_to_id)
        others = _others(row, active, days) if may_move else []
        caller = host if host and may_call(host, row) else None
        visit = Visit(row, now, steps_of(row, now=now, host=caller), others)
        visits.append(visit)
        columns[visit.host.pk].visits.append(visit)
    shown = [c for c in columns.values() if c.visits or c.is_on_duty]
    return Board(office, now, active, visits, shown)


def version(office):
    """What is another whenever any of today's appointments is; one query.

    A sum of all, since who commits later may have been changed earlier.
    """
    rows = office.appointments.filter(day=office.today())
    found = rows.aggregate(
        many=Count("pk"), changed=Sum(Extract("updated_at", "epoch"))
    )
    return found["many"], found["changed"]


def fold(text):
    """Text as a search compares it: without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _rows(office):
    today = office.appointments.filter(day=office.today())
    return today.exclude(status__in=NOT_TO_BE).select_related("service", "citizen")


def _days(office):
    """The HostDay of today of each host that has one, by the host's id."""
    days = HostDay.objects.filter(office=office, day=office.today())
    return {day.host_id: day for day in days}


def _others(appointment, hosts, days):
    """Hosts that can take it over: they serve it, and have its time free."""
    if appointment.status not in (Status.CONFIRMED, Status.CHECKED_IN):
        return []
    return [
        host
        for host in hosts
        if host.pk != appointment.host_id
        and host.pk in days
        and appointment.quarters & ~days[host.pk].free == 0
        and serves(host, appointment)
    ]


def may_call(host, appointment):
    """Whether it is in the queue of a host; as appointments.desk.queue.waiting_for."""
    if host.pk == appointment.host_id:
        return True
    return appointment.office.one_queue and serves(host, appointment)


def serves(host, appointment):
    """Whether the host, its services fetched, can serve it; with none it serves all."""
    services = {each.pk for each in host.services.all()}
    return not services or appointment.service_id in services


def _told(citizen):
    return f"{citizen.name}\n{citizen.email}\n{citizen.phone}"
