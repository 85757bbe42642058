"""Real services for the tests: a throw-away PostgreSQL and Valkey in a temporary
directory, started once and shared by all xdist workers, each with databases of its
own. The developer's own `.env` and variables are left out of it.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path

import django
import hypothesis
import pytest
from django.db import connection

from config.embedded import EmbeddedServices
from tests.celery_worker import CeleryWorker

XDIST_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
QUICK_POSTGRES = [
    "--fsync=off",
    "--synchronous_commit=off",
    "--full_page_writes=off",
    "--max_connections=200",
]


def documented_variables():
    lines = Path(__file__).with_name(".env.example").read_text()
    return set(re.findall(r"^#?([A-Z_0-9]+)=", lines, re.MULTILINE))


def prepare_environment():
    """Say where the services will be, before Django reads its settings."""
    if not XDIST_WORKER:
        for name in os.environ.keys() & documented_variables():
            del os.environ[name]
        os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="appt-")
    data_dir = Path(os.environ["DATA_DIR"])
    redis_database = 2 * int(XDIST_WORKER.removeprefix("gw") or 0)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "only for tests",
        "REDIS_URL": f"unix://{data_dir}/run/valkey.sock?db={redis_database}",
    }
    return data_dir


DATA_DIR = prepare_environment()
django.setup()
services = EmbeddedServices(DATA_DIR, child=True, postgres_options=QUICK_POSTGRES)


def pytest_sessionstart(session):
    if not XDIST_WORKER:
        services.__enter__()


def pytest_unconfigure(config):
    if not XDIST_WORKER:
        services.__exit__()
        shutil.rmtree(DATA_DIR, ignore_errors=True)


# A machine that is busy is no reason for a property to fail.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


@pytest.fixture
def celery_worker(transactional_db, settings):
    """Start Celery workers, real processes, on this test's own database.

    Call it for a worker that is ready; `.kill()` it without warning, or `.stop()`
    it in good order. None outlives the test.
    """
    workers = []

    def start(**options):
        database = connection.settings_dict
        worker = CeleryWorker(database["NAME"], database["HOST"], **options)
        workers.append(worker)
        return worker.wait_until_ready()

    yield start
    for worker in workers:
        worker.kill()
