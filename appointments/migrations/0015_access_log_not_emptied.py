from django.db import migrations

# Nor is it emptied, which no trigger for rows hears of. A copy that is made nobody's
# says that this is what it does (appointments.privacy.anonymising).
CREATE = """
CREATE FUNCTION appointments_access_stays_whole() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('appointments.forgetting', true) = 'all' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The log of access is only ever added to.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER appointments_access_stays_whole
BEFORE TRUNCATE ON appointments_access
FOR EACH STATEMENT EXECUTE FUNCTION appointments_access_stays_whole();
"""
DROP = """
DROP TRIGGER appointments_access_stays_whole ON appointments_access;
DROP FUNCTION appointments_access_stays_whole();
"""


class Migration(migrations.Migration):
    dependencies = [("appointments", "0014_exports_as_json")]

    operations = [migrations.RunSQL(CREATE, DROP)]
