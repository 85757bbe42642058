"""Django's `migrate`, which gives way to people at work.

Whoever changes a table waits until the last transaction that uses it is over, and
everybody else queues up behind the one who waits: one forgotten session would stop
all bookings. So each wait is short, and tried again later. What was migrated before
stays migrated; each migration is whole or not at all.
"""

import time
from contextlib import contextmanager

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

PAUSE_SECONDS = 3

OLD_TRANSACTIONS = """
SELECT format('process %%s (%%s, for %%s s)', pid,
              coalesce(nullif(application_name, ''), usename, backend_type),
              extract(epoch FROM now() - xact_start)::int)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND xact_start IS NOT NULL
ORDER BY xact_start LIMIT 3
"""


class Command(migrate.Command):
    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-seconds",
            type=int,
            default=2,
            metavar="N",
            help="wait this long for a table in use, and all behind us with us",
        )
        parser.add_argument(
            "--tries", type=int, default=10, metavar="N", help="so often, then give up"
        )

    def handle(self, *args, lock_seconds, tries, **options):
        if settings.DATABASE_PGBOUNCER:
            raise CommandError(
                "Migrate on PostgreSQL itself, without DATABASE_PGBOUNCER: what is "
                "set for this session would stay with others through PgBouncer."
            )
        connection = connections[options["database"]]
        for left in reversed(range(tries)):
            try:
                with _impatient(connection, lock_seconds):
                    return super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                self._say_who(connection, left)
            if left:
                time.sleep(PAUSE_SECONDS)
        raise CommandError(
            "Some table stayed in use; bookings went on meanwhile. End what is named "
            "above, or wait for it, then run migrate again: it goes on from here."
        )

    def _say_who(self, connection, left):
        with connection.cursor() as cursor:
            cursor.execute(OLD_TRANSACTIONS, [])
            found = ", ".join(row[0] for row in cursor) or "nobody any more"
        self.stderr.write(
            f"A table is in use. In a transaction: {found}. Tries left: {left}."
        )


@contextmanager
def _impatient(connection, seconds):
    """Have each statement give up on a lock after so long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds}s"])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
