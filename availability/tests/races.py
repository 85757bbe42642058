"""Threads with connections of their own, for tests of what happens at once.

A race shows that many at a time do no harm; `would_wait` is its deterministic
twin: it holds a lock and sees somebody wait for it.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from config.exceptions import DomainError

PATIENCE = 30  # seconds; for a test that has gone wrong


def at_once(*calls):
    """Make the calls in threads of their own, all let go together.

    Returns, in order, what each returned, or the code of what it was refused.
    """
    start = threading.Barrier(len(calls), timeout=PATIENCE)

    def run(call):
        connection.ensure_connection()
        start.wait()
        return call()

    return in_threads([partial(run, call) for call in calls])


def in_threads(calls):
    """Make the calls side by side; as `at_once`, but each begins when it can."""

    def run(call):
        try:
            return call()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def start_and_wait(call):
    """Start a call elsewhere and go on once it waits for a lock.

    Returns a Future of what it returns, or of the code of what it is refused.
    """
    pool = ThreadPoolExecutor(1)
    outcome = pool.submit(lambda: in_threads([call])[0])
    pool.shutdown(wait=False)
    deadline = time.monotonic() + PATIENCE
    while not _somebody_waits():
        assert not outcome.done(), f"It did not wait: {outcome.result()}"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return outcome


def _somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return cursor.fetchone()[0]


def would_wait(call, *, patience="100ms"):
    """Whether a call made elsewhere waits for what this transaction has locked."""

    def run():
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = '{patience}'")
                call()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            return True
        return False

    return in_threads([run]) == [True]


@contextmanager
def no_deadlocks():
    """Fail if PostgreSQL has had to end a deadlock meanwhile."""
    before = _deadlocks()
    yield
    assert _deadlocks() == before


def _deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        return cursor.fetchone()[0]
