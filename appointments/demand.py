"""What people book most: these services the front page names first."""

from django.core.cache import cache
from django.db.models import Count

from appointments.models import Appointment
from config import caching

MOST = 50
KEY = "most-booked-services"


def most_booked():
    """Ids of services, the most booked first; kept for a while (CACHE_TTL).

    None while Redis is away: to count all appointments for each reader of the front
    page would cost more than the order of its services is worth.
    """
    found = cache.get(KEY)
    if found is None and not caching.circuit.is_open:
        found = count()
        cache.set(KEY, found)
    return found or []


def count():
    """The same, counted now: all appointments, whatever has become of them."""
    booked = Appointment.objects.values_list("service").annotate(times=Count("pk"))
    return [service for service, _ in booked.order_by("-times", "service")[:MOST]]
