"""`kill -9` of everything in turn, while sixteen clients book; `make faults`.

The whole site runs, as `make run` starts it. Clients do what docs/api.md tells them:
an answer that did not come, or 503, is asked for again with the same Idempotency-Key.
"""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path

import psutil
import psycopg
import pytest
from django.utils import timezone

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = 16
START_SECONDS = 240
PAUSE = 6  # seconds between two kills
RECOVERY = 20  # seconds that the database may be away after its kill
DRAIN_SECONDS = 480  # a killed worker keeps what it had begun for five minutes
OWED = """
SELECT id, kind, due_at, attempts, last_error FROM notifications_message
WHERE status = 'queued' AND (due_at <= now() OR attempts > 0)
"""
OF_CLIENTS = """
SELECT count(*) FROM appointments_appointment AS appointment
JOIN appointments_citizen AS citizen ON citizen.id = appointment.citizen_id
WHERE citizen.name = 'Client'
"""
KEPT = """
SELECT reference, count(*) FROM appointments_appointment
WHERE status IN ('confirmed', 'pending') GROUP BY reference
"""
SENT = """
SELECT reference, count(*) FROM notifications_message AS message
JOIN appointments_appointment AS appointment ON appointment.id = appointment_id
WHERE message.status = 'sent' AND audience = 'citizen'
  AND kind IN ('booked', 'requested') GROUP BY reference
"""
QUIET_AFTER = 3  # seconds for connections to a killed web process to be gone


class Site:
    """`make run` on a data directory of its own, with the demo town.

    That may be on a SmallDisk, which only the site's own processes see.
    """

    def __init__(self, data_dir, disk=None):
        self.data_dir = disk.seen_from_outside(data_dir) if disk else data_dir
        self.within = disk and disk.within
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        kept = {
            name: value for name, value in os.environ.items() if name != "REDIS_URL"
        }
        self.environment = kept | {
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "RATE_LIMIT_ENABLED": "false",
            "LOG_LEVEL": "WARNING",
        }
        self.log = (data_dir.parent / "site.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=ROOT,
            env=self.environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            preexec_fn=self.within,
        )

    def said(self):
        return Path(self.log.name).read_text()

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while "Ready: " not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.5)

    def ask(self, method, path, body=None, key=None):
        """The status and body of the API's answer. Raises OSError or HTTPException."""
        status, answer = self.request(method, f"/api/v1/{path}", body, key)
        return status, json.loads(answer or "null")

    def request(self, method, path, body=None, key=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json", "Connection": "close"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            connection.request(method, path, body and json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def manage(self, *arguments):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=self.within,
        )

    def rows(self, statement):
        with self.database() as database:
            return database.execute(statement).fetchall()

    def database(self):
        return psycopg.connect(
            host=str(next(self.data_dir.glob("**/.s.PGSQL.*")).parent),
            user="postgres",
            dbname="appointments",
            autocommit=True,
        )

    def kill(self, what):
        """End one of its processes as a power loss would."""
        os.kill(self.find(what), signal.SIGKILL)

    def find(self, what):
        if what == "postgres":
            pid = (self.data_dir / "postgres" / "postmaster.pid").read_text()
            return int(pid.splitlines()[0])
        if what == "valkey":
            return next(
                each.pid
                for each in psutil.process_iter(["name", "cwd"])
                if "valkey" in each.info["name"]
                and each.info["cwd"] == str(self.data_dir / "valkey")
            )
        children = psutil.Process(self.process.pid).children(recursive=True)
        found = [each for each in children if _is(each, what)]
        return found[-1].pid  # of the web server and a worker: one that does the work

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


def _is(process, what):
    words = " ".join(process.cmdline())
    return {
        "worker": "--queues celery" in words,
        "webhooks": "--queues webhooks" in words,
        "beat": " beat " in f"{words} ",
        "web": "granian" in words or "granian" in process.name(),
    }[what]


