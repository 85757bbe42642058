"""A slow, plain reading of an office's calendar, for tests to compare with.

It walks quarter-hours of UTC and reads the wall clock at each: none of the
arithmetic of availability.quarters is used here.
"""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)

# On and off the hour, with changes of clocks at two, at midnight and before it, by
# an hour and by half of one; and without any.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
]


@lru_cache(maxsize=4096)
def quarter_hours(day, time_zone):
    """The instants of a local day at which a quarter-hour begins: [aware UTC]."""
    zone = ZoneInfo(time_zone)
    earliest = datetime.combine(day, time(), UTC) - timedelta(days=1)
    walked = [earliest + n * QUARTER for n in range(3 * 96)]
    return [each for each in walked if each.astimezone(zone).date() == day]


@lru_cache(maxsize=4096)
def wall_times(day, time_zone):
    """What the wall clock shows at each of these."""
    zone = ZoneInfo(time_zone)
    return [each.astimezone(zone).time() for each in quarter_hours(day, time_zone)]


@lru_cache
def clock_changes(time_zone):
    """The local days of 2030 and 2031 on which clocks are changed."""
    days = [datetime(2030, 1, 1) + timedelta(days=n) for n in range(730)]  # noqa: DTZ001
    zone = ZoneInfo(time_zone)

    def offset(day):
        return datetime.combine(day, time(), UTC).astimezone(zone).utcoffset()

    changes = [day for day in days if offset(day) != offset(day + timedelta(days=2))]
    return sorted(
        day.date()
        for day in {d + timedelta(days=n) for d in changes for n in (-1, 0, 1, 2)}
        if len(quarter_hours(day.date(), time_zone)) != 96
    )


def is_within(clock, start, end):
    """Whether a clock time lies in [start, end), where an end of 0:00 is 24:00."""
    return start <= clock and (clock < end or end == time())


def as_bits(found):
    """The set of quarter-hours, from one truth value for each."""
    return sum(1 << number for number, is_in in enumerate(found) if is_in)
