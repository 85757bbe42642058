"""What could become of each appointment that loses its hours: the nearest free times.

Read while a change is being tried out (appointments.previews), so a time that the
change takes away is not proposed and one that it adds is. No time is proposed twice.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils import timezone

from appointments.impact.decisions import CANCEL, LEAVE, Decision, Fate
from appointments.impact.offers import Offers
from appointments.models import Appointment
from availability import quarters, queries, slots
from availability.slots import Slot
from config.exceptions import DomainError
from offices.models import Host

TIMES = 3  # proposed to each
MANY = 40  # appointments, of which each is proposed one time, lest all be kept

FREE = """
SELECT host_id, day, free::text FROM availability_hostday
WHERE office_id = %(office)s AND day BETWEEN %(first)s AND %(last)s
  AND free <> 0::bit(100)
"""


class Option(NamedTuple):
    """One thing that can be decided; a time of a host, or none of either."""

    decision: Decision
    host: Host | None = None
    slot: Slot | None = None


CALL_OFF, LET_BE = Option(CANCEL), Option(LEAVE)


@dataclass
class Row:
    """An appointment and what can become of it, the best first."""

    appointment: Appointment
    options: list[Option] = field(default_factory=list)

    @property
    def best(self):
        return self.options[0].decision

    def first(self, fate):
        """The first option of that kind, or None."""
        of_kind = (o.decision for o in self.options if o.decision.fate == fate)
        return next(of_kind, None)


def propose(appointments, free_time):
    """What could become of `appointments`, in their order: a list of Rows.

    To give it to a colleague who is free then, to move it, to cancel it, to leave it.
    """
    rows = [Row(appointment) for appointment in appointments]
    for row in rows:
        free_time.give(row)
    times = TIMES if len(rows) <= MANY else 1
    for _turn in range(times):  # who cannot be given to a colleague chooses first
        for row in sorted(rows, key=lambda row: row.first(Fate.GIVE) is not None):
            free_time.move(row)
    for row in rows:
        row.options += [CALL_OFF, LET_BE]
    return rows


class FreeTime:
    """The free time of an office's hosts, less what has been proposed."""

    def __init__(self, office):
        self.office = office
        self.offers = Offers(office)
        self.window = slots.window(office, timezone.now())
        # Today too: a colleague takes over at a time that is too soon to be booked.
        first, last = office.today(), self.window.last_day
        about = {"office": office.pk, "first": first, "last": last}
        self.free = {
            (host, day): quarters.from_bits(free)
            for host, day, free in queries.rows(FREE, about)
        }
        self.days = sorted({day for _host, day in self.free})

    def give(self, row):
        """Add the colleague who is free at its time and has most time left that day."""
        appointment, slot = row.appointment, row.appointment.slot
        free = {
            host: self.free.get((host, slot.day), 0)
            for host in self.offers.serving(appointment)
            if host != appointment.host_id
        }
        able = [host for host in free if free[host] & slot.quarters == slot.quarters]
        if able:
            host = max(able, key=lambda host: free[host].bit_count())
            self._add(row, Decision(Fate.GIVE, host), slot)

    def move(self, row):
        """Add the nearest time that is free, if there is any."""
        try:
            found = self._nearest(row.appointment)
            if found:
                starts_at, host = found
                slot = self.offers.slot_at(row.appointment, starts_at)
                self._add(row, Decision(Fate.MOVE, host, starts_at), slot)
        except DomainError:  # it is not offered any more, or not for so many
            return

    def _add(self, row, decision, slot):
        row.options.append(Option(decision, self.offers.hosts[decision.host], slot))
        self.free[decision.host, slot.day] &= ~slot.quarters

    def _nearest(self, appointment):
        """(start, host id) of the nearest free time; None without any.

        The nearest day first, then the clock nearest to what was booked; to come
        earlier, which is sooner to be heard of, counts twice.
        """
        many = slots.count(self.offers.offered(appointment), appointment.quantity)
        serving = self.offers.serving(appointment)
        booked = appointment.day
        for day in sorted(self.days, key=lambda day: (_far(day, booked), day < booked)):
            found = list(self._starts_on(day, appointment, many, serving))
            if found:
                _clocks_apart, _is_other_host, starts_at, host = min(found)
                return starts_at, host
        return None

    def _starts_on(self, day, appointment, many, serving):
        """Of each host the free starts around the clock time of an appointment."""
        local_day = quarters.local_day(day, self.office.time_zone)
        allowed = self.window.quarters_of(day, local_day)
        same_clock = appointment.local_start.replace(
            year=day.year, month=day.month, day=day.day
        )
        wanted = max((same_clock - local_day.starts_at) // quarters.QUARTER, 0)
        for host in serving:
            free = self.free.get((host, day), 0)
            starts = quarters.runs(free, many) & allowed
            if day == appointment.day:
                starts &= ~(1 << wanted)  # that is to give it to a colleague
            for number in _around(starts, wanted):
                starts_at = quarters.start_of(number, local_day)
                is_other_host = host != appointment.host_id
                yield _far(number, wanted), is_other_host, starts_at, host


def _around(starts, wanted):
    """Of a set of quarter-hours the last before a number and the first from it on."""
    before = starts & ((1 << wanted) - 1)
    after = starts >> wanted
    if before:
        yield before.bit_length() - 1
    if after:
        yield wanted + next(quarters.numbers(after))


def _far(one, other):
    """How far a date or number is from another; earlier counts twice."""
    apart = one - other
    return apart if one >= other else -2 * apart
