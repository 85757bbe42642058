"""The public feed of free times, as bytes: made for many readers.

Two queries, no model instances of what is free, and JSON put together from pieces
that depend only on the day and the time zone, which are kept (see PIECES_KEPT).
"""

import hashlib
from collections import defaultdict
from functools import lru_cache

import orjson
from django.utils import timezone

from availability import quarters, queries, slots
from offices.models import OfficeStatus

MOST_DAYS = 62
PIECES_KEPT = 4096  # days in memory, each times how long the visit is

STARTS = f"""
SELECT day, host_id, starts::text
FROM (SELECT day, host_id, {{starts}} AS starts FROM availability_hostday
      WHERE office_id = %(office)s AND day BETWEEN %(first)s AND %(last)s
      AND {queries.HOSTS}) AS found
WHERE starts <> 0::bit(100)
ORDER BY day, host_id
"""  # noqa: S608 (put together from our own constants)  # nosec B608


class Feed:
    """The free starts of a service at an office, from a local date to another.

    `etag` is known before the `body` is made, for who has it already. Raises
    QuantityRefused.
    """

    def __init__(self, offered, first, last, *, quantity=1, host=None):
        self.offered, self.quantity = offered, quantity
        self.days = _free(offered, first, last, quantity, host)

    @property
    def etag(self):
        told = (self._head(), slots.length(self.offered, self.quantity), self.days)
        return f'"{hashlib.sha256(repr(told).encode()).hexdigest()[:32]}"'

    @property
    def body(self):
        head = orjson.dumps(self._head())[:-1]
        return b'%b,"slots":[%b]}' % (head, ",".join(self._slots()).encode())

    def _head(self):
        return {
            "office": self.offered.office_id,
            "service": self.offered.service_id,
            "time_zone": self.offered.office.time_zone,
        }

    def _slots(self):
        length = slots.length(self.offered, self.quantity)
        for day, hosts in self.days.items():
            pieces = _pieces(day, self.offered.office.time_zone, length)
            for number, free in _by_start(hosts):
                yield f'{pieces[number]}{len(free)},"hosts":[{",".join(free)}]}}'


def _free(offered, first, last, quantity, host):
    """{local date: [(host id as text, its free starts)]}, within the policy."""
    many = slots.count(offered, quantity)
    if offered.office.status != OfficeStatus.OPEN:
        return {}
    bounds = slots.window(offered.office, timezone.now())
    rows = queries.rows(
        STARTS.format(starts=queries.starts_sql(many)),
        {
            "office": offered.office_id,
            "service": offered.service_id,
            "host": host,
            "first": max(first, bounds.first_day),
            "last": min(last, bounds.last_day),
        },
    )
    found, allowed = defaultdict(list), {}
    for day, host_id, bits in rows:
        if day not in allowed:
            local_day = quarters.local_day(day, offered.office.time_zone)
            allowed[day] = bounds.quarters_of(day, local_day)
        starts = quarters.from_bits(bits) & allowed[day]
        if starts:
            found[day].append((str(host_id), starts))
    return dict(found)


def _by_start(hosts):
    """(quarter, ids of the hosts that are free then), in order."""
    anybody = 0
    for _host, starts in hosts:
        anybody |= starts
    for number in quarters.numbers(anybody):
        yield number, [host for host, starts in hosts if starts >> number & 1]


@lru_cache(maxsize=PIECES_KEPT)
def _pieces(day, time_zone, length):
    """How the JSON of each start of a day begins."""
    local_day = quarters.local_day(day, time_zone)
    starts = [quarters.start_of(n, local_day) for n in range(local_day.length)]
    return [
        f'{{"starts_at":"{_local(start, time_zone)}",'
        f'"ends_at":"{_local(start + length, time_zone)}","free":'
        for start in starts
    ]


def _local(instant, time_zone):
    return instant.astimezone(quarters.ZoneInfo(time_zone)).isoformat()
