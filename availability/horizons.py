"""How far ahead times are written, against how far ahead people may book."""

from django.db import connection

# The night's run begins at a quarter past one; until then yesterday's horizon holds.
# Offices whose hosts have no hours offer nothing, and want for nothing.
SHORT = """
SELECT slug, written, wanted
FROM (
    SELECT office.slug,
           (now() AT TIME ZONE office.time_zone)::date
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
ORDER BY slug
"""


def short():
    """[(slug, last local date written or None, date wanted)] of offices behind."""
    with connection.cursor() as cursor:
        cursor.execute(SHORT)
        return cursor.fetchall()
