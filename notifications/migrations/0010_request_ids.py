from django.db import migrations, models

import config.logs


def request_id():
    return models.CharField(
        blank=True,
        db_default="",
        default=config.logs.request_id,
        editable=False,
        help_text="Of whoever brought it about; it finds the lines in the log.",
        max_length=64,
        verbose_name="id of the request",
    )


class Migration(migrations.Migration):
    dependencies = [("notifications", "0009_subject_of_mails_alone")]

    operations = [
        migrations.AddField(model, "request_id", request_id())
        for model in ["daylist", "message", "webhookdelivery"]
    ]
