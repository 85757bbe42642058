"""When an office is open, told from the hours of its hosts.

An office has no hours of its own: it is open while any active host is. Hours are
sets of wall-clock quarters (availability.quarters.wall_span), so that those of
several hosts add up, overlaps and all. Closures are not taken away here: pages tell
them beside the hours.
"""

from collections import defaultdict
from datetime import date, time, timedelta
from typing import NamedTuple

from availability import quarters
from availability.models import AvailabilityException, AvailabilityRule, ExceptionKind


class OpenDay(NamedTuple):
    """A date and its opening hours: [(from, until)]; an until of 0:00 is midnight."""

    day: date
    hours: list[tuple[time, time]]


def of_week(office, today):
    """Seven OpenDays from Monday to Sunday, each the next such date from `today` on."""
    last = today + timedelta(days=6)
    rules = _weekly_rules(office, today, last)
    dates = sorted(_days(today, last), key=date.isoweekday)
    return [OpenDay(day, spans(_weekly_hours(rules, day))) for day in dates]


def also_open(office, first, last):
    """The OpenDays from `first` until `last` with hours beside the weekly ones."""
    extra = defaultdict(int)
    for row in _dated(office, first, last):
        extra[row.day] |= quarters.wall_span(row.start_time, row.end_time)
    rules = _weekly_rules(office, first, last) if extra else []
    beside = {day: extra[day] & ~_weekly_hours(rules, day) for day in sorted(extra)}
    return [OpenDay(day, spans(hours)) for day, hours in beside.items() if hours]


def spans(wall):
    """A set of wall-clock quarters as stretches of time.

    >>> spans(quarters.wall_span(time(8), time(12)))
    [(datetime.time(8, 0), datetime.time(12, 0))]
    """
    starts = quarters.numbers(wall & ~(wall << 1))
    ends = quarters.numbers(~wall & (wall << 1))
    return [(_clock(a), _clock(b)) for a, b in zip(starts, ends, strict=True)]


def _clock(number):
    return time(number // 4 % 24, number % 4 * 15)


def _days(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _of_active_hosts(model, office):
    return model.objects.filter(host__office=office, host__is_active=True)


def _weekly_rules(office, first, last):
    rules = _of_active_hosts(AvailabilityRule, office)
    return list(rules.weekly().in_force(first, last))


def _weekly_hours(rules, day):
    hours = 0
    for rule in rules:
        valid = (rule.valid_from or day) <= day <= (rule.valid_until or day)
        if valid and day.isoweekday() in rule.weekdays:
            hours |= quarters.wall_span(rule.start_time, rule.end_time)
    return hours


def _dated(office, first, last):
    """Hours that are said of one date: rules, then exceptions that add time."""
    rules = _of_active_hosts(AvailabilityRule, office)
    exceptions = _of_active_hosts(AvailabilityException, office)
    return [
        *rules.filter(day__range=(first, last)),
        *exceptions.filter(day__range=(first, last), kind=ExceptionKind.EXTRA),
    ]
