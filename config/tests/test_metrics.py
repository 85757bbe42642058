"""Counts are right over processes, and shown to those alone who may see them."""

import socket
import subprocess
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.db import connection, connections
from django.urls import path
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from config import metrics
from config.exceptions import DomainError
from config.metrics import files, gathered, served

TOKEN = "a token for the tests alone"


def page(request, name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("SELECT 2")
    raise DomainError


def mistake(request):
    raise LookupError("Anna")


urlpatterns = [
    path("page/<str:name>/", page, name="a-page"),
    path("mistake/", mistake, name="a-mistake"),
]


def value(name, **labels):
    """What /metrics says of a sample."""
    for family in text_string_to_metric_families(files.exposition().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return 0


@pytest.fixture(autouse=True)
def fresh():
    gathered.forget()


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_request_is_counted_by_its_route(client):
    told = {"route": "a-page", "method": "GET", "status": "4xx"}
    before = value("appointments_request_seconds_count", **told)
    refusals = value("appointments_refusals_total", code="conflict")
    queries = value("appointments_request_queries_sum", route="a-page")

    client.get("/page/anna-schmidt/")

    assert value("appointments_request_seconds_count", **told) == before + 1
    assert value("appointments_refusals_total", code="conflict") == refusals + 1
    assert value("appointments_request_queries_sum", route="a-page") == queries + 2
    assert b"anna" not in files.exposition()


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_mistake_is_counted_by_its_kind(client):
    client.raise_request_exception = False
    told = {"route": "a-mistake", "kind": "LookupError"}
    before = value("appointments_exceptions_total", **told)

    client.get("/mistake/")

    assert value("appointments_exceptions_total", **told) == before + 1


@pytest.mark.django_db
def test_methods_and_addresses_that_strangers_make_up_are_one(client):
    told = {"route": "none", "method": "other", "status": "4xx"}
    before = value("appointments_request_seconds_count", **told)

    client.generic("ANNA", "/anna/")

    assert value("appointments_request_seconds_count", **told) == before + 1


def metrics_files():
    """Of this process, and of whatever runs beside it."""
    return files.settings.METRICS_DIR.glob("*.db")


COUNT = """
import django; django.setup()
from config import metrics
metrics.BOT_REFUSALS.labels("test").inc({many})
metrics.TASK_SECONDS.labels("test", "failed").observe(0.02)
metrics.POOL.labels("test").set(5)
"""


@pytest.mark.django_db
def test_what_ended_processes_counted_stays_and_their_files_go():
    told = {"reason": "test"}
    task = {"task": "test", "outcome": "failed"}
    before = value("appointments_bot_refusals_total", **told)
    runs = value("appointments_task_seconds_count", **task)
    ended = set()

    for many in (2, 3):
        process = subprocess.Popen([sys.executable, "-c", COUNT.format(many=many)])
        assert process.wait() == 0
        ended.add(str(process.pid))
        seen = value("appointments_bot_refusals_total", **told)
    metrics.BOT_REFUSALS.labels("test").inc()

    assert seen == before + 5
    assert value("appointments_bot_refusals_total", **told) == before + 6
    assert value("appointments_task_seconds_count", **task) == runs + 2
    assert value("appointments_task_seconds_bucket", **task, le="0.05") == runs + 2
    assert value("appointments_pool_connections", state="test") == 0
    of_whom = {path.stem.rpartition("_")[2] for path in metrics_files()}
    assert str(files.os.getpid()) in of_whom
    assert of_whom.isdisjoint(ended)


def test_only_who_is_here_may_look_without_a_token(settings):
    settings.ENVIRONMENT, settings.METRICS_TOKEN = "local", ""

    assert served.is_allowed("", "127.0.0.1")
    assert not served.is_allowed("", "10.0.0.7")


@pytest.mark.parametrize(
    ("environment", "token", "given", "status"),
    [
        ("local", TOKEN, "", 404),
        ("local", TOKEN, f"Bearer {TOKEN}", 200),
        ("production", "", "", 404),
        ("production", "", "Bearer ", 404),
        ("production", TOKEN, f"Bearer {TOKEN}", 200),
        ("production", TOKEN, f"Bearer {TOKEN}x", 404),
        ("production", TOKEN, TOKEN, 404),
    ],
)
@pytest.mark.django_db
def test_metrics_are_shown(client, settings, environment, token, given, status):
    settings.ENVIRONMENT, settings.METRICS_TOKEN = environment, token

    response = client.get("/metrics", headers={"Authorization": given})

    assert response.status_code == status


def test_a_worker_answers_by_itself(settings, monkeypatch):
    monkeypatch.setattr(gathered.Collector, "collect", lambda self: [])
    settings.ENVIRONMENT, settings.METRICS_TOKEN = "production", TOKEN
    server = served.serve(0)
    url = f"http://127.0.0.1:{server.server_port}/metrics"

    with pytest.raises(HTTPError, match="404"):
        urlopen(url)
    told = Request(url, headers={"Authorization": f"Bearer {TOKEN}"})
    answer = urlopen(told).read()  # noqa: S310

    server.shutdown()
    server.server_close()
    assert b"appointments_" in answer


@pytest.mark.django_db
def test_looking_twice_asks_the_database_once(django_assert_num_queries):
    CollectorRegistry().register(gathered.Collector())
    list(gathered.Collector().collect())

    with django_assert_num_queries(0):
        list(gathered.Collector().collect())


@pytest.fixture
def mute_database(django_db_setup, django_db_blocker):
    """A database that takes connections and never says a word, behind a pool."""
    kept = connections["default"]
    with (
        socket.create_server(("127.0.0.1", 0), backlog=50) as mute,
        django_db_blocker.unblock(),
    ):
        away = kept.copy()
        away.settings_dict |= {"HOST": "127.0.0.1", "PORT": mute.getsockname()[1]}
        away.settings_dict |= {"CONN_MAX_AGE": 0}
        away.settings_dict["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 1}
        connections["default"] = away
        yield
        mute.close()  # nobody waits for it any longer
        away.close_pool()
        connections["default"] = kept


def test_a_database_that_hangs_is_waited_for_once(mute_database, client):
    told = value("appointments_health_ok", check="database")
    page = client.get("/health/ready")

    checks = {each["name"]: each["problem"] or "" for each in page.json()["checks"]}
    waited = "couldn't get a connection after 1.00 sec"
    assert (told, page.status_code) == (0, 503)
    assert [name for name in checks if waited in checks[name]] == ["database"]
    assert checks["migrations"] == "Not known: database is amiss."
    assert b"appointments_outbox_messages" not in files.exposition()
