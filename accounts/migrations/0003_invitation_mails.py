from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sign_ins_and_registrations"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="accountmail",
            name="accountmail_kind_known",
        ),
        migrations.AddField(
            model_name="accountmail",
            name="about",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Of an invitation: which it is, and what the mail says of it.",
                verbose_name="about",
            ),
        ),
        migrations.AlterField(
            model_name="accountmail",
            name="kind",
            field=models.CharField(
                choices=[
                    ("registration", "Confirm a registration"),
                    ("password_reset", "Choose a new password"),
                    ("password_changed", "The password was changed"),
                    ("invitation", "Invite somebody to work at an office"),
                ],
                max_length=24,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "registration",
                            "password_reset",
                            "password_changed",
                            "invitation",
                        ],
                    )
                ),
                name="accountmail_kind_known",
            ),
        ),
    ]
