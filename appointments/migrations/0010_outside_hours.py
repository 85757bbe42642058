"""Keep what was put outside the hours on purpose; closed offices have no hours."""

from django.db import migrations, models

# Where the last time that an appointment to come was given went beyond the rules.
MARK = """
UPDATE appointments_appointment AS appointment SET outside_hours = TRUE
WHERE status IN ('pending', 'confirmed') AND starts_at > now()
  AND NOT EXISTS (
    SELECT FROM availability_hostday AS kept
    WHERE kept.host_id = appointment.host_id AND kept.day = appointment.day
      AND appointment.quarters & ~kept.open = 0::bit(100))
  AND (
    SELECT override FROM appointments_appointmentevent AS event
    WHERE event.appointment_id = appointment.id
      AND kind IN ('requested', 'booked', 'rescheduled', 'postponed', 'reassigned')
    ORDER BY event.id DESC LIMIT 1) <> ''
"""

CLOSE = """
UPDATE availability_hostday AS host_day SET open = 0::bit(100)
FROM offices_office AS office
WHERE office.id = host_day.office_id AND office.status = 'closed'
  AND host_day.day >= current_date AND host_day.open <> 0::bit(100)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0009_host_of_events"),
        ("availability", "0002_one_index_less"),
        ("offices", "0007_sensitive_services"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="outside_hours",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="appointment",
            name="despite_closure",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunSQL([MARK, CLOSE], migrations.RunSQL.noop),
    ]
