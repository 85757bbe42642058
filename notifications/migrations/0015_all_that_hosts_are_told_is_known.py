from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0014_tell_hosts_who_has_it")]

    operations = [
        ValidateConstraint("message", "message_kind_known"),
        ValidateConstraint("message", "message_audience_known"),
    ]
