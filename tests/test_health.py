"""What monitors are told, and who is told how much."""

import socket
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connections
from django.utils import timezone

from accounts.sign_in import PASSED
from accounts.tests.factories import UserFactory
from availability.models import HostDay
from availability.tests.factories import OpenHostFactory
from config import caching, health, heartbeats
from config.celery import app
from config.circuit import Circuit
from config.tasks import beat_heart
from notifications.tests.factories import MessageFactory

TOKEN = {"Authorization": "Bearer a token for the tests alone"}


@pytest.fixture
def beating():
    for name in heartbeats.NAMES:
        heartbeats.beat(name)
    yield
    cache.delete_many([f"heartbeat:{name}" for name in heartbeats.NAMES])


@pytest.fixture
def outside(settings):
    """A production site, whose operator has a token."""
    settings.ENVIRONMENT = "production"
    settings.METRICS_TOKEN = TOKEN["Authorization"].removeprefix("Bearer ")


def told(client, name):
    checks = client.get("/health/ready").json()["checks"]
    return next(check for check in checks if check["name"] == name)


def test_alive_asks_nothing_of_the_database(client):
    response = client.get("/health")

    assert response.json() == {"status": "alive"}


@pytest.mark.django_db
def test_ready_times_each_check(client, beating):
    response = client.get("/health/ready")

    answer = response.json()
    assert (response.status_code, answer["status"]) == (200, "ready")
    assert all(check["ms"] < 1000 for check in answer["checks"])
    assert {check["name"]: check["problem"] for check in answer["checks"]} == {
        "database": None,
        "migrations": None,
        "redis": None,
        "broker": None,
        "rate_limits": None,
        "disk": None,
        "beat_heartbeat": None,
        "worker_heartbeat": None,
        "webhooks_heartbeat": None,
        "dead_letters": None,
        "outbox_account_mail": None,
        "slot_horizon": None,
        "providers": None,
        "outbox_mail": None,
        "outbox_sms": None,
        "outbox_webhooks": None,
        "outbox_day_lists": None,
    }


@pytest.mark.django_db
def test_a_worker_that_is_silent_degrades(client, beating, time_machine):
    time_machine.move_to(timezone.now() + timedelta(seconds=heartbeats.LATE + 1))

    response = client.get("/health/ready")

    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert told(client, "worker_heartbeat")["problem"] == (
        f"No sign of worker for {heartbeats.LATE + 1} s."
    )


@pytest.mark.django_db
def test_a_worker_never_seen_is_said_to_be_so(client):
    assert told(client, "beat_heartbeat")["problem"] == "No sign of beat yet."


def test_beat_starts_a_heartbeat_in_each_queue():
    entries = [
        entry
        for name, entry in app.conf.beat_schedule.items()
        if name.startswith("heartbeat-")
    ]

    assert [(e["args"], e["options"]["queue"]) for e in entries] == [
        (["worker"], "celery"),
        (["webhooks"], "webhooks"),
    ]


def test_who_runs_a_heartbeat_is_seen(beating):
    cache.delete("heartbeat:webhooks")

    beat_heart("webhooks")

    assert heartbeats.age("webhooks") < 5


@pytest.mark.django_db
def test_mail_that_is_late_degrades(client, beating, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    MessageFactory(due_at=timezone.now() - timedelta(seconds=400))

    check = told(client, "outbox_mail")

    assert (check["ok"], check["problem"]) == (False, "400 s behind.")


@pytest.mark.django_db
def test_slots_that_end_before_the_horizon_degrade(client, beating):
    office = OpenHostFactory().office
    HostDay.objects.filter(office=office, day__gt=office.today()).delete()

    check = told(client, "slot_horizon")

    assert (check["value"], check["problem"]) == (
        1,
        f"1 offices short of slots, by {office.booking_horizon_days} days at most.",
    )


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["nobody", "staff"])
def test_details_are_not_for(client, outside, role):
    if role == "staff":
        client.force_login(UserFactory(is_staff=True))

    answer = client.get("/health/ready", secure=True).json()

    assert list(answer) == ["status"]


@pytest.mark.django_db
def test_details_are_for_superusers(client, outside):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    assert "checks" in client.get("/health/ready", secure=True).json()


@pytest.mark.django_db
@pytest.mark.parametrize("passed", [False, True])
def test_details_are_for_superusers_who_passed_the_second_step(
    client, outside, settings, passed
):
    settings.TOTP_REQUIRED_ROLES = ["superuser"]
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    session = client.session
    session[PASSED] = passed
    session.save()

    answer = client.get("/health/ready", secure=True).json()

    assert ("checks" in answer) is passed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "shown"), [(TOKEN["Authorization"], True), ("Bearer other", False)]
)
def test_details_are_for_who_has_the_token(client, outside, token, shown):
    headers = {"Authorization": token}

    answer = client.get("/health/ready", secure=True, headers=headers).json()

    assert ("checks" in answer) is shown


@pytest.mark.django_db
def test_monitors_may_ask_by_address(client):
    assert client.get("/health", headers={"Host": "10.1.2.3:8000"}).status_code == 200


@pytest.mark.django_db
def test_without_its_database_it_is_unavailable(client, monkeypatch):
    def away():
        raise OperationalError("connection refused\nDETAIL: (Anna)")

    monkeypatch.setitem(
        health._checks, "database", health.Check("database", away, True, after="")
    )

    response = client.get("/health/ready")

    checks = {each["name"]: each for each in response.json()["checks"]}
    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert checks["database"]["problem"] == "connection refused"
    assert checks["outbox_mail"]["problem"] == "Not known: database is amiss."


def test_a_database_that_is_lost_between_two_checks_is_not_tried_again(
    monkeypatch, django_db_setup, django_db_blocker
):
    kept = connections["default"]
    lost = kept.copy()
    lost.settings_dict["HOST"] = "/nowhere"
    monkeypatch.setitem(
        health._checks, "database", health.Check("database", lambda: None, True, "")
    )
    connections["default"] = lost

    with django_db_blocker.unblock():
        found = health.ask_all()

    connections["default"] = kept
    checks = {each["name"]: each for each in found}
    assert not checks["database"]["ok"]
    assert "/nowhere" in checks["database"]["problem"]
    assert checks["outbox_mail"]["problem"] == "Not known: database is amiss."


@pytest.mark.django_db
def test_a_redis_that_hangs_holds_no_monitor_up(client, settings, monkeypatch):
    monkeypatch.setattr(caching, "circuit", Circuit("redis"))
    with socket.create_server(("127.0.0.1", 0), backlog=50) as mute:
        url = f"redis://127.0.0.1:{mute.getsockname()[1]}/0"
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": url}}
        response = client.get("/health/ready")

    checks = {each["name"]: each["problem"] for each in response.json()["checks"]}
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert checks["database"] is None
    assert checks["outbox_mail"] is None
    for name in ("broker", "rate_limits", "worker_heartbeat", "providers"):
        assert checks[name] == "Not known: redis is amiss."
