"""A day in quarter-hours: the arithmetic of free time.

A set of quarter-hours of one office day is one integer. Bit ``n`` (``1 << n``)
is the quarter-hour that begins ``n`` × 15 minutes of *elapsed* time after local
midnight, so a usual day has 96 of them, the day on which clocks go forward 92
and the day on which they go back 100. PostgreSQL holds the same set as
``bit(100)``, whose leftmost bit is quarter 0 (`to_bits`, `from_bits`).

Two ways to read a day meet here and nowhere else: the *wall* (what the office's
clock shows, 0:00 to 24:00) and the *elapsed* quarters. A quarter-hour is open
when the wall clock, at its start, shows a time within the opening hours; on a
day when clocks go back, hours that the clock shows twice are open twice.

Nothing in this module touches the database or asks what time it is.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
QUARTER_SECONDS = 15 * 60
WALL_QUARTERS = 96
SIZE = 100  # the most quarter-hours a day can have
ALL = (1 << SIZE) - 1


class ClockChange(NamedTuple):
    """What the wall clock does at one elapsed quarter of a day.

    From elapsed quarter `at` on, the clock shows `shift` quarters more than
    have elapsed since midnight (4 in spring, -4 in autumn; 0 on usual days).
    """

    at: int
    shift: int


class Day(NamedTuple):
    """One local day: when it starts (aware, UTC) and how many quarters it has."""

    starts_at: datetime
    length: int
    change: ClockChange

    @property
    def all(self) -> int:
        """Every quarter-hour of the day."""
        return (1 << self.length) - 1


def midnight(day: date, time_zone: str) -> datetime:
    """The first instant of a local day, in UTC.

    Where clocks skip midnight that is the moment of the change; where they show
    it twice, the first.
    """
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


@lru_cache(maxsize=16_384)
def local_day(day: date, time_zone: str) -> Day:
    """How `day` passes in `time_zone` (an IANA name)."""
    start = midnight(day, time_zone)
    elapsed = (midnight(day + timedelta(days=1), time_zone) - start) // QUARTER
    length = min(elapsed, SIZE)
    return Day(start, length, _clock_change(start, length, ZoneInfo(time_zone)))


def _clock_change(start: datetime, length: int, zone: ZoneInfo) -> ClockChange:
    """Where the wall clock departs from the time elapsed; there is one at most."""
    if length == WALL_QUARTERS and _wall(start, 0, zone) == 0:
        return ClockChange(length, 0)
    for number in range(length):
        shift = _wall(start, number, zone) - number
        if shift:
            return ClockChange(number, shift)
    return ClockChange(length, 0)


def _wall(start: datetime, number: int, zone: ZoneInfo) -> int:
    """The quarter of the wall clock, 0 to 95, at the elapsed quarter `number`."""
    shown = (start + number * QUARTER).astimezone(zone)
    return shown.hour * 4 + shown.minute // 15


def span(first: int, count: int) -> int:
    """`count` quarter-hours in a row from number `first`; outside the day, none."""
    if count <= 0:
        return 0
    run = ((1 << count) - 1) << first if first >= 0 else ((1 << count) - 1) >> -first
    return run & ALL


def wall_span(start: time, end: time) -> int:
    """The wall-clock quarters from `start` until `end`; midnight as an end is 24:00."""
    first = start.hour * 4 + start.minute // 15
    last = end.hour * 4 + end.minute // 15 or WALL_QUARTERS
    return span(first, last - first)


def elapsed(wall: int, day: Day) -> int:
    """Turn wall-clock quarters into the elapsed quarters of `day` that show them."""
    at, shift = day.change
    after = wall >> shift if shift >= 0 else wall << -shift
    before = (1 << at) - 1
    return ((wall & before) | (after & ~before)) & day.all


def runs(free: int, count: int) -> int:
    """The quarters at which `count` in a row are free.

    >>> bin(runs(0b0111_0110, 3))
    '0b10000'
    """
    have = 1
    while have < count:
        step = min(have, count - have)
        free &= free >> step
        have += step
    return free


def numbers(quarters: int) -> Iterator[int]:
    """The numbers of the quarter-hours in a set, in order."""
    while quarters:
        lowest = quarters & -quarters
        yield lowest.bit_length() - 1
        quarters ^= lowest


def needed(duration: timedelta) -> int:
    """How many quarter-hours `duration` takes up: 20 minutes take two."""
    return -(-duration // QUARTER)


def number_at(instant: datetime, day: Day) -> int | None:
    """The number of the quarter that begins at `instant`; None if none does."""
    number, rest = divmod(instant - day.starts_at, QUARTER)
    return number if not rest and 0 <= number < day.length else None


def not_before(instant: datetime, day: Day) -> int:
    """The quarters of `day` that begin at `instant` or later."""
    first = -((day.starts_at - instant) // QUARTER)
    return day.all & ~((1 << max(first, 0)) - 1)


def start_of(number: int, day: Day) -> datetime:
    """When quarter `number` of `day` begins (aware, UTC)."""
    return day.starts_at + number * QUARTER


def to_bits(quarters: int) -> str:
    """As PostgreSQL writes a bit(100): quarter 0 comes first."""
    return format(quarters, f"0{SIZE}b")[::-1]


def from_bits(bits: str) -> int:
    """Read what PostgreSQL wrote."""
    return int(bits[::-1], 2)
