"""The week of a whole office: its hosts below each other, its days side by side."""

from typing import NamedTuple

from appointments.week import links, rows
from appointments.week.days import closure_title, times_of
from offices.models import Host


class Cell(NamedTuple):
    """A host's day: its hours in words, how many come, and how much is free."""

    times: list[str]
    closed: list[str]
    appointments: int
    open: int
    free: int
    url: str

    @property
    def percent(self):
        """How much of the hours is free, in hundredths, rounded down."""
        return self.free * 100 // self.open


class Line(NamedTuple):
    """A host, with the address of its week and a Cell for each day."""

    host: Host
    url: str
    cells: list[Cell]


def lines(facts, counts):
    """A Line for each host; `counts` are {(host id, date): appointments}."""
    monday = facts.days[0]
    return [
        Line(
            host,
            links.week(facts.office, monday, host=host),
            [_cell(facts, counts, host, number) for number in range(len(facts.days))],
        )
        for host in facts.hosts
    ]


def _cell(facts, counts, host, number):
    day, local = facts.days[number], facts.local[number]
    found = facts.open(host, day, local)
    free = found & ~facts.written(host, day).claimed
    return Cell(
        [times_of(facts, local, *stretch) for stretch in rows.stretches(found)],
        [
            closure.reason or closure_title(closure)
            for closure, _taken in facts.closed(host, local)
            if closure.host_id and not closure.is_overridden
        ],
        counts.get((host.pk, day), 0),
        found.bit_count(),
        free.bit_count(),
        links.week(facts.office, facts.days[0], host=host, day=day),
    )
