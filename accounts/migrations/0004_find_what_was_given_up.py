from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0003_invitation_mails")]

    operations = [
        AddIndexConcurrently(
            "accountmail",
            models.Index(
                name="accountmail_failed",
                fields=["due_at"],
                condition=Q(status="failed"),
            ),
        ),
    ]
