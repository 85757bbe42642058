"""Real services for the tests: a throw-away PostgreSQL and Valkey in a temporary
directory, started once and shared by all xdist workers, each with databases of its
own. The developer's own `.env` and variables are left out of it.
"""

import atexit
import gc
import os
import re
import shutil
import tempfile
from pathlib import Path

import django
import hypothesis
import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

from config.embedded import EmbeddedServices
from tests.celery_worker import CeleryWorker
from tests.emptying import Emptying

IS_XDIST_WORKER = "PYTEST_XDIST_WORKER" in os.environ
QUICK_POSTGRES = [
    "--fsync=off",
    "--synchronous_commit=off",
    "--full_page_writes=off",
    "--max_connections=500",  # two workers with a hundred threads each, and more
]


def documented_variables():
    lines = Path(__file__).with_name(".env.example").read_text()
    return set(re.findall(r"^#?([A-Z_0-9]+)=", lines, re.MULTILINE))


def prepare_environment():
    """Say where the services will be, before Django reads its settings."""
    for name in os.environ.keys() & documented_variables():
        del os.environ[name]
    data_dir = tempfile.mkdtemp(prefix="appt-")
    atexit.register(shutil.rmtree, data_dir, ignore_errors=True)
    os.environ |= {
        "DATA_DIR": data_dir,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ENV_FILE": os.devnull,
        "METRICS_DIR": f"{data_dir}/metrics",
        "SECRET_KEY": "only for tests, and as long as one must be elsewhere",
    }


gc.set_threshold(50_000, 20, 20)  # seldom: what comes now is to stay
if not IS_XDIST_WORKER:  # they inherit the environment, and use what we start
    prepare_environment()
django.setup()

empty = Emptying()
TransactionTestCase._fixture_teardown = lambda _self: empty()


def pytest_sessionstart(session):
    if not IS_XDIST_WORKER:
        data_dir = Path(os.environ["DATA_DIR"])
        session.config.services = EmbeddedServices(
            data_dir, child=True, postgres_options=QUICK_POSTGRES
        )
        session.config.services.__enter__()


def pytest_collection_finish():
    """Look for no garbage in what was imported and collected.

    That is millions of objects which live to the end; each search among them takes
    longer than most tests.
    """
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config):
    if hasattr(config, "services"):
        config.services.__exit__()


# A machine that is busy is no reason for a property to fail.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


@pytest.fixture(scope="module")
def module_rows(django_db_setup, django_db_blocker):
    """Let a module's fixtures write rows that all of its tests find.

    They are undone after its last test; what a test changes, after that test. Not for
    tests that commit.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def scratch_dir():
    """A directory that the account of the embedded services can get to.

    Unlike pytest's own tmp_path, whose parents each new run of pytest closes.
    """
    with tempfile.TemporaryDirectory(dir=os.environ["DATA_DIR"]) as path:
        yield Path(path)


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
