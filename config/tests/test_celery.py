"""A request that enqueues returns, and soon, whatever has become of Redis."""

import socket
import time

import pytest
from celery import Celery
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpResponse

from config.celery import app, enqueue


def nothing():
    """The work of a task that only its way to the worker matters of."""


@pytest.fixture
def mute_server():
    """Something that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture(params=["gone", "refusing", "mute"])
def lost_task(request):
    """A task of an app like ours, whose broker is lost in one way or another."""
    brokers = {
        "gone": lambda: "redis+socket:///nowhere/valkey.sock",
        "refusing": lambda: "redis://127.0.0.1:1/0",
        "mute": lambda: request.getfixturevalue("mute_server"),
    }
    away = Celery("away", set_as_current=False)
    away.config_from_object("django.conf:settings", namespace="CELERY")
    away.conf.broker_url = brokers[request.param]()
    return away.task(nothing, name="lost")


def write_and_enqueue(request):
    with transaction.atomic():
        Group.objects.create(name="written")
        enqueue(request.task)
    return HttpResponse("done")


@pytest.mark.django_db(transaction=True)
def test_a_request_outlives_a_lost_broker(rf, lost_task, caplog):
    request = rf.post("/write/")
    request.task = lost_task
    start = time.perf_counter()

    response = write_and_enqueue(request)

    assert time.perf_counter() - start < 1
    assert response.content == b"done"
    assert Group.objects.filter(name="written").exists()
    assert "task_not_enqueued" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_nothing_is_enqueued_when_the_transaction_rolls_back():
    task = app.task(nothing, name="never")

    with transaction.atomic():
        enqueue(task)
        transaction.set_rollback(True)

    assert queued("never") == []


@pytest.mark.django_db(transaction=True)
def test_a_task_is_enqueued_at_commit():
    task = app.task(nothing, name="soon")

    with transaction.atomic():
        enqueue(task)
        before = queued("soon")

    assert (before, len(queued("soon"))) == ([], 1)


def queued(name):
    with app.connection_for_read() as connection:
        client = connection.default_channel.client
        messages = client.lrange(settings.CELERY_TASK_DEFAULT_QUEUE, 0, -1)
    return [message for message in messages if f'"{name}"'.encode() in message]
