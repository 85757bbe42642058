"""A day of an office on paper: who comes to whom, when and for what."""

from appointments.closing import HostRows, by_host
from appointments.states import TAKES_TIME


def day_list(office, day) -> list[HostRows]:
    """The appointments of an office's `day` by host, in time order. One query."""
    rows = office.appointments.filter(day=day, status__in=TAKES_TIME)
    rows = rows.select_related("service", "host", "citizen")
    return by_host(rows.order_by("host__name", "host_id", "starts_at", "pk"))
