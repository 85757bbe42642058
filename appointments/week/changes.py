"""What a change of hours writes: plans, from rows that are known to new ones.

Nothing is saved here. Dates are the office's, spans wall-clock quarters.
"""

import copy
from datetime import timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from appointments.week.hours import day_as
from availability.models import AvailabilityRule
from availability.opening_hours import spans
from availability.quarters import wall_span
from offices.times import clock_span, full_date, stretch

DAY = timedelta(days=1)


class Plan(NamedTuple):
    """A change in a sentence, and the rows that it saves and deletes."""

    summary: str
    save: list
    delete: list


class DayChange(NamedTuple):
    """What becomes of one host's date: sets of wall-clock quarters."""

    host: object
    day: object
    before: int
    after: int

    def __str__(self):
        return _("%(host)s, %(day)s: %(before)s becomes %(after)s") % {
            "host": self.host,
            "day": full_date(self.day),
            "before": in_words(self.before),
            "after": in_words(self.after),
        }


def in_words(wall):
    """Hours in words: "08:00 – 12:00, 13:00 – 17:00"."""
    return ", ".join(clock_span(*span) for span in spans(wall)) or _("no hours")


def weekly(host, *, weekdays, start, end, since, until):
    """Hours of every week, from one date until another (None: for good)."""
    rule = AvailabilityRule(
        host=host,
        weekdays=weekdays,
        start_time=start,
        end_time=end,
        valid_from=since,
        valid_until=until,
    )
    return Plan(_about(host, _series(rule)), [rule], [])


def once(host, day, *, start, end):
    rule = AvailabilityRule(host=host, day=day, start_time=start, end_time=end)
    return Plan(_about(host, rule), [rule], [])


def change_block(hours, host, block, *, start, end, reason=""):
    """Have one stretch of a date's hours at other times; the series stays."""
    wanted = hours.offered & ~block | wall_span(start, end)
    return _on_one_day(hours, host, wanted, reason)


def drop_block(hours, host, block, *, reason=""):
    """Take one stretch of a date's hours away; the series stays."""
    return _on_one_day(hours, host, hours.offered & ~block, reason)


def _on_one_day(hours, host, wanted, reason):
    save, delete = day_as(hours, wanted, host, reason=reason)
    change = DayChange(host, hours.day, hours.offered, wanted)
    return Plan(f"{change}.", save, delete)


def change_once(rule, *, start, end):
    """Have the hours of one date at other times."""
    changed = _with(rule, start_time=start, end_time=end)
    return Plan(_about(rule.host, changed), [changed], [])


def drop_row(row):
    """Delete hours of one date, or an exception."""
    return Plan(_about(row.host, _("%(hours)s: dropped") % {"hours": row}), [], [row])


def change_series(rule, since, *, weekdays, start, end, until):
    """Have a series otherwise from a date on; what was before stays as it was."""
    changed = AvailabilityRule(
        host=rule.host,
        weekdays=weekdays,
        start_time=start,
        end_time=end,
        valid_from=since,
        valid_until=until,
    )
    save, delete = _ended(rule, since)
    return Plan(_about(rule.host, _series(changed)), [*save, changed], delete)


def end_series(rule, since):
    """Have a series no more from a date on."""
    summary = _("%(hours)s: no more from %(day)s") % {
        "hours": rule,
        "day": full_date(since),
    }
    return Plan(_about(rule.host, summary), *_ended(rule, since))


def _ended(rule, since):
    """What ends a rule before a date: (save, delete)."""
    if rule.valid_from and rule.valid_from >= since:
        return [], [rule]
    return [_with(rule, valid_until=since - DAY)], []


def change_exception(row, *, start, end, reason):
    changed = _with(row, start_time=start, end_time=end, reason=reason)
    return Plan(_about(row.host, changed), [changed], [])


def differences(facts, target):
    """The DayChanges that make a later week offer what the first of the facts does.

    `facts` reach from the first week to the `target`'s (a Monday) at least.
    """
    found = []
    for number, source in enumerate(facts.days[:7]):
        day = target + number * DAY
        for host in facts.hosts:
            before = facts.hours(host, day).offered
            after = facts.hours(host, source).offered
            if before != after:
                found.append(DayChange(host, day, before, after))
    return found


def copy_week(facts, changed, summary):
    """Write DayChanges of `differences`, as exceptions."""
    save, delete = [], []
    for change in changed:
        hours = facts.hours(change.host, change.day)
        more, fewer = day_as(hours, change.after, change.host)
        save += more
        delete += fewer
    return Plan(summary, save, delete)


def time_off(closure, *, starts_at, ends_at, reason):
    """Close an office or a host from an aware instant until another.

    `closure` is a new one, or the one that has been at another time.
    """
    changed = _with(closure, starts_at=starts_at, ends_at=ends_at, reason=reason)
    return Plan(_closing(changed), [changed], [])


def end_time_off(closure, now):
    """Reopen at once: one that has begun keeps what is over of it."""
    when = stretch(closure.starts_at, closure.ends_at, closure.office)
    summary = _about(_whose(closure), _("open again, %(when)s") % {"when": when})
    if closure.starts_at >= now:
        return Plan(summary, [], [closure])
    return Plan(summary, [_with(closure, ends_at=now)], [])


def keep_holiday(closure, *, closed):
    """Open an office on a public holiday, or close it after all."""
    what = _("closed") if closed else _("open all the same")
    changed = _with(closure, is_overridden=not closed)
    return Plan(_about(closure, what), [changed], [])


def _with(row, **fields):
    """A copy of a row with other values; the row itself stays as it was read."""
    changed = copy.copy(row)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _closing(closure):
    when = stretch(closure.starts_at, closure.ends_at, closure.office)
    return _about(_whose(closure), _("closed, %(when)s") % {"when": when})


def _whose(closure):
    return closure.host or closure.office


def _about(whose, what):
    return _("%(who)s: %(what)s.") % {"who": whose, "what": what}


def _series(rule):
    """Weekly hours in words, with their first and last day."""
    words = str(rule)
    if rule.valid_from:
        words = _("%(hours)s, from %(day)s") % {
            "hours": words,
            "day": full_date(rule.valid_from),
        }
    if rule.valid_until:
        words = _("%(hours)s, until %(day)s") % {
            "hours": words,
            "day": full_date(rule.valid_until),
        }
    return words
