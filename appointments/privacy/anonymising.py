"""Making a copy of the live database one for trying things out.

What columns.txt calls of people or secret is made up or deleted, table by table, in
batches that are transactions of their own: killed half-way, or run twice, it is done
when it has run to its end.
"""

import secrets
from typing import NamedTuple

from django.core.cache import cache
from django.db import connection, transaction

from accounts.models import User
from appointments import access
from appointments.privacy import columns, fakes
from offices import history

AT_ONCE = 20_000  # rows in one statement
ADMIN = "admin@example.org"


class Table(NamedTuple):
    """`columns` to make up ({name: fake}); none of one whose rows are all deleted."""

    name: str
    rows: int
    columns: dict

    @property
    def is_deleted(self):
        return not self.columns


def plan():
    """What would be done: Tables, the largest last."""
    fates = {}
    for column in columns.columns().values():
        if column.is_of_people and column.staging != "kept":
            fates.setdefault(column.table, {})[column.name] = column.staging
    deleted = {name for name, made in fates.items() if "row" in made.values()}
    found = [
        Table(name, _count(name), {} if name in deleted else made)
        for name, made in fates.items()
    ]
    return sorted(found, key=lambda table: (not table.is_deleted, table.rows))


def anonymise(table, *, advanced=lambda number: None):
    """Do it to a Table; `advanced` is called with how many rows are behind."""
    if table.is_deleted:
        _delete(table.name)
        advanced(table.rows)
        return
    statement, first = _statement(table), None
    while True:
        last, number = _bounds(table.name, first)
        if not number:
            break
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, {"first": first, "last": last})
        first = last
        advanced(number)
    _execute(f"ANALYZE {table.name}")  # its statistics hold values, too


def finish():
    """Forget what is cached; make the one account that opens it: (address, password).

    The password is kept nowhere.
    """
    cache.clear()
    password = secrets.token_urlsafe(12)
    admin = User.objects.filter(email=ADMIN).first() or User(email=ADMIN)
    admin.name = "Admin"
    admin.is_active = admin.is_staff = admin.is_superuser = True
    admin.set_password(password)
    admin.save()
    return ADMIN, password


@transaction.atomic
def _delete(name):
    """With what depends on it; a history that nobody may change lets go, too."""
    for trigger_asks_for in (history.FORGETTING, access.FORGETTING):
        _execute("SELECT set_config(%s, 'all', true)", [trigger_asks_for])
    _execute(f"TRUNCATE {name} CASCADE")


# What is put into the statements below are names of tables and columns from
# columns.txt, and expressions of ours: nothing that anybody has typed (S608, B608).


def _statement(table):
    """UPDATE of the rows in (first, last] that are not yet as they should be."""
    kinds = _kinds(table.name)
    number = "id" if "int" in kinds["id"] else "abs(hashtext(id::text)::bigint)"
    made = {
        name: fakes.expression(
            fake, name, table=table.name, kind=kinds[name], number=number
        ).replace("%", "%%")
        for name, fake in table.columns.items()
    }
    stable = [name for name, fake in table.columns.items() if fake != "password"]
    sets = ", ".join(f"{name} = {value}" for name, value in made.items())
    differs = " OR ".join(
        [f"{name} IS DISTINCT FROM {made[name]}" for name in stable]
        + [f"{name} NOT LIKE '!%%'" for name in table.columns if name not in stable]
    )
    return (
        f"UPDATE {table.name} SET {sets} "  # noqa: S608 (names of our own tables)  # nosec B608
        f"WHERE (%(first)s::{kinds['id']} IS NULL OR id > %(first)s) "
        f"AND id <= %(last)s AND ({differs})"
    )


def _bounds(name, first):
    """The last key of the next batch, and its size; (None, 0) at the end."""
    after = "" if first is None else "WHERE id > %(first)s"
    batch = f"SELECT id FROM {name} {after} ORDER BY id LIMIT {AT_ONCE}"  # noqa: S608  # nosec B608
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, count(*) OVER () FROM ({batch}) AS batch "  # noqa: S608  # nosec B608
            "ORDER BY id DESC LIMIT 1",
            {"first": first},
        )
        return cursor.fetchone() or (None, 0)


def _kinds(name):
    """{column: its type}."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %s",
            [name],
        )
        return dict(cursor.fetchall())


def _count(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {name}")  # noqa: S608  # nosec B608
        return cursor.fetchone()[0]


def _execute(statement, values=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
