from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside the bookings that go on meanwhile, so in no transaction."""

    atomic = False
    dependencies = [("appointments", "0011_data_deleted")]

    operations = [
        AddIndexConcurrently(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("purged_at", None)),
                fields=["office", "day"],
                name="appointment_unpurged",
            ),
        ),
    ]
