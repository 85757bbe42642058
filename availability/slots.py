"""What one visit asks of a host's day, and when an office may be booked."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from availability import quarters
from availability.exceptions import (
    NotOffered,
    QuantityRefused,
    SlotClosed,
    SlotPast,
    SlotTooFar,
)


class Slot(NamedTuple):
    """The time one visit takes: instants are aware and in UTC.

    The visit is [starts_at, ends_at); its host is busy until `busy_until`, which
    adds the buffer and ends on a quarter-hour. `quarters` are those of `day`.
    """

    day: date
    quarters: int
    starts_at: datetime
    ends_at: datetime
    busy_until: datetime


class Reach(NamedTuple):
    """What citizens may book of the days they ask for: all that the clock decides.

    From one local day to another, both included; of the first, these quarter-hours,
    of the others all.
    """

    first: date
    last: date
    starts_on_first: int


class Window(NamedTuple):
    """When an office may be booked: from an instant until a local day, included."""

    earliest: datetime
    first_day: date
    last_day: date

    def quarters_of(self, day, local_day):
        """The quarter-hours of `day` that are neither too soon nor too far."""
        if not self.first_day <= day <= self.last_day:
            return 0
        return quarters.not_before(self.earliest, local_day)

    def reach(self, first, last, time_zone):
        """How much of it lies on the local days from `first` to `last`."""
        first, last = max(first, self.first_day), min(last, self.last_day)
        local_day = quarters.local_day(first, time_zone)
        return Reach(first, last, self.quarters_of(first, local_day))


def window(office, now):
    """When citizens may book `office`, seen from the instant `now`."""
    earliest = now + office.lead_time
    today = office.local_day(now)
    return Window(
        earliest,
        office.local_day(earliest),
        today + timedelta(days=office.booking_horizon_days),
    )


def length(offered, quantity):
    """How long the visit lasts, without the buffer."""
    return offered.duration * quantity


def count(offered, quantity):
    """How many quarter-hours in a row a visit takes, with the buffer.

    Raises QuantityRefused for none, or more than the service allows a visit.
    """
    if not 1 <= quantity <= offered.max_quantity:
        raise QuantityRefused
    return quarters.needed(length(offered, quantity) + offered.buffer)


def slot_at(offered, starts_at, quantity=1):
    """The slot of a visit that starts at an aware instant.

    Raises SlotClosed for a start that is on no quarter-hour of the office's day,
    or a visit that would run past midnight; QuantityRefused as `count` does.
    """
    office = offered.office
    many = count(offered, quantity)
    day = office.local_day(starts_at)
    local_day = quarters.local_day(day, office.time_zone)
    first = quarters.number_at(starts_at, local_day)
    if first is None or first + many > local_day.length:
        raise SlotClosed
    starts_at = quarters.start_of(first, local_day)
    return Slot(
        day,
        quarters.span(first, many),
        starts_at,
        starts_at + length(offered, quantity),
        quarters.start_of(first + many, local_day),
    )


def check_offered(offered):
    """Raise NotOffered unless citizens may book this service here now."""
    if not (
        offered.is_public
        and offered.service.is_public
        and offered.office.is_public
        and offered.office.status == "open"
    ):
        raise NotOffered


def check_not_over(slot, now):
    """Raise SlotPast for a time that has begun; all that binds staff."""
    if slot.starts_at <= now:
        raise SlotPast


def check_window(office, slot, now):
    """Raise SlotPast or SlotTooFar for a time outside the office's policy."""
    bounds = window(office, now)
    if slot.starts_at < bounds.earliest:
        raise SlotPast
    if slot.day > bounds.last_day:
        raise SlotTooFar
