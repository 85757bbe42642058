from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("notifications", "0010_request_ids")]

    operations = [
        AddIndexConcurrently(
            model,
            models.Index(
                name=f"{model}_failed", fields=["due_at"], condition=Q(status="failed")
            ),
        )
        for model in ["daylist", "message", "webhookdelivery"]
    ]
