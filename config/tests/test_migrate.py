"""`migrate` waits for nobody for long: whoever waits for a table holds up bookings."""

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.management.commands import migrate
from config.models import IdempotencyKey

BACK_TO_NOTHING = {
    "app_label": "config",
    "migration_name": "zero",
    "lock_seconds": 1,
    "verbosity": 0,
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    """A session that has read the table, and has forgotten to end its transaction."""
    database = connection.settings_dict
    with psycopg.connect(
        dbname=database["NAME"],
        host=database["HOST"],
        user=database["USER"],
        application_name="forgotten",
    ) as session:
        session.execute("SELECT * FROM config_idempotencykey")
        yield session


def lock_timeout():
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return cursor.fetchone()[0]


def test_a_table_in_use_is_given_up_with_a_sentence(reader, capsys):
    with pytest.raises(CommandError, match="Some table stayed in use"):
        call_command("migrate", **BACK_TO_NOTHING, tries=1)

    assert IdempotencyKey.objects.count() == 0  # the table is still there
    assert lock_timeout() == "10s"
    said = capsys.readouterr().err
    assert "A table is in use. In a transaction: process " in said
    assert "(forgotten, for " in said
    assert "Tries left: 0." in said


def test_a_table_that_is_free_again_is_migrated(reader, monkeypatch):
    pauses = []

    def wait(seconds):
        pauses.append(seconds)
        reader.rollback()

    monkeypatch.setattr(migrate.time, "sleep", wait)

    call_command("migrate", **BACK_TO_NOTHING, tries=2)

    assert pauses == [migrate.PAUSE_SECONDS]
    assert IdempotencyKey._meta.db_table not in connection.introspection.table_names()


def test_it_is_refused_through_pgbouncer(settings):
    settings.DATABASE_PGBOUNCER = True

    with pytest.raises(CommandError, match="Migrate on PostgreSQL itself"):
        call_command("migrate", verbosity=0)