class Clients:
    """Sixteen that book at random, and keep what they were told."""

    def __init__(self, site, choices):
        self.site, self.choices = site, choices
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.booked, self.failures, self.statuses = {}, [], Counter()
        self.threads = [
            threading.Thread(target=self.run, args=[random.Random(number)])
            for number in range(CLIENTS)
        ]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(120)
        assert not any(thread.is_alive() for thread in self.threads)

    def run(self, chance):
        while not self.stopping.is_set():
            self.book(chance.choice(self.choices))

    def book(self, choice):
        key = str(uuid.uuid4())
        body = choice | {"citizen": {"name": "Client", "email": f"{key}@example.org"}}
        status, answer = self.until_answered(body, key)
        with self.lock:
            self.statuses[status] += 1
            if status == http.HTTPStatus.CREATED:
                self.booked[key] = answer["reference"]

    def until_answered(self, body, key):
        """Ask again, with the same key, until there is an answer that is final."""
        while True:
            try:
                status, answer = self.site.ask("POST", "appointments", body, key)
            except (OSError, http.client.HTTPException) as error:
                self.failed("connection", repr(error))
            else:
                if answer.get("code") == "idempotency_in_progress":
                    time.sleep(0.2)
                    continue
                if status < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                    return status, answer
                self.failed(status, answer.get("code"))
            time.sleep(0.3)

    def summary(self):
        failures = Counter(kind for _when, kind, _what in self.failures)
        return f"{len(self.booked)} booked; {self.statuses}; not answered: {failures}"

    def failed(self, kind, what):
        with self.lock:
            self.failures.append((time.monotonic(), kind, what))


def free_times(site):
    """Bookable times of the demo town's offices, a few hundred of them."""
    first = timezone.now().date() + timedelta(days=1)
    choices = []
    _status, found = site.ask("GET", "offices?limit=100")
    for office in found["results"]:
        _status, services = site.ask("GET", f"services?office={office['id']}&limit=100")
        for service in services["results"]:
            status, feed = site.ask(
                "GET",
                f"availability/hosts/{office['id']}/slots?service={service['id']}"
                f"&from={first}&to={first + timedelta(days=13)}",
            )
            if status == http.HTTPStatus.OK:
                choices += [
                    {
                        "office": office["id"],
                        "service": service["id"],
                        "starts_at": slot["starts_at"],
                    }
                    for slot in feed["slots"][:40]
                ]
    return choices


@pytest.fixture
def site(scratch_dir):
    site = Site(scratch_dir / "data")
    yield site
    site.stop()


def test_whatever_is_killed_nothing_is_lost_and_nothing_double(site, capsys):
    site.wait_until_ready()
    choices = free_times(site)
    assert len(choices) > 200
    clients = Clients(site, choices)
    killed = {}
    clients.start()
    try:
        for what in ["worker", "beat", "webhooks", "web", "valkey", "postgres", "web"]:
            time.sleep(PAUSE)
            site.kill(what)
            killed.setdefault(what, []).append(time.monotonic())
        time.sleep(PAUSE + RECOVERY)
    finally:
        clients.stop()

    assert still_owed(site) == []
    examined = site.manage("doctor")
    assert examined.returncode == 0, examined.stdout + examined.stderr
    check_bookings(site, clients)
    check_failures(clients.failures, killed)
    assert len(clients.booked) > CLIENTS
    with capsys.disabled():
        sys.stdout.write(f"\n{clients.summary()}\n")


def still_owed(site):
    """What is due and has not gone out in good time."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while (owed := site.rows(OWED)) and time.monotonic() < deadline:
        time.sleep(1)
    return owed


def check_bookings(site, clients):
    """Each acknowledged booking is there, once, no other is, and its mail was sent."""
    kept, sent = dict(site.rows(KEPT)), dict(site.rows(SENT))
    once = dict.fromkeys(clients.booked.values(), 1)
    assert {reference: kept.get(reference) for reference in once} == once
    assert {reference: sent.get(reference) for reference in once} == once
    assert site.rows(OF_CLIENTS) == [(len(once),)]


def check_failures(failures, killed):
    """Errors while the database was away; broken connections as a web process died."""
    unexplained = [
        (kind, what)
        for when, kind, what in failures
        if not any(0 <= when - then <= RECOVERY for then in killed["postgres"])
        and not (
            kind == "connection"
            and any(-1 <= when - then <= QUIET_AFTER for then in killed["web"])
        )
    ]
    assert unexplained == []
