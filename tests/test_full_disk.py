"""A real disk, and it is full: what is said, what goes on, and that it mends itself."""

import json
import os
import subprocess
import sys
import time
import uuid

import psycopg
import pytest

from config import backups
from tests.small_disk import SmallDisk
from tests.test_faults import (
    KEPT,
    OF_CLIENTS,
    RECOVERY,
    ROOT,
    SENT,
    Site,
    free_times,
    still_owed,
)

pytestmark = pytest.mark.faults

COUNT = """
import os, sys, time
import django; django.setup()
from pathlib import Path
from config import metrics
from config.circuit import PAUSE
from config.metrics.files import exposition

def fill():
    with (here / "ballast").open("ab", buffering=0) as ballast:
        try:
            while True: ballast.write(b"0" * 4096)
        except OSError: pass

def counted():
    return [line for line in exposition().decode().splitlines()
        if line.startswith("appointments_bot_refusals_total{")]

here = Path(sys.argv[1])
metrics.BOT_REFUSALS.labels("before").inc()
fill()
for number in range(2000):
    metrics.BOT_REFUSALS.labels(f"reason {number}").inc()
    metrics.TASK_SECONDS.labels(f"task {number}", "failed").observe(1)
assert 1 < len(counted()) < 2001, len(counted())
(here / "ballast").unlink()
time.sleep(PAUSE)
for number in range(2000):
    metrics.BOT_REFUSALS.labels(f"reason {number}").inc()
assert len(counted()) == 2001
assert all(line.endswith(" 2.0") for line in counted() if "reason " in line)
"""


@pytest.fixture
def small_disk(scratch_dir):
    made = []

    def make(size):
        try:
            made.append(SmallDisk(scratch_dir / "disk", size))
        except subprocess.SubprocessError:
            pytest.skip("Nobody may mount a disk here: no root, no namespaces.")
        return made[-1]

    yield make
    for disk in made:
        disk.close()


def test_what_cannot_be_counted_ends_no_process(small_disk):
    disk = small_disk(4 * 2**20)
    environment = os.environ | {"METRICS_DIR": str(disk.path / "metrics")}

    done = subprocess.run(
        [sys.executable, "-c", COUNT, str(disk.path)],
        cwd=ROOT,
        env=environment,
        preexec_fn=disk.within,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_backup_that_finds_no_room_leaves_nothing(small_disk):
    disk = small_disk(2**20)
    disk.fill()
    there = disk.seen_from_outside(disk.path)

    with pytest.raises(backups.BackupError, match="No space left on device"):
        backups.write(there / "one.dump", trial=False)

    assert [path.name for path in there.iterdir()] == ["ballast"]


class Citizen:
    """Books one time after another, and keeps what was confirmed."""

    def __init__(self, site):
        self.site, self.times, self.references = site, free_times(site), []

    def book(self):
        """The status, and the answer."""
        body = self.times.pop() | {
            "citizen": {"name": "Client", "email": f"{uuid.uuid4()}@example.org"}
        }
        status, answer = self.site.ask("POST", "appointments", body)
        if status == 201:
            self.references.append(answer["reference"])
        return status, answer

    def book_until(self, wanted):
        """The last answer: one with that status."""
        for _try in range(200):
            status, answer = self.book()
            if status == wanted:
                return answer
            assert status in (201, 409, 503), answer
        raise AssertionError(f"Never {wanted}, but {status}: {answer}")


def checks(site):
    """What /health/ready says: its status, and each check's problem."""
    status, answer = site.request("GET", "/health/ready")
    told = json.loads(answer)["checks"]
    return status, {check["name"]: check["problem"] for check in told}


def begin_new_segments(database):
    for _number in range(9):
        database.execute("SELECT pg_switch_wal()")
        database.execute("SELECT pg_logical_emit_message(true, 'test', 'one')")


def end_postgres(site, database):
    """Have it want room for its log, and wait until the site has seen it end."""
    with pytest.raises(psycopg.OperationalError):
        begin_new_segments(database)
    deadline = time.monotonic() + RECOVERY
    while "postgres | ended. The disk is full" not in site.said():
        assert time.monotonic() < deadline, site.said()
        time.sleep(0.2)


def test_the_site_outlives_a_full_disk(small_disk):
    disk = small_disk(400 * 2**20)
    site = Site(disk.path / "data", disk)
    try:
        site.wait_until_ready()
        citizen = Citizen(site)
        database = site.database()  # a new connection may want room
        citizen.book_until(201)
        disk.fill()
        check_it_can_be_read(site, citizen, database)
        end_postgres(site, database)
        check_it_says_what_is_wrong(site, citizen)
        disk.make_room()
        check_all_goes_on(site, citizen)
    finally:
        site.stop()


def check_it_can_be_read(site, citizen, database):
    answer = citizen.book_until(503)
    pages = [site.request("GET", path)[0] for path in ("/", "/offices/", "/health")]
    status, told = checks(site)
    [bookings] = database.execute(OF_CLIENTS).fetchone()
    commands = [site.manage(name) for name in ("doctor", "backup")]
    said = [each.stdout + each.stderr for each in commands]

    assert answer["code"] == "unavailable"
    assert (pages, status) == ([200, 200, 200], 200)
    assert "nearly full: 0 MB free. The database's disk was full" in told["disk"]
    assert bookings == len(citizen.references)
    assert [each.returncode for each in commands] == [1, 1], said
    assert all("No space left on device" in each for each in said), said
    assert not any("Traceback" in each for each in said), said
    assert list(site.data_dir.glob("backups/*")) == []


def check_it_says_what_is_wrong(site, citizen):
    citizen.book_until(503)
    page, text = site.request("GET", "/")
    alive, _text = site.request("GET", "/health")
    status, told = checks(site)
    examined = site.manage("doctor")

    assert (page, alive, status) == (503, 200, 503)
    assert "Nothing of what you sent last was kept" in text
    assert "nearly full: 0 MB free." in told["disk"]
    assert examined.stderr.startswith("doctor: The disk is full: DATA_DIR")


def check_all_goes_on(site, citizen):
    """By itself: nothing that was confirmed is lost, and what is owed is sent."""
    begun = time.monotonic()
    citizen.book_until(201)
    assert time.monotonic() - begun < RECOVERY
    assert still_owed(site) == []
    examined = site.manage("doctor")
    assert examined.returncode == 0, examined.stdout + examined.stderr
    once = dict.fromkeys(citizen.references, 1)
    kept, sent = dict(site.rows(KEPT)), dict(site.rows(SENT))
    assert {reference: kept.get(reference) for reference in once} == once
    assert {reference: sent.get(reference) for reference in once} == once
    assert site.rows(OF_CLIENTS) == [(len(once),)]
    assert "Traceback" not in site.request("GET", "/")[1]
