from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("notifications", "0012_own_words_and_who_was_called")]

    operations = [
        AddIndexConcurrently(
            "message",
            models.Index(
                name="message_lost",
                fields=["appointment"],
                condition=Q(status="failed")
                | Q(dropped_because="blocked")
                | Q(receipt="bounced"),
            ),
        ),
    ]
