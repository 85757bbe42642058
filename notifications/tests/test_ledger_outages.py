"""Broker, database and workers, each a process of its own, stopped and killed."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager

import pytest
from django.db import connection, connections
from django.utils import timezone

from appointments.models import Appointment
from config import addresses
from config.celery import app
from config.embedded import EmbeddedServices
from notifications import operations
from notifications.models import Message
from notifications.states import Status
from notifications.tasks import deliver_due
from notifications.tests.factories import MessageFactory
from notifications.tests.post_office import SLOW_SECONDS
from tests.celery_worker import CeleryWorker

# Books as many appointments as it is told, and says how many seconds each took.
BOOK = """
import sys, json, time
from datetime import timedelta
import django
django.setup()
from appointments.tests.factories import AppointmentFactory, tomorrow_at
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import OfficeServiceFactory

def book(number):
    began = time.perf_counter()
    AppointmentFactory(offered=offered, starts_at=start + quarter * (number // 8))
    return time.perf_counter() - began

offered = OfficeServiceFactory(office__max_open_appointments=1000)
for _ in range(8):
    OpenHostFactory(office=offered.office)
start, quarter = tomorrow_at(offered.office), timedelta(minutes=15)
print(json.dumps([book(number) for number in range(int(sys.argv[1]))]))
"""


@pytest.fixture
def services(scratch_dir):
    """A Valkey of our own, running, and the environment that leads to it."""
    with our_own(scratch_dir, postgres=False) as found:
        yield found


@contextmanager
def our_own(data_dir, **which):
    services = EmbeddedServices(data_dir, child=True, **which)
    with services:
        services.url = addresses.embedded_redis(data_dir)
        services.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "REDIS_URL": services.url,
            "MAIL_STARTTLS": "false",
        }
        yield services


def soon(is_so, seconds=60):
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.1)
    return is_so()


def here():
    """The address of this test's database."""
    database = connection.settings_dict
    return f"postgresql:///{database['NAME']}?host={database['HOST']}&user=postgres"


def book(count, environment):
    """Book in a process of its own; returns the seconds that each took."""
    done = subprocess.run(
        [sys.executable, "-c", BOOK, str(count)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def times_sent(post_office):
    """{recipient: how many mails}"""
    return Counter(mail["To"] for mail in post_office.mails)


def is_sent(count):
    return lambda: Message.objects.filter(status=Status.SENT).count() >= count


@pytest.mark.parametrize(
    "count", [20, pytest.param(200, marks=pytest.mark.faults, id="200")]
)
def test_bookings_without_redis_are_mailed_once_when_it_is_back(
    count, services, celery_worker, post_office
):
    environment = services.environment | post_office.environment
    celery_worker(environment=environment, concurrency=2)
    services.stop()

    seconds = book(count, environment | {"DATABASE_URL": here()})
    meanwhile = len(post_office.mails)
    services.start()
    with app.connection_for_write(addresses.broker_url(services.url)) as broker:
        assert any(sweep(broker) or soon(is_sent(count)) for _ in range(5))

    said = f"{count} bookings without Redis: {max(seconds):.2f} s at most"
    print(said)  # noqa: T201
    assert (len(seconds), Appointment.objects.count(), meanwhile) == (count, count, 0)
    assert list(times_sent(post_office).values()) == [1] * count


def sweep(broker):
    """What beat does each minute."""
    deliver_due.apply_async(connection=broker)


@pytest.mark.faults
def test_workers_killed_at_random_lose_nothing_and_double_what_they_held(
    celery_worker, post_office
):
    """As often as one likes: each kill doubles one mail at most, and only its own."""
    app.control.purge()
    book(60, os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"} | at_home())
    app.control.purge()
    dice = random.Random(7)
    kills = 0
    while not is_sent(60)():
        worker = celery_worker(environment=post_office.environment)
        Message.objects.queued().update(due_at=timezone.now())  # leases have ended
        deliver_due.delay()
        soon(is_sent(60), seconds=dice.uniform(0.1, 1.5) if kills < 12 else 60)
        worker.kill()
        kills += 1

    sent = times_sent(post_office)
    twice = [count - 1 for count in sent.values() if count > 1]
    print(f"{kills} workers killed, {sum(twice)} of 60 mails twice")  # noqa: T201
    assert len(sent) == 60
    assert sum(twice) <= kills


def at_home():
    return {"DATABASE_URL": here(), "REDIS_URL": os.environ["REDIS_URL"]}


@pytest.mark.faults
def test_a_restart_of_the_database_while_mails_are_sent_doubles_none(
    scratch_dir, post_office
):
    def has_all():
        return len(post_office.mails) == 4

    with our_own(scratch_dir) as services:
        database = {
            "DATABASE_URL": f"postgresql:///appointments?host={services.socket_dir}"
            "&user=postgres"
        }
        environment = services.environment | post_office.environment | database
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, env=environment, check=True)
        post_office.mood = "slow"
        book(4, environment)
        worker = CeleryWorker(
            "appointments", services.socket_dir, environment=environment
        )
        try:
            worker.wait_until_ready()
            assert soon(lambda: post_office.attempts)
            postgres = services.servers[0]
            postgres.stop()
            time.sleep(3)  # longer than the mail takes
            postgres.start()
            with app.connection_for_write(addresses.broker_url(services.url)) as broker:
                assert any(sweep(broker) or soon(has_all, 10) for _ in range(40))
                sweep(broker)
                time.sleep(2 * SLOW_SECONDS)
        finally:
            worker.kill()

    assert list(times_sent(post_office).values()) == [1] * 4


@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_while_a_mail_is_sent_is_no_reason_to_send_it_again(
    by_smtp,
):
    message = MessageFactory()
    by_smtp.while_reading = end_all_connections

    operations.deliver(message.pk)

    message.refresh_from_db()
    assert (message.status, message.attempts, len(by_smtp.mails)) == ("sent", 1, 1)


def end_all_connections():
    """As a restart of the database does."""
    others = connections.create_connection("default")
    with others.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    others.close()
