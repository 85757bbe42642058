from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0006_keep_last_tries")]

    operations = [
        migrations.RemoveField(
            model_name="webhookdelivery",
            name="request_headers",
        ),
        migrations.RemoveField(
            model_name="webhookdelivery",
            name="response_body",
        ),
        migrations.RemoveField(
            model_name="webhookdelivery",
            name="response_status",
        ),
        migrations.RemoveField(
            model_name="webhookdelivery",
            name="tried_at",
        ),
    ]
