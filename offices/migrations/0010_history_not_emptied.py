from django.db import migrations

# Nor is it emptied, which no trigger for rows hears of. A copy that is made nobody's
# says that this is what it does (appointments.privacy.anonymising).
CREATE = """
CREATE FUNCTION offices_settingchange_stays_whole() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('offices.forgetting', true) = 'all' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The history of settings is only ever added to.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER offices_settingchange_stays_whole
BEFORE TRUNCATE ON offices_settingchange
FOR EACH STATEMENT EXECUTE FUNCTION offices_settingchange_stays_whole();
"""
DROP = """
DROP TRIGGER offices_settingchange_stays_whole ON offices_settingchange;
DROP FUNCTION offices_settingchange_stays_whole();
"""


class Migration(migrations.Migration):
    dependencies = [("offices", "0009_retention")]

    operations = [migrations.RunSQL(CREATE, DROP)]
