"""What /health/ready and /metrics know of slots and holds."""

from django.db import connection
from prometheus_client.core import GaugeMetricFamily

from availability.models import Hold
from config.health import Finding, in_time, register
from config.metrics import gathered

# The night's run begins at a quarter past one; until then yesterday's horizon holds.
# Offices whose hosts have no hours offer nothing, and want for nothing.
SHORT = """
SELECT count(*), max(wanted - coalesce(written, current_date - 1))
FROM (
    SELECT (now() AT TIME ZONE office.time_zone)::date
             + office.booking_horizon_days AS wanted,
           (SELECT max(day) FROM availability_hostday AS host_day
            WHERE host_day.office_id = office.id) AS written
    FROM offices_office AS office
    WHERE office.status <> 'closed' AND EXISTS (
        SELECT FROM offices_host AS host
        JOIN availability_availabilityrule AS rule ON rule.host_id = host.id
        WHERE host.office_id = office.id AND host.is_active)
) AS horizon
WHERE coalesce(written, '-infinity') < wanted - 2
"""


def horizon():
    """Offices whose slots are not written as far ahead as people can book."""
    with connection.cursor() as cursor:
        cursor.execute(SHORT)
        offices, days = cursor.fetchone()
    if not offices:
        return Finding(value=0)
    problem = f"{offices} offices short of slots, by {days} days at most."
    return Finding(problem, offices)


@gathered.register
def open_holds():
    family = GaugeMetricFamily(
        "appointments_holds_open", "Times that are kept for somebody at present."
    )
    family.add_metric([], Hold.objects.live().count())
    yield family


register("slot_horizon", in_time(horizon))
