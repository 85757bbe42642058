import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# The history of settings is only ever added to. What is too old is let go of when a
# transaction says that this is what it does (offices.history.forget).
CREATE = """
CREATE FUNCTION offices_settingchange_stays() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('offices.forgetting', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The history of settings is only ever added to.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER offices_settingchange_stays
BEFORE UPDATE OR DELETE ON offices_settingchange
FOR EACH ROW EXECUTE FUNCTION offices_settingchange_stays();
"""
DROP = """
DROP TRIGGER offices_settingchange_stays ON offices_settingchange;
DROP FUNCTION offices_settingchange_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("offices", "0004_desk_policy"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SettingChange",
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
                    "model",
                    models.CharField(max_length=64, verbose_name="kind of setting"),
                ),
                ("row", models.BigIntegerField(verbose_name="number")),
                ("name", models.CharField(max_length=300, verbose_name="setting")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("added", "Added"),
                            ("changed", "Changed"),
                            ("deleted", "Deleted"),
                            ("renewed", "Secret changed"),
                        ],
                        max_length=8,
                        verbose_name="what was done",
                    ),
                ),
                (
                    "before",
                    models.JSONField(
                        default=dict,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        verbose_name="before",
                    ),
                ),
                (
                    "after",
                    models.JSONField(
                        default=dict,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        verbose_name="after",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="when"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: the system itself.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="Empty: it concerns all offices.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="offices.office",
                        verbose_name="office",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of a setting",
                "verbose_name_plural": "history of settings",
                "ordering": ["-at", "-pk"],
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["office", "-at"], name="settingchange_office_at"
                    ),
                    models.Index(
                        fields=["model", "row", "-at"], name="settingchange_row"
                    ),
                    models.Index(fields=["at"], name="settingchange_at"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["added", "changed", "deleted", "renewed"])
                        ),
                        name="settingchange_kind_known",
                    )
                ],
            },
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
