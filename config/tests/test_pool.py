"""The pool of connections of a web process."""

import pytest
from django.db import connection


@pytest.fixture
def pooled(transactional_db):
    """The test's database through a pool of one connection."""
    pooled = connection.copy()
    pooled.settings_dict["CONN_MAX_AGE"] = 0
    pooled.settings_dict["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 1}
    yield pooled
    pooled.close()
    pooled.close_pool()


def ask(database):
    """As one request does: with a connection for as long as it lasts."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    database.close()
    return pid


def test_a_connection_that_the_database_has_ended_costs_nobody_an_error(pooled):
    pid = ask(pooled)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    assert ask(pooled) != pid
