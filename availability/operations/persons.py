"""Persons who host at two offices: their hours must not meet."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from accounts.models import User
from availability import quarters
from availability.exceptions import HoursOverlap
from availability.models import HostDay
from offices.models import Host


def check_person(host):
    """Raise HoursOverlap when a person offers an hour at two offices.

    Locks the person: the other office may be writing its hours at this moment.
    """
    if host.user_id is None:
        return
    User.objects.select_for_update(no_key=True).get(pk=host.user_id)
    since = host.office.today() - timedelta(days=2)
    own, others = 0, 0
    rows = HostDay.objects.filter(host__user=host.user_id, day__gt=since)
    for host_id, day, time_zone, offered in rows.values_list(
        "host", "day", "office__time_zone", "open"
    ):
        elapsed = quarters.local_day(day, time_zone).starts_at - quarters.midnight(
            since, "UTC"
        )
        offered <<= elapsed // quarters.QUARTER
        if host_id == host.pk:
            own |= offered
        else:
            others |= offered
    if own & others:
        raise HoursOverlap


def check_people(office):
    """Check each person who hosts at this office and at another."""
    elsewhere = Host.objects.filter(user=OuterRef("user")).exclude(office=office)
    for host in office.hosts.filter(Exists(elsewhere)).order_by("user_id"):
        check_person(host)
