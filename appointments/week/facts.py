"""What is known of some hosts of an office in one week: a fixed number of queries."""

from collections import defaultdict
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Count, Q

from appointments.week import rows
from appointments.week.hours import DayHours
from availability import quarters
from availability.models import AvailabilityException, AvailabilityRule, HostDay
from offices.models import Closure


class Written(NamedTuple):
    """A HostDay as it is written: sets of quarters."""

    open: int = 0
    claimed: int = 0


class Facts:
    """Hours, exceptions, closures and claims of `hosts` on the dates `days`.

    Days are the office's. What is over is told as it was written then; from today
    on, as the hours say, however far ahead.
    """

    def __init__(self, office, hosts, days):
        self.office = office
        self.hosts = hosts
        self.days = days
        self.local = [quarters.local_day(day, office.time_zone) for day in days]
        self.today = office.today()
        self._rules = _by(_host, self._in_force(AvailabilityRule.objects))
        dated = AvailabilityException.objects.filter(
            host__in=hosts, day__range=(days[0], days[-1])
        )
        self._exceptions = _by(_host_and_day, dated)
        self.closures = self._closures()
        self._written = {
            (host, day): Written(*bits)
            for host, day, *bits in HostDay.objects.filter(
                host__in=hosts, day__range=(days[0], days[-1])
            ).values_list("host", "day", "open", "claimed")
        }

    def _in_force(self, rules):
        first, last = self.days[0], self.days[-1]
        of_week = Q(day=None) | Q(day__range=(first, last))
        return rules.filter(of_week, host__in=self.hosts).in_force(first, last)

    def _closures(self):
        first, last = self.local[0], self.local[-1]
        until = last.starts_at + last.length * quarters.QUARTER
        found = Closure.objects.filter(
            Q(host=None) | Q(host__in=self.hosts),
            office=self.office,
            starts_at__lt=until,
            ends_at__gt=first.starts_at,
        )
        return list(found.order_by("starts_at", "pk"))

    def hours(self, host, day):
        """What is said of a date: DayHours."""
        rules = self._rules.get(host.pk, ())
        return DayHours(day, rules, self._exceptions.get((host.pk, day), ()))

    def written(self, host, day):
        return self._written.get((host.pk, day), Written())

    def closed(self, host, local):
        """[(closure, its quarters of a quarters.Day)] for those that touch it."""
        found = []
        for closure in self.closures:
            if closure.host_id in (None, host and host.pk):
                taken = rows.touched(closure.starts_at, closure.ends_at, local)
                if taken:
                    found.append((closure, taken))
        return found

    def open(self, host, day, local):
        """The elapsed quarters at which a host sees people on a date."""
        if day < self.today:
            return self.written(host, day).open
        if not host.is_active:
            return 0
        return quarters.elapsed(self.hours(host, day).offered, local) & ~self.shut(
            host, local
        )

    def shut(self, host, local):
        """The elapsed quarters that closures take, those on which it opens left out."""
        shut = 0
        for closure, taken in self.closed(host, local):
            shut |= 0 if closure.is_overridden else taken
        return shut


def appointments_of(seen, host, days):
    """Of the appointments `seen`, those that take up a host's time, in order."""
    found = seen.taking_time().with_details()
    return found.filter(host=host, day__range=(days[0], days[-1]))


def counts(seen, office, days):
    """How many appointments each host of an office has: {(host id, date): count}."""
    found = seen.taking_time().filter(office=office, day__range=(days[0], days[-1]))
    of_day = found.order_by().values_list("host", "day").annotate(Count("pk"))
    return {(host, day): count for host, day, count in of_day}


def _by(key, found):
    groups = defaultdict(list)
    for row in found:
        groups[key(row)].append(row)
    return groups


_host = attrgetter("host_id")
_host_and_day = attrgetter("host_id", "day")
