"""Several processes of each kind, behind PgBouncer, do what one does.

A night of slots that is killed goes on with the next, and two beats at once do no harm.
"""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection

from appointments.invariants import broken
from appointments.models import Appointment
from appointments.states import Status
from availability.models import HostDay
from availability.tests.factories import AvailabilityRuleFactory, OpenHostFactory
from config.celery import app
from notifications.models import Message
from notifications.states import Status as Delivery
from offices.tests.factories import OfficeFactory, OfficeServiceFactory
from tests.deployment import ROOT
from tests.pgbouncer import PgBouncer

CLIENTS, SECONDS = 16, 8
SERVER_CONNECTIONS = 6
PATIENCE = 60
JSON = {"Content-Type": "application/json"}

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pgbouncer(transactional_db, scratch_dir):
    database = connection.settings_dict
    pgbouncer = PgBouncer(
        scratch_dir / "pgbouncer",
        database=database["NAME"],
        host=database["HOST"],
        pool_size=SERVER_CONNECTIONS,
    )
    yield pgbouncer.wait_until_ready()
    pgbouncer.stop()


@pytest.fixture
def web(scratch_dir):
    """Start web servers of two processes each; returns a function."""
    started = []

    def start(**variables):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        ours = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PORT": str(port),
            "WEB_WORKERS": "2",
            "DATABASE_POOL_SIZE": "2",
            "RATE_LIMIT_ENABLED": "false",
        }
        log = scratch_dir / f"web-{len(started)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "config.serve", "web"],
                cwd=ROOT,
                env=os.environ | ours | variables,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        process.log = log
        started.append(process)
        soon(lambda: process.poll() is not None or is_up(port), log.read_text)
        return port

    yield start
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def is_up(port):
    try:
        return ask(port, "GET", "/health")[0] == 200
    except OSError:
        return False


def ask(port, method, path, body=None, **headers):
    page = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    page.request(method, path, body and json.dumps(body), JSON | headers)
    answer = page.getresponse()
    text = answer.read()
    page.close()
    return answer.status, json.loads(text) if text else None


def soon(is_so, what=str):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, what()
        time.sleep(0.1)


class Citizen:
    """Books at random, sometimes what others want too; cancels a third of it."""

    def __init__(self, number, ports, offered):
        self.random = random.Random(number)
        self.number, self.ports, self.offered = number, ports, offered
        self.answers, self.booked, self.cancelled = Counter(), set(), set()

    def run(self, until):
        place = {"office": self.offered.office_id, "service": self.offered.service_id}
        visit = 0
        while time.monotonic() < until:
            starts_at = self.random.choice(self.slots()[:24])["starts_at"]
            visit += 1
            mail = f"citizen{self.number}-{visit}@example.org"
            status, answer = self.ask(
                "POST",
                f"{settings.API_V1_STR}/appointments",
                place
                | {"starts_at": starts_at, "citizen": {"name": "A", "email": mail}},
                Idempotency_Key=str(uuid.uuid4()),
            )
            if status == 201:
                self.booked.add(answer["id"])
                if self.random.random() < 1 / 3:
                    self.cancel(answer)
        return self

    def slots(self):
        office, service = self.offered.office_id, self.offered.service_id
        path = f"/availability/hosts/{office}/slots?service={service}"
        return self.ask("GET", settings.API_V1_STR + path)[1]["slots"]

    def cancel(self, booked):
        token = booked["manage_url"].rstrip("/").rpartition("/")[2]
        status, _answer = self.ask(
            "DELETE",
            f"{settings.API_V1_STR}/appointments/{booked['id']}",
            Appointment_Token=token,
        )
        if status < 300:
            self.cancelled.add(booked["id"])

    def ask(self, method, path, body=None, **headers):
        answer = ask(self.random.choice(self.ports), method, path, body, **headers)
        self.answers[method, answer[0]] += 1
        return answer


