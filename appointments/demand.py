"""What people book most: these services the front page names first."""

from django.core.cache import cache
from django.db.models import Count

from appointments.models import Appointment

MOST = 50


def most_booked():
    """Ids of services, the most booked first; kept for a while (CACHE_TTL)."""
    return cache.get_or_set("most-booked-services", count)


def count():
    """The same, counted now: all appointments, whatever has become of them."""
    booked = Appointment.objects.values_list("service").annotate(times=Count("pk"))
    return [service for service, _ in booked.order_by("-times", "service")[:MOST]]
