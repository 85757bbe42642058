"""Every column of the database is in appointments/privacy/columns.txt, and no other."""

import pytest
from django.db import connection

from appointments.privacy import columns

TEXT = {"text", "character varying", "jsonb", "json", "ARRAY", "inet", "bytea"}
ADD = """
{missing}
are not in appointments/privacy/columns.txt. Add each to its table there (a new table
after the one before it in the alphabet, with a line that says what a row is):

    figure: name_of_column                      a number, date or state
    figure: name_of_column | why                text that is no person's
    personal: name_of_column = row, row, row    what becomes of it: when its time is
                                                over, on erasure, in staging

The head of the file has all the words. What it says must happen: a person's column that
goes by itself or on request is emptied in appointments/privacy/forgetting.py (of an
appointment), erasing.py (of an account) or notifications/privacy.py (of messages), or
its row is deleted there; staging follows the file by itself.
"""


def in_database():
    """{(table, column): type}, views left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type "
            "FROM information_schema.columns JOIN information_schema.tables "
            "USING (table_schema, table_name) "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        return {(table, name): kind for table, name, kind in cursor.fetchall()}


def named(pairs):
    return "\n".join(sorted(f"    {table}.{name}" for table, name in pairs))


@pytest.mark.django_db
def test_every_column_is_classified():
    missing = in_database().keys() - columns.columns().keys()

    assert not missing, ADD.format(missing=named(missing))


@pytest.mark.django_db
def test_no_column_is_classified_that_there_is_not():
    gone = columns.columns().keys() - in_database().keys()

    assert not gone, f"Take these out of columns.txt:\n{named(gone)}"


@pytest.mark.django_db
def test_text_that_is_no_persons_has_a_reason():
    kinds = in_database()
    silent = {
        key
        for key, column in columns.columns().items()
        if column.what in ("figure", "setting")
        and kinds.get(key) in TEXT
        and not column.why
    }

    assert not silent, f"Why is this not personal? Add “| why” to\n{named(silent)}"


def test_a_table_is_kept_or_emptied_in_staging_as_a_whole():
    """A row cannot be deleted and have a column of it made up."""
    mixed = {
        column.table
        for column in columns.columns().values()
        if column.is_of_people
        and any(c.staging == "row" for c in columns.of_table(column.table))
        and column.staging != "row"
    }

    assert mixed == set()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("personal: name", "what becomes of it"),
        ("figure: name = row, row, row", "what becomes of it"),
        ("personal: name = row, row, gone", "unknown word"),
        ("thing: name", "unknown word"),
        ("personal: name = kept, row, row", "kept, and why"),
        ("nonsense", "cannot read"),
    ],
)
def test_a_line_that_says_too_little_is_refused(line, said):
    with pytest.raises(ValueError, match=said):
        columns._read("table", line)
