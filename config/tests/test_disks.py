"""What is said of disks that are full, and of a database that cannot at present."""

from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import InternalError, OperationalError, ProgrammingError
from psycopg.errors import DiskFull, ReadOnlySqlTransaction

from config import disks, outages
from config.api.problems import exception_handler

GB = 1024**3


@pytest.fixture(autouse=True)
def forgotten():
    yield
    cache.delete(disks.KEY)


def raised(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("free", "size", "is_low"),
    [
        (GB - 1, 100 * GB, True),
        (GB, 100 * GB, False),
        (GB // 10, GB, False),
        (GB // 10 - 1, GB, True),
    ],
)
def test_a_disk_is_low(free, size, is_low):
    assert disks.Disk(Path("/"), free, size).is_low is is_low


def test_each_disk_is_looked_at_once(settings, scratch_dir):
    settings.DATA_DIR, settings.METRICS_DIR = scratch_dir, scratch_dir / "metrics"

    assert [disk.path for disk in disks.disks()].count(scratch_dir) == 1
    assert len({disk.path.stat().st_dev for disk in disks.disks()}) == len(
        disks.disks()
    )


def test_a_disk_that_is_nearly_full_is_named(monkeypatch, settings):
    monkeypatch.setattr(disks.Disk, "is_low", True)

    assert disks.nearly_full()[0].startswith(
        f"The disk of {settings.DATA_DIR} is nearly full: "
    )


def test_that_the_database_had_no_room_is_remembered():
    assert outages.is_one(raised(OperationalError("no room"), DiskFull()))

    assert disks.full_of_late() == ["The database's disk was full 0 s ago."]


def test_another_outage_is_no_full_disk():
    assert outages.is_one(OperationalError("the connection is closed"))

    assert disks.full_of_late() == []


def test_a_mistake_of_ours_is_no_outage():
    assert not outages.is_one(ProgrammingError("no such column"))


@pytest.mark.parametrize(
    "error",
    [
        raised(OperationalError("no room"), DiskFull()),
        raised(InternalError("read-only"), ReadOnlySqlTransaction()),
    ],
)
def test_the_api_says_that_the_database_cannot_at_present(error):
    response = exception_handler(error, {})

    assert (response.status_code, response.data["code"]) == (503, "unavailable")
    assert response.headers["Retry-After"] == "2"
