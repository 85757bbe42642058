"""What /health/ready and /metrics know of slots and holds."""

from datetime import timedelta

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from availability import horizons
from availability.models import Hold
from config.health import Finding, in_time, register
from config.metrics import gathered

DAY = timedelta(days=1)


def horizon():
    """Offices whose slots are not written as far ahead as people can book."""
    found = horizons.short()
    if not found:
        return Finding(value=0)
    yesterday = timezone.now().date() - DAY
    days = max((wanted - (written or yesterday)).days for _, written, wanted in found)
    problem = f"{len(found)} offices short of slots, by {days} days at most."
    return Finding(problem, len(found))


@gathered.register
def open_holds():
    family = GaugeMetricFamily(
        "appointments_holds_open", "Times that are kept for somebody at present."
    )
    family.add_metric([], Hold.objects.live().count())
    yield family


register("slot_horizon", in_time(horizon))
