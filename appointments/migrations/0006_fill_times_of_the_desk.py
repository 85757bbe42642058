"""When people checked in, were served and left, from the history kept so far."""

from django.db import migrations

FILL = """
UPDATE appointments_appointment AS visit
SET {column} = happened.at
FROM (
    SELECT appointment_id, max(created_at) AS at
    FROM appointments_appointmentevent WHERE kind = '{kind}'
    GROUP BY appointment_id
) AS happened
WHERE happened.appointment_id = visit.id AND visit.status IN ({statuses})
"""

SEEN = "'checked_in', 'in_progress', 'completed'"


class Migration(migrations.Migration):
    dependencies = [("appointments", "0005_queue")]

    operations = [
        migrations.RunSQL(
            FILL.format(column=column, kind=kind, statuses=statuses),
            migrations.RunSQL.noop,
        )
        for column, kind, statuses in [
            ("checked_in_at", "checked_in", SEEN),
            ("started_at", "started", "'in_progress', 'completed'"),
            ("completed_at", "completed", "'completed'"),
        ]
    ]
