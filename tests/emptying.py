"""The database made empty again after a test that commits, in little time.

Django's `flush` truncates all tables, makes new files for each and its indexes, and
then writes the content types and permissions anew. Here the rows go that there are.
"""

from django.core.management import call_command
from django.db import connection, transaction

OF_MIGRATE = ["auth_permission", "django_content_type"]  # what `migrate` writes


class Emptying:
    def __init__(self):
        self.of_migrate = None

    def __call__(self):
        """Delete every row but what `migrate` wrote; flush if that is not as it was."""
        if self.of_migrate is None or self.of_migrate != read(OF_MIGRATE):
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
            self.of_migrate = read(OF_MIGRATE)
            return
        with transaction.atomic(), connection.cursor() as cursor:
            # No foreign key asks for an order, no trigger keeps what is only added to.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in written():
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608 (a table of ours)  # nosec B608


def read(tables):
    """All that stands in the tables, in short."""
    whole = "SELECT md5(string_agg(t::text, '\n' ORDER BY t::text)) FROM {} AS t"
    with connection.cursor() as cursor:
        return [cursor.execute(whole.format(name)).fetchone() for name in tables]


def written():
    """The names of the tables that have rows, without those of `migrate`."""
    tables = connection.introspection.django_table_names(include_views=False)
    has_rows = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})"  # noqa: S608 (a table of ours)  # nosec B608
        for name in sorted(set(tables) - set(OF_MIGRATE))
    )
    with connection.cursor() as cursor:
        cursor.execute(has_rows)
        return [name for (name,) in cursor.fetchall()]
