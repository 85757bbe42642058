"""The arithmetic of one host's hours on one date, in wall-clock quarters.

What a date offers is (rules | extra) & ~away; availability.generation says the same
in SQL. `day_as` turns it round: which exceptions make a date offer just these hours.
"""

from availability.models import AvailabilityException, ExceptionKind
from availability.opening_hours import spans
from availability.quarters import wall_span


def wall_of(row):
    """The quarters that a rule or an exception is about."""
    return wall_span(row.start_time, row.end_time)


def applies(rule, day):
    """Whether a rule speaks of a date."""
    if rule.day:
        return rule.day == day
    valid = (rule.valid_from or day) <= day <= (rule.valid_until or day)
    return valid and day.isoweekday() in rule.weekdays


def union(rows):
    found = 0
    for row in rows:
        found |= wall_of(row)
    return found


class DayHours:
    """What is said of one date: the `rules` that speak of it, and its exceptions."""

    def __init__(self, day, rules, exceptions):
        self.day = day
        self.rules = [rule for rule in rules if applies(rule, day)]
        self.exceptions = list(exceptions)

    def of_kind(self, kind):
        return [row for row in self.exceptions if row.kind == kind]

    @property
    def series(self):
        """The quarters that the rules offer, whatever the exceptions are."""
        return union(self.rules)

    def blocks(self):
        """The hours as they are shown: [(rule or extra time, its quarters)], in order.

        What two of them offer belongs to the first.
        """
        found, seen = [], self.away
        for row in (*self.rules, *self.of_kind(ExceptionKind.EXTRA)):
            found.append((row, wall_of(row) & ~seen))
            seen |= wall_of(row)
        return found

    @property
    def away(self):
        return union(self.of_kind(ExceptionKind.AWAY))

    @property
    def offered(self):
        """The quarters of the hours; closures are not taken away."""
        return (self.series | union(self.of_kind(ExceptionKind.EXTRA))) & ~self.away


def day_as(hours, wanted, host, *, reason=""):
    """The exceptions that make a DayHours offer the quarters `wanted`.

    Returns (save, delete): those that already say so stay; of time away that is
    wanted in part, the rest keeps its reason. `reason` is that of new time away.
    """
    if wanted == hours.offered:
        return [], []
    kept = [row for row in hours.exceptions if _says(row, wanted)]
    dropped = [row for row in hours.exceptions if row not in kept]
    told = DayHours(hours.day, hours.rules, kept)
    added = told.series | union(told.of_kind(ExceptionKind.EXTRA))
    extra, away = wanted & ~added, added & ~wanted & ~told.away
    save = _exceptions(host, hours.day, ExceptionKind.EXTRA, extra, "")
    for row in dropped:
        if row.kind == ExceptionKind.AWAY:
            rest = wall_of(row) & away
            save += _exceptions(host, hours.day, ExceptionKind.AWAY, rest, row.reason)
            away &= ~rest
    save += _exceptions(host, hours.day, ExceptionKind.AWAY, away, reason)
    return save, dropped


def _says(row, wanted):
    """Whether an exception agrees with what is wanted of its date."""
    if row.kind == ExceptionKind.AWAY:
        return not wall_of(row) & wanted
    return not wall_of(row) & ~wanted


def _exceptions(host, day, kind, wall, reason):
    return [
        AvailabilityException(
            host=host, day=day, kind=kind, start_time=start, end_time=end, reason=reason
        )
        for start, end in spans(wall)
    ]
