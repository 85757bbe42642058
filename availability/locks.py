"""Locking all of an office's time at once, for changes of many days together.

In the order that everything keeps (docs/decisions/0005-locks.md): whoever holds these
locks can write hours and claim or free any of the office's days in any order.
"""

from accounts.models import User
from availability.models import HostDay
from offices.models import Host, Office


def lock_all(office):
    """Lock an office, its hosts' days from today on, and who hosts elsewhere too."""
    lock_office(office)
    lock_days(office)


def lock_office(office):
    """Let one change of an office's hours happen at a time."""
    Office.objects.select_for_update(no_key=True).values_list("pk").get(pk=office.pk)


def lock_days(office):
    """Lock all days of an office's hosts from today on; then the persons they are.

    Persons who host at another office, whose hours there must not change meanwhile.
    """
    days = HostDay.objects.filter(office=office, day__gte=office.today())
    ordered = days.order_by("host_id", "day").values_list("pk")
    list(ordered.select_for_update(no_key=True))
    mine = Host.objects.filter(office=office).values("user")
    elsewhere = Host.objects.exclude(office=office).filter(user__in=mine)
    people = User.objects.filter(pk__in=elsewhere.values("user")).order_by("pk")
    list(people.values_list("pk").select_for_update(no_key=True))
