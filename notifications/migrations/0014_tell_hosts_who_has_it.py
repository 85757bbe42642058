from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0013_find_what_was_lost")]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="message_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="message_audience_known",
        ),
        migrations.RemoveConstraint(
            model_name="messagetemplate",
            name="messagetemplate_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_audience_known",
        ),
        migrations.AlterField(
            model_name="message",
            name="audience",
            field=models.CharField(
                choices=[
                    ("citizen", "Citizen"),
                    ("host", "Host"),
                    ("former", "Former host"),
                    ("office", "Office mailbox"),
                ],
                default="citizen",
                max_length=8,
                verbose_name="who",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("booked", "Booked"),
                    ("approved", "Approved"),
                    ("denied", "Not approved"),
                    ("rescheduled", "Moved by the citizen"),
                    ("postponed", "Moved by the office"),
                    ("reassigned", "Given to another host"),
                    ("cancelled", "Cancelled"),
                    ("reminder", "Reminder"),
                    ("late", "The office runs late"),
                    ("unclosed", "An outcome is missing"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="messagetemplate",
            name="kind",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("booked", "Booked"),
                    ("approved", "Approved"),
                    ("denied", "Not approved"),
                    ("rescheduled", "Moved by the citizen"),
                    ("postponed", "Moved by the office"),
                    ("reassigned", "Given to another host"),
                    ("cancelled", "Cancelled"),
                    ("reminder", "Reminder"),
                    ("late", "The office runs late"),
                    ("unclosed", "An outcome is missing"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="audience",
            field=models.CharField(
                choices=[
                    ("citizen", "Citizen"),
                    ("host", "Host"),
                    ("former", "Former host"),
                    ("office", "Office mailbox"),
                ],
                max_length=8,
                verbose_name="who",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("booked", "Booked"),
                    ("approved", "Approved"),
                    ("denied", "Not approved"),
                    ("rescheduled", "Moved by the citizen"),
                    ("postponed", "Moved by the office"),
                    ("reassigned", "Given to another host"),
                    ("cancelled", "Cancelled"),
                    ("reminder", "Reminder"),
                    ("late", "The office runs late"),
                    ("unclosed", "An outcome is missing"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        AddConstraintNotValid(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "requested",
                            "booked",
                            "approved",
                            "denied",
                            "rescheduled",
                            "postponed",
                            "reassigned",
                            "cancelled",
                            "reminder",
                            "late",
                            "unclosed",
                        ],
                    )
                ),
                name="message_kind_known",
            ),
        ),
        AddConstraintNotValid(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("audience__in", ["citizen", "host", "former", "office"])
                ),
                name="message_audience_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="messagetemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "requested",
                            "booked",
                            "approved",
                            "denied",
                            "rescheduled",
                            "postponed",
                            "reassigned",
                            "cancelled",
                            "reminder",
                            "late",
                            "unclosed",
                        ],
                    )
                ),
                name="messagetemplate_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "requested",
                            "booked",
                            "approved",
                            "denied",
                            "rescheduled",
                            "postponed",
                            "reassigned",
                            "cancelled",
                            "reminder",
                            "late",
                            "unclosed",
                        ],
                    )
                ),
                name="notice_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("audience__in", ["citizen", "host", "former", "office"])
                ),
                name="notice_audience_known",
            ),
        ),
    ]
