"""Services of our own: one set for all who use a DATA_DIR, gone with the last."""

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from config import embedded
from config.embedded import EmbeddedServices, ServiceError

QUICK = ["--fsync=off", "--full_page_writes=off"]
HOLD = """
import sys, time
from pathlib import Path
from config.embedded import EmbeddedServices
with EmbeddedServices(Path(sys.argv[1])):
    print("running", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def services(scratch_dir):
    """Make one user of the same services after another; all leave in the end."""
    made = []

    def user(data_dir=scratch_dir / "data"):
        services = EmbeddedServices(data_dir, postgres_options=QUICK)
        made.append(services)
        return services

    yield user
    for services in made:
        services.stop()


def pids(services):
    processes = [server.process() for server in services.servers]
    return [process and process.pid for process in processes]


def query(services, statement):
    with psycopg.connect(
        host=str(services.socket_dir), user="postgres", dbname="appointments"
    ) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def test_the_last_user_stops_them_and_the_data_stay(services):
    first, second = services(), services()

    with first:
        started = pids(first)
        with second:
            assert pids(second) == started
            query(second, "CREATE TABLE kept AS SELECT 42 AS answer")
        assert pids(first) == started
    assert pids(first) == [None, None]

    with second:
        assert query(second, "SELECT answer FROM kept") == (42,)


def test_they_have_what_the_models_need(services):
    with services() as running:
        for extension in ("btree_gist", "pg_trgm", "unaccent"):
            query(running, f"CREATE EXTENSION {extension}")

        assert query(running, "SELECT lower('ÄÖÜ'), current_setting('TimeZone')") == (
            "äöü",
            "UTC",
        )


def test_a_user_that_is_killed_keeps_nobody_from_starting(services, scratch_dir):
    data_dir = scratch_dir / "data"
    user = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data_dir)], stdout=subprocess.PIPE
    )
    with user:
        user.stdout.readline()
        user.send_signal(signal.SIGKILL)

    with services() as running:
        assert query(running, "SELECT 1") == (1,)
    assert pids(running) == [None, None]


def test_a_lock_from_before_a_power_loss_is_seen_through(services):
    with services() as running:
        postmaster = running.servers[0].dir / "postmaster.pid"
        lock = postmaster.read_text()
    reused = str(os.getppid())  # the number is now that of some other process
    postmaster.write_text("\n".join([reused, *lock.splitlines()[1:]]))

    with running:
        assert query(running, "SELECT 1") == (1,)


def test_a_path_too_long_for_a_socket_is_fine(services, scratch_dir):
    with services(scratch_dir / ("d" * 100)) as running:
        assert query(running, "SELECT 1") == (1,)


def test_one_that_was_killed_is_started_again(services):
    with services() as running:
        postgres = running.servers[0]
        killed = postgres.process()
        killed.kill()
        while killed.is_running() and killed.status() != "zombie":
            time.sleep(0.01)

        running.start()

        assert query(running, "SELECT 1") == (1,)


def test_data_of_another_version_are_left_alone(services):
    with services() as running:
        version = running.servers[0].dir / "PG_VERSION"
    version.write_text("15\n")

    with pytest.raises(ServiceError, match=r"written by PostgreSQL 15, and this is 18"):
        running.__enter__()


def test_a_full_disk_is_one_sentence(monkeypatch, scratch_dir):
    monkeypatch.setattr(embedded, "LEAST_FREE", 1 << 60)

    with pytest.raises(ServiceError, match=r"^The disk is full: DATA_DIR"):
        embedded.refuse_full_disk(scratch_dir)