def test_many_processes_behind_pgbouncer_keep_every_promise(
    pgbouncer, web, celery_worker
):
    offered = OfficeServiceFactory()
    OpenHostFactory.create_batch(3, office=offered.office)
    behind = {"DATABASE_PGBOUNCER": "true"}
    pages = behind | {"DATABASE_URL": pgbouncer.url("appointments_web")}
    ports = [web(**pages), web(**pages)]
    tasks = behind | {"DATABASE_URL": pgbouncer.url()}
    for _ in range(2):
        celery_worker(environment=tasks.items())

    citizens = [Citizen(number, ports, offered) for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(Citizen.slots, citizens))  # what each process loads at first
        until = time.monotonic() + SECONDS
        list(pool.map(lambda citizen: citizen.run(until), citizens))

    answers = sum((citizen.answers for citizen in citizens), Counter())
    print(f"\n{dict(answers)}")  # noqa: T201 (figures for whoever measures)
    assert {status for _method, status in answers} <= {200, 201, 204, 409}
    booked = set().union(*(citizen.booked for citizen in citizens))
    cancelled = set().union(*(citizen.cancelled for citizen in citizens))
    assert len(booked) >= CLIENTS // 2
    kept = Appointment.objects.filter(status=Status.CONFIRMED)
    assert {str(key) for key in kept.values_list("pk", flat=True)} == booked - cancelled
    assert broken() == {}
    soon(lambda: not Message.objects.filter(status=Delivery.QUEUED).exists())
    assert Message.objects.filter(status=Delivery.SENT).exists()
    assert not Message.objects.filter(status=Delivery.FAILED).exists()
    sessions = dict(pgbouncer.ask("pgbouncer", "SHOW LISTS"))
    assert sessions["used_servers"] + sessions["free_servers"]


def test_a_session_behind_pgbouncer_has_the_limits_of_its_kind(pgbouncer):
    names = ["lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout"]
    limits = {
        database: [pgbouncer.ask(database, f"SHOW {name}")[0][0] for name in names]
        for database in ("appointments", "appointments_web")
    }

    assert limits == {
        "appointments": ["10s", "1min", "0"],
        "appointments_web": ["10s", "1min", "15s"],
    }


def town(offices):
    """Offices with a counter each, with hours, and without a single day yet."""
    for office in OfficeFactory.create_batch(offices):
        AvailabilityRuleFactory(host__office=office)
    HostDay.objects.all().delete()


def reached():
    return HostDay.objects.values("office").distinct().order_by().count()


def test_a_night_that_is_killed_is_finished_by_the_next(celery_worker):
    town(60)
    worker = celery_worker()
    app.send_task("availability.tasks.generate_slots")
    soon(lambda: reached() >= 5, lambda: worker.output)
    worker.kill()
    done = reached()
    assert 5 <= done < 60

    worker = celery_worker()
    app.send_task("availability.tasks.generate_slots")

    soon(lambda: reached() == 60, lambda: worker.output)
    assert len(set(HostDay.objects.values_list("day", flat=True))) == 61
    assert HostDay.objects.count() == 60 * 61
    assert broken() == {}


def test_two_beats_at_once_do_no_harm(celery_worker):
    town(20)
    workers = [celery_worker(concurrency=2) for _ in range(2)]

    for _ in range(2):
        for each in app.conf.beat_schedule.values():
            app.send_task(each["task"], each.get("args"), each.get("kwargs"))

    soon(lambda: reached() == 20)
    soon(lambda: app_is_idle(workers))
    said = "".join(worker.output for worker in workers)
    assert "task_failed" not in said
    assert HostDay.objects.count() == 20 * 61


def app_is_idle(workers):
    """Whether all that beat would start, and one task of twenty offices, is done."""
    said = "".join(worker.output for worker in workers)
    wanted = 2 * (len(app.conf.beat_schedule) + 1)
    return said.count("task_succeeded") + said.count("task_failed") >= wanted
