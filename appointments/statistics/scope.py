"""What figures are about: offices, days, and perhaps one host or one service."""

from datetime import date, timedelta
from typing import NamedTuple

from appointments.statistics.periods import Period
from offices.models import Host, Office, Service

MOST_DAYS = 731  # two years, one of them a leap year

# Which rows of appointments are counted; about() says what it asks for.
OF_SCOPE = """
visit.office_id = ANY(%(offices)s) AND visit.day BETWEEN %(first)s AND %(last)s
AND (%(host)s::bigint IS NULL OR visit.host_id = %(host)s)
AND (%(service)s::bigint IS NULL OR visit.service_id = %(service)s)
"""


class Scope(NamedTuple):
    """Local days of each office, `first` and `last` included, told `by` periods."""

    offices: list[Office]
    first: date
    last: date
    by: Period = Period.DAY
    host: Host | None = None
    service: Service | None = None

    def about(self):
        """The parameters of OF_SCOPE, and how to cut time into periods."""
        return {
            "offices": [office.pk for office in self.offices],
            "first": self.first,
            "last": self.last,
            "host": self.host and self.host.pk,
            "service": self.service and self.service.pk,
            "period": str(self.by),
        }

    def starts(self):
        """The first day of each period; of the first one, perhaps before `first`."""
        start, found = self._start_of_first(), []
        while start <= self.last:
            found.append(start)
            start = self._next(start)
        return found

    def _start_of_first(self):
        if self.by == Period.WEEK:
            return self.first - timedelta(days=self.first.weekday())
        return self.first.replace(day=1) if self.by == Period.MONTH else self.first

    def _next(self, start):
        if self.by == Period.MONTH:
            return (start + timedelta(days=31)).replace(day=1)
        return start + timedelta(days=7 if self.by == Period.WEEK else 1)
