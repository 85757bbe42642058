from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appointments", "0010_outside_hours")]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="purged_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Since then only figures are left of it.",
                null=True,
                verbose_name="personal data deleted",
            ),
        ),
        migrations.AddField(
            model_name="citizen",
            name="is_nobody",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="The one row of all whose data has been deleted.",
            ),
        ),
        migrations.AddConstraint(
            model_name="citizen",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_nobody", True)),
                fields=("is_nobody",),
                name="citizen_nobody_once",
            ),
        ),
    ]
