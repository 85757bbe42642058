"""What must be so in every installation, and how it is put right; `manage.py doctor`.

Each app adds its own checks in a module `doctor`, which is found by itself.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import autodiscover_modules

from config import disks, health

CHECKS = []


@dataclass
class Check:
    """One rule. `find` returns what breaks it, a line each; `mend` puts it right."""

    title: str
    find: callable
    mend: callable = None

    @property
    def name(self):
        return self.find.__name__

    def mends(self, function):
        """Decorate what puts it right: safe while people book, and safe twice."""
        self.mend = function
        return function


def check(title):
    """Decorate a function that returns what breaks the rule named by `title`."""

    def add(find):
        CHECKS.append(Check(title, find))
        return CHECKS[-1]

    return add


def checks():
    """All of them, in the order of the apps."""
    autodiscover_modules("doctor")
    return list(CHECKS)


VALID = """
SELECT conname FROM pg_constraint WHERE convalidated
UNION
SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indisvalid
"""
TRIGGERS_OFF = """
SELECT relname || ': ' || tgname FROM pg_trigger
JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND tgenabled = 'D' ORDER BY 1
"""
A_MEGABYTE = """
CREATE TEMPORARY TABLE a_megabyte AS
SELECT repeat('x', 1000) FROM generate_series(1, 1000);
DROP TABLE a_megabyte
"""


@check("Every migration is applied.")
def migrations():
    return [f"{app} {name}" for app, name in health.missing_migrations()]


@check("The database has every constraint and index that the models name, all valid.")
def constraints():
    valid = {name for (name,) in _rows(VALID)}
    named = {
        each.name: model._meta.label
        for model in apps.get_models()
        if model._meta.managed
        for each in [*model._meta.constraints, *model._meta.indexes]
    }
    return [f"{model}: {name}" for name, model in named.items() if name not in valid]


@check("No trigger of the database is switched off.")
def triggers():
    return [line for (line,) in _rows(TRIGGERS_OFF)]


@check("There is room on the disks, and on the database's: it can write a megabyte.")
def disk():
    found = disks.nearly_full()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(A_MEGABYTE)
    except DatabaseError as error:
        found.append(f"The database says: {str(error).splitlines()[0]}")
    return found


def _rows(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
