import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0004_mailed_day_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="WebhookAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("tried_at", models.DateTimeField(verbose_name="tried")),
                ("duration", models.DurationField(verbose_name="took")),
                ("request_headers", models.JSONField(verbose_name="headers sent")),
                (
                    "response_status",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: there was none.",
                        null=True,
                        verbose_name="answer",
                    ),
                ),
                (
                    "response_body",
                    models.TextField(
                        blank=True,
                        help_text="Its beginning.",
                        verbose_name="text of the answer",
                    ),
                ),
                ("error", models.TextField(blank=True, verbose_name="why it failed")),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tries",
                        to="notifications.webhookdelivery",
                        verbose_name="webhook delivery",
                    ),
                ),
            ],
            options={
                "verbose_name": "try",
                "verbose_name_plural": "tries",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("response_status__isnull", False),
                            models.Q(("error", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="webhookattempt_answered_or_failed",
                    )
                ],
            },
        ),
    ]
