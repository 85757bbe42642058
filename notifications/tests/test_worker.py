"""Delivery by a real Celery worker, through crashes of worker and broker."""

import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from appointments.tests.factories import AppointmentFactory, tomorrow_at
from availability.models import MIDNIGHT
from availability.tests.factories import OpenHostFactory
from config.celery import app
from notifications.models import DayList, Message
from notifications.states import Status
from notifications.tasks import deliver_due, send_day_lists
from offices.tests.factories import OfficeServiceFactory

BOOK = """
import django
django.setup()
from appointments.tests.factories import AppointmentFactory
from offices.models import OfficeService
AppointmentFactory(offered=OfficeService.objects.get())
"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def empty_queue():
    """Forget the tasks that other tests' bookings have left."""
    app.control.purge()


def soon(is_so, seconds=30):
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()


def book(count):
    """Appointments in a row, each with a mail to a citizen of its own."""
    offered = OfficeServiceFactory()
    start = tomorrow_at(offered.office)
    booked = [
        AppointmentFactory(offered=offered, starts_at=start + timedelta(minutes=15 * n))
        for n in range(count)
    ]
    return sorted(appointment.citizen.email for appointment in booked)


def is_sent(count):
    return Message.objects.filter(status=Status.SENT).count() == count


def end_leases():
    """As if the time of a lease had passed."""
    Message.objects.queued().update(due_at=timezone.now())


def test_a_booking_is_mailed_after_its_commit(celery_worker, post_office):
    celery_worker(environment=post_office.environment)

    recipients = book(1)

    assert soon(lambda: is_sent(1))
    assert post_office.recipients == recipients


def test_a_worker_killed_before_it_begins_loses_nothing(celery_worker, post_office):
    celery_worker(environment=post_office.environment).kill()
    recipients = book(5)

    worker = celery_worker(environment=post_office.environment)

    assert soon(lambda: is_sent(5))
    sweep_once_more(worker)
    assert post_office.recipients == recipients


def test_a_worker_killed_while_it_sends_loses_and_doubles_nothing(
    celery_worker, post_office
):
    post_office.mood = "hang"
    worker = celery_worker(environment=post_office.environment)
    recipients = book(5)
    assert soon(lambda: post_office.attempts)
    worker.kill()
    at_the_kill = post_office.recipients

    post_office.mood = "accept"
    worker = celery_worker(environment=post_office.environment)
    assert soon(lambda: is_sent(4))
    sweep_once_more(worker)
    leased = Message.objects.queued().get()
    end_leases()
    deliver_due.delay()

    assert soon(lambda: is_sent(5))
    sweep_once_more(worker)
    assert (at_the_kill, leased.attempts) == ([], 1)
    assert post_office.recipients == recipients


def test_a_booking_without_a_broker_is_mailed_by_the_next_sweep(
    celery_worker, post_office
):
    OpenHostFactory(office=OfficeServiceFactory().office)

    booking = book_without_redis()

    assert "task_not_enqueued" in booking.stdout + booking.stderr
    message = Message.objects.get()
    celery_worker(environment=post_office.environment)
    deliver_due.delay()
    assert soon(lambda: is_sent(1))
    assert post_office.recipients == [message.recipient]


def book_without_redis():
    """Book in a process that looks for Redis where there is none."""
    database = connection.settings_dict
    name, host = database["NAME"], database["HOST"]
    return subprocess.run(
        [sys.executable, "-c", BOOK],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": f"postgresql:///{name}?host={host}&user=postgres",
            "REDIS_URL": "unix:///nowhere/valkey.sock",
        },
        capture_output=True,
        text=True,
        check=True,
    )


def sweep_once_more(worker):
    """Run a sweep to its end, and what it has started."""
    before = worker.output.count("task_succeeded")
    deliver_due.delay()
    assert soon(lambda: worker.output.count("task_succeeded") > before)


def test_the_list_of_the_day_is_planned_and_mailed(celery_worker, post_office):
    celery_worker(environment=post_office.environment)
    offered = OfficeServiceFactory(
        office__email="desk@example.org", office__day_list_at=MIDNIGHT
    )
    OpenHostFactory(office=offered.office, hours=(MIDNIGHT, MIDNIGHT))

    send_day_lists.delay()

    assert soon(lambda: DayList.objects.filter(status=Status.SENT).exists())
    assert post_office.recipients == ["desk@example.org"]


def test_whatever_the_mood_of_the_server_the_task_makes_the_best_of_it(
    celery_worker, post_office
):
    """Accepts, refuses for a time, refuses for good, drops after DATA: one worker."""
    worker = celery_worker(environment=post_office.environment)
    booked = {}
    for mood in ("busy", "unknown", "drop", "accept"):
        post_office.mood = mood
        [booked[mood]] = book(1)
        assert soon(lambda mood=mood: outcomes()[booked[mood]] != ("queued", ""))
    first = outcomes()

    end_leases()
    sweep_once_more(worker)
    assert soon(lambda: is_sent(3))

    assert {mood: first[to] for mood, to in booked.items()} == {
        "busy": ("queued", "SMTPRecipientsRefused"),
        "unknown": ("failed", "SMTPRecipientsRefused"),
        "drop": ("queued", "SMTPServerDisconnected"),
        "accept": ("sent", ""),
    }
    delivered = {booked[mood] for mood in ("busy", "drop", "accept")}
    assert post_office.recipients == sorted(delivered)


def outcomes():
    """{recipient: (status, which error it met)}"""
    rows = Message.objects.values_list("recipient", "status", "last_error")
    return {to: (status, error.partition(":")[0]) for to, status, error in rows}
