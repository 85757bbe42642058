import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_erased_mails"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecondFactor",
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
                (
                    "seed",
                    models.CharField(blank=True, max_length=32, verbose_name="seed"),
                ),
                (
                    "last_step",
                    models.BigIntegerField(default=0, verbose_name="last time step"),
                ),
                (
                    "recovery_codes",
                    models.JSONField(
                        blank=True, default=list, verbose_name="recovery codes"
                    ),
                ),
                (
                    "failures",
                    models.PositiveIntegerField(
                        default=0, verbose_name="wrong codes in a row"
                    ),
                ),
                (
                    "failed_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="last wrong code"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="turned on"
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="turned off"
                    ),
                ),
            ],
            options={
                "verbose_name": "second step",
                "verbose_name_plural": "second steps",
                "ordering": ["-created_at", "pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="accountmail",
            name="accountmail_kind_known",
        ),
        migrations.AddField(
            model_name="signin",
            name="device",
            field=models.CharField(
                blank=True, db_default="", max_length=80, verbose_name="device"
            ),
        ),
        migrations.AddField(
            model_name="signin",
            name="kind",
            field=models.CharField(
                choices=[("api", "App"), ("browser", "Browser")],
                db_default="api",
                default="api",
                max_length=8,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="signin",
            name="last_seen_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="last used"),
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
                    ("erased", "Personal data was deleted"),
                    ("second_factor_on", "The second step was turned on"),
                    ("second_factor_off", "The second step was turned off"),
                    ("attack", "Somebody is guessing the password or the code"),
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
                            "erased",
                            "second_factor_on",
                            "second_factor_off",
                            "attack",
                        ],
                    )
                ),
                name="accountmail_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="signin",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["api", "browser"])),
                name="signin_kind_known",
            ),
        ),
        migrations.AddField(
            model_name="secondfactor",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Nobody: by command, on the server.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="turned off by",
            ),
        ),
        migrations.AddField(
            model_name="secondfactor",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="second_factors",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondfactor",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("user",),
                name="secondfactor_one_each",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondfactor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None),
                    models.Q(("recovery_codes", []), ("seed", "")),
                    _connector="OR",
                ),
                name="secondfactor_ended_knows_no_secret",
            ),
        ),
    ]
