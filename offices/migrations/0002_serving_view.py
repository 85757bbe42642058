from django.db import migrations

# Which host can serve which service at its office: what is named for it, or all
# that the office offers when nothing is. The one home of this rule, since the
# queries for free times and the ORM (HostQuerySet.serving) both ask it.
CREATE = """
CREATE VIEW offices_serving AS
SELECT host.office_id, host.id AS host_id, offered.service_id
FROM offices_host AS host
JOIN offices_officeservice AS offered ON offered.office_id = host.office_id
WHERE host.is_active
  AND (EXISTS (SELECT FROM offices_host_services AS named
               WHERE named.host_id = host.id
                 AND named.service_id = offered.service_id)
       OR NOT EXISTS (SELECT FROM offices_host_services AS named
                      WHERE named.host_id = host.id))
"""


class Migration(migrations.Migration):
    dependencies = [("offices", "0001_offices_tables")]

    operations = [migrations.RunSQL(CREATE, "DROP VIEW offices_serving")]
