"""The public feed of free times, as bytes: made for many readers.

Two queries, no model instances of what is free, and JSON put together from pieces
that depend only on the day and the time zone, which are kept (see PIECES_KEPT). The
whole answer is kept too: see availability.kept_times.
"""

from collections import defaultdict
from functools import lru_cache

import orjson

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


def body(offered, reach, *, quantity=1, host=None):
    """The free starts of a service at an office within a slots.Reach, as JSON.

    `host` is an id. Raises QuantityRefused.
    """
    days = _free(offered, reach, quantity, host)
    head = {
        "office": offered.office_id,
        "service": offered.service_id,
        "time_zone": offered.office.time_zone,
    }
    told = ",".join(_slots(offered, days, slots.length(offered, quantity)))
    return b'%b,"slots":[%b]}' % (orjson.dumps(head)[:-1], told.encode())


def _slots(offered, days, length):
    for day, hosts in days.items():
        pieces = _pieces(day, offered.office.time_zone, length)
        for number, free in _by_start(hosts):
            yield f'{pieces[number]}{len(free)},"hosts":[{",".join(free)}]}}'


def _free(offered, reach, quantity, host):
    """{local date: [(host id as text, its free starts)]}, within reach."""
    many = slots.count(offered, quantity)
    if offered.office.status != OfficeStatus.OPEN:
        return {}
    rows = queries.rows(
        STARTS.format(starts=queries.starts_sql(many)),
        {
            "office": offered.office_id,
            "service": offered.service_id,
            "host": host,
            "first": reach.first,
            "last": reach.last,
        },
    )
    found = defaultdict(list)
    for day, host_id, bits in rows:
        starts = quarters.from_bits(bits)
        if day == reach.first:
            starts &= reach.starts_on_first
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
