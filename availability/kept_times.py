"""Answers about free times, kept in Redis until something that they tell of changes.

The key names all that an answer depends on: what is asked, what the clock decides (see
slots.Reach: the answer changes when it must, and not before), and a version of the
rows, which is read with each request. So there is nothing to throw away, and no commit
that could forget to: see config.kept_pages. A hold that has expired takes its time
until it is swept, here as everywhere.
"""

import zlib

from django.conf import settings
from django.core.cache import cache

from config import kept_pages
from offices.models import Office
from offices.queries.catalogue import HASH

FAST = 1  # of zlib: a month becomes a twelfth

# Of what an office offers: which transactions wrote it, the hosts, what they serve and
# their days. No such state comes back, so what is worked out a moment after its version
# was read may be kept under it: who asks then reads another.
STATE = f"""
SELECT office.id, office.time_zone, office.lead_time, office.booking_horizon_days, ROW(
    office.xmin, service.xmin, offered.xmin,
    (SELECT {HASH.format("host")} FROM offices_host AS host
     WHERE host.office_id = office.id),
    (SELECT {HASH.format("named")} FROM offices_host_services AS named
     JOIN offices_host AS host ON host.id = named.host_id
     WHERE host.office_id = office.id),
    (SELECT {HASH.format("host_day")} FROM availability_hostday AS host_day
     WHERE host_day.office_id = office.id
       AND host_day.day BETWEEN %(first)s AND %(last)s)
)::text AS version
FROM offices_officeservice AS offered
JOIN offices_office AS office ON office.id = offered.office_id
JOIN offices_service AS service ON service.id = offered.service_id
WHERE offered.office_id = %(office)s AND offered.service_id = %(service)s
"""  # noqa: S608 (put together from our own constants)  # nosec B608


def kept(office, service, days, *, about, work_out):
    """The bytes that `work_out()` returns, or returned before in the same state.

    `office` and `service` are ids, `days` two local dates that hold all that is told
    of. `about(office)` is what else the answer depends on, by its repr; it is given an
    Office that knows its policy alone. What `work_out` raises is not kept.
    """
    wanted = {"office": office, "service": service, "first": days[0], "last": days[1]}
    state = next(iter(Office.objects.raw(STATE, wanted)), None)
    if state is None:
        return work_out()
    key = kept_pages.key("free_times", office, service, about(state), state.version)
    packed = cache.get(key)
    if packed is not None:
        return zlib.decompress(packed)
    body = work_out()
    cache.set(key, zlib.compress(body, FAST), settings.CACHE_TTL)
    return body
