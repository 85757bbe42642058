"""The days of a week beside each other on one scale of time.

A row is a quarter-hour of the office's clock. Where a day of the week shows some of
them twice, as clocks go back, the second time has rows of its own, which on the other
days are passed over; where clocks go forward, that day leaves rows empty. So equal
times stand side by side on every day, and every day runs down the page.
"""

from datetime import time
from typing import NamedTuple

from availability import quarters
from availability.quarters import WALL_QUARTERS

HOUR = 4  # in rows
USUAL = (8 * HOUR, 17 * HOUR)  # what is shown at least


class Scale(NamedTuple):
    """`again` rows for times that are shown twice stand before wall quarter `at`."""

    at: int
    again: int

    @property
    def length(self):
        return WALL_QUARTERS + self.again

    def row(self, number, day):
        """The row of the elapsed quarter `number` of a quarters.Day."""
        if self._repeats(day):
            return number
        wall = number if number < day.change.at else number + day.change.shift
        return self.row_of_wall(wall)

    def row_of_wall(self, wall):
        """Of what the clock shows; of what it shows twice, the first."""
        return wall if wall < self.at else wall + self.again

    def wall(self, row):
        """What the clock shows at a row, as the number of a wall quarter."""
        return row if row < self.at else row - self.again

    def _repeats(self, day):
        return day.change.shift < 0


class Window(NamedTuple):
    """The rows that are shown, from `first` until `end`."""

    scale: Scale
    first: int
    end: int

    def place(self, number, count, day):
        """Where `count` quarters from `number` on stand: (row from 1, how many rows).

        None for what is not within the window at all.
        """
        top = max(self.scale.row(number, day), self.first)
        bottom = min(self.scale.row(number + count - 1, day) + 1, self.end)
        return (top - self.first + 1, bottom - top) if bottom > top else None

    def hours(self):
        """The full hours on the scale: [(row from 1, time of day)]."""
        return [
            (row - self.first + 1, time(self.scale.wall(row) // HOUR % 24))
            for row in range(self.first, self.end)
            if self.scale.wall(row) % HOUR == 0
        ]


def scale_of(days):
    """The scale of the quarters.Days of a week."""
    changes = [day.change for day in days if day.change.shift < 0]
    if not changes:
        return Scale(WALL_QUARTERS, 0)
    return Scale(changes[0].at, -changes[0].shift)


def window_of(scale, spans):
    """The usual hours, and more where a span needs it, in full hours.

    `spans` are (first quarter, how many, quarters.Day).
    """
    first, end = (scale.row_of_wall(wall) for wall in USUAL)
    for number, count, day in spans:
        first = min(first, scale.row(number, day))
        end = max(end, scale.row(number + count - 1, day) + 1)
    while scale.wall(first) % HOUR:
        first -= 1
    while scale.wall(end) % HOUR:
        end += 1
    return Window(scale, first, end)


def stretches(found):
    """A set of quarters as stretches: [(first, how many)].

    >>> stretches(0b0110_0001)
    [(0, 1), (5, 2)]
    """
    starts = quarters.numbers(found & ~(found << 1))
    ends = quarters.numbers(~found & (found << 1))
    return [(start, end - start) for start, end in zip(starts, ends, strict=True)]


def touched(starts_at, ends_at, day):
    """The quarters of a quarters.Day that two aware instants enclose or cut."""
    first = (starts_at - day.starts_at) // quarters.QUARTER
    end = -((day.starts_at - ends_at) // quarters.QUARTER)
    return quarters.span(first, end - first) & day.all
