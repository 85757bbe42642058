"""A backup is written, everything is lost, and comes back."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from appointments import operations
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from config import backups
from offices.tests.factories import MembershipFactory

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = "backup_test"


class Installation:
    """A database of its own, with the rows of the test's, and commands run on it."""

    def __init__(self, name):
        self.name = name
        self.host = connection.settings_dict["HOST"]

    def execute(self, statement, **names):
        with psycopg.connect(
            host=self.host, user="postgres", dbname="postgres", autocommit=True
        ) as admin:
            done = admin.execute(
                sql.SQL(statement).format(
                    **{key: sql.Identifier(name) for key, name in names.items()}
                )
            )
            return done.fetchall() if done.description else None

    def drop(self):
        self.execute("DROP DATABASE IF EXISTS {one} WITH (FORCE)", one=self.name)

    def databases(self):
        rows = self.execute("SELECT datname FROM pg_database")
        return {name for (name,) in rows if name.startswith(SCRATCH)}

    def count(self):
        with psycopg.connect(
            host=self.host, user="postgres", dbname=self.name
        ) as database:
            return backups._count(database)

    def manage(self, *arguments):
        url = f"postgresql:///{self.name}?host={self.host}&user=postgres"
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout.strip(), done.stderr.strip()


@pytest.fixture
def installation(transactional_db):
    """Appointments, messages, a member; no connection to it is open."""
    MembershipFactory()
    operations.cancel(AppointmentFactory(), by=None)
    AppointmentFactory()
    installation = Installation(f"{SCRATCH}_{os.getpid()}")
    template = connection.settings_dict["NAME"]
    connection.close()
    installation.execute(
        "CREATE DATABASE {one} TEMPLATE {other}", one=installation.name, other=template
    )
    yield installation
    for name in installation.databases():
        Installation(name).drop()


def test_what_was_lost_comes_back(installation, scratch_dir):
    """Backup, drop, restore, doctor: clean, with the same counts."""
    path = scratch_dir / "one.dump"
    before = installation.count()

    status, said, err = installation.manage("backup", path)
    assert (status, err) == (0, "")
    assert "restored on trial, the same" in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(os.listdir(path.parent)) == ["one.dump", "one.dump.json"]
    assert installation.databases() == {installation.name}

    installation.drop()
    status, said, err = installation.manage("restore", path)
    assert (status, err) == (0, "")
    assert "Nothing is changed" in said
    assert installation.databases() == set()

    status, _said, err = installation.manage("restore", path, "--apply")
    assert (status, err) == (0, "")
    assert installation.count() == before
    status, said, err = installation.manage("doctor")
    assert (status, err, said.endswith("all well.")) == (0, "", True)


def test_what_is_replaced_is_kept_beside(installation, scratch_dir):
    path = scratch_dir / "two.dump"
    installation.manage("backup", path, "--no-trial")
    before = installation.count()
    with psycopg.connect(
        host=installation.host, user="postgres", dbname=installation.name
    ) as visitor:
        visitor.execute("DELETE FROM notifications_message")
        visitor.commit()

        status, said, err = installation.manage("restore", path, "--apply")

    assert (status, err) == (0, "")
    assert installation.count() == before
    [replaced] = installation.databases() - {installation.name}
    assert f"the database {replaced} now" in said
    assert Installation(replaced).count()["notifications_message"] == 0


def refused(call, *arguments):
    with pytest.raises(backups.BackupError) as error:
        call(*arguments)
    return str(error.value)


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_there_is_left_alone(scratch_dir):
    path = scratch_dir / "three.dump"
    path.write_text("mine")

    assert refused(backups.write, path) == f"{path} exists; name another file."
    assert path.read_text() == "mine"


def test_a_backup_that_is_not_there_is_named(scratch_dir):
    path = scratch_dir / "none.dump"

    assert refused(backups.check, path) == f"There is no file {path}."


def test_a_directory_that_is_not_there_is_not_made(scratch_dir):
    folder = scratch_dir / "not-mounted"

    assert refused(backups.write, folder / "one.dump") == (
        f"There is no directory {folder}. Make it, or mount what it is on."
    )
    assert not folder.exists()


def test_text_is_no_backup(scratch_dir):
    path = scratch_dir / "dump.sql"
    path.write_text("CREATE TABLE citizen ();")

    assert refused(backups.check, path).startswith(
        f"{path} is no backup that `backup` wrote"
    )


@pytest.mark.django_db(transaction=True)
def test_half_a_backup_is_refused_and_leaves_nothing(scratch_dir):
    CitizenFactory()
    path = scratch_dir / "four.dump"
    backups.write(path, trial=False)
    whole = path.read_bytes()

    path.write_bytes(whole[: len(whole) // 2])

    assert "pg_restore failed" in refused(backups.restore, path)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_database WHERE datname LIKE '%_restored_%'"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_a_backup_that_misses_rows_is_refused(scratch_dir):
    path = scratch_dir / "five.dump"
    backups.write(path, trial=False)
    beside = Path(f"{path}.json")
    manifest = json.loads(beside.read_text())
    manifest["rows"]["accounts_user"] += 1
    beside.write_text(json.dumps(manifest))

    assert "differs from what was counted in accounts_user" in refused(
        backups.restore, path
    )


@pytest.mark.django_db(transaction=True)
def test_a_backup_of_a_newer_version_is_refused(scratch_dir):
    path = scratch_dir / "six.dump"
    backups.write(path, trial=False)
    beside = Path(f"{path}.json")
    manifest = json.loads(beside.read_text())
    manifest["migrations"].append("offices 9999_later")
    beside.write_text(json.dumps(manifest))

    assert refused(backups.check, path).startswith(
        "The backup is from a newer version, which has offices 9999_later: install "
    )


def test_a_backup_without_its_list_is_refused(scratch_dir):
    path = scratch_dir / "seven.dump"
    path.write_bytes(backups.MAGIC)

    assert refused(backups.check, path).startswith(f"{path}.json says what the backup")
