"""`make run`: everything the site needs, in one terminal.

Services, migrations and demo first; then the web server, two Celery workers and
beat, each restarted when it dies. Ctrl-C, or SIGTERM, ends all of it.
"""

import fcntl
import http.client
import os
import queue
import signal
import socket
import sys
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.embedded import EmbeddedServices, ServiceError, full_disk, refuse_full_disk
from config.processes import Child, Console, FollowedLog, end_leftovers, stop_all

HOST = "127.0.0.1"
WEB_THREADS = 2
HEADER_SECONDS = 10  # for a client to say what it wants
HEADER_BYTES = 32 * 1024  # and how much it may say about it
WATCH_SECONDS = 2
READY_SECONDS = 90
DEATHS_ALLOWED = 2
DEATHS_WITHIN = 60
NO_ROOM_SECONDS = 5  # until what found no room on the disk is started again

# Celery warns whoever runs it as root; make run as root is a container of one's own.
QUIET_AS_ROOT = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}

READY, STOP = object(), object()


class GivenUpError(Exception):
    """The site cannot be kept running; the message says why."""


class Supervisor:
    def __init__(self, services):
        self.services = services
        names = ["web", "worker", "webhooks", "beat", "prepare", "postgres"]
        self.console = Console(names)
        self.events = queue.SimpleQueue()
        self.stopping, self.hurry = threading.Event(), threading.Event()
        self.deaths = defaultdict(list)
        self.mark = str(settings.DATA_DIR)
        self.children = [
            self.worker("worker", queue="celery"),
            self.worker("webhooks", queue="webhooks"),
            self.child("beat", celery_command("beat")),
            self.child("web", web_command(), {"DATABASE_POOL_SIZE": str(WEB_THREADS)}),
        ]

    def child(self, name, command, environment=None, **options):
        return Child(
            name,
            [sys.executable, *command],
            self.console,
            self.events.put,
            mark=self.mark,
            environment={"PORT": str(settings.PORT), **(environment or {})},
            **options,
        )

    def worker(self, name, queue):
        command = worker_command(name, queue)
        return self.child(name, command, QUIET_AS_ROOT, ready_word=" ready.")

    def run(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        try:
            self.prepare()
            if not self.stopping.is_set():
                for child in self.children:
                    child.start()
                threading.Thread(target=self.await_ready, daemon=True).start()
                self.watch()
        finally:
            self.console.plain("Stopping.")
            stop_all(self.children, self.hurry)

    def on_signal(self, number, frame):
        """The first asks everything to finish; the second waits for nothing."""
        if self.stopping.is_set():
            self.hurry.set()
        self.stopping.set()
        self.events.put(STOP)

    def prepare(self):
        """Migrate, collect static files, make the demo: in a process of its own."""
        preparation = self.child("prepare", ["manage.py", "prepare"])
        preparation.start()
        if self.events.get() is STOP:
            stop_all([preparation], self.hurry)
        elif preparation.process.returncode:
            raise GivenUpError("The site could not be prepared; the reason is above.")

    def watch(self):
        """Restart what dies, until it dies too often or somebody says stop."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                event = self.events.get(timeout=WATCH_SECONDS)
            except queue.Empty:
                self.look_after_services()
                if deadline and time.monotonic() > deadline:
                    raise GivenUpError(f"Not ready after {READY_SECONDS} s.") from None
                continue
            if event is STOP:
                return
            if event is READY:
                deadline = None
                self.announce()
            else:
                self.restart(event)

    def restart(self, child):
        child.kill_group()
        code = child.process.returncode
        self.count_death(child.name, f"ended with status {code}", child.last_lines)
        if not self.stopping.is_set():
            child.start()

    def look_after_services(self):
        for server in self.services.servers:
            if server.process() is None:
                lines = server.log.read_text(errors="replace").splitlines()[-15:]
                self.count_death(server.name, "ended", lines)
                self.start_again(server)

    def start_again(self, server):
        """On a full disk it may not start; then it is tried until there is room."""
        was_full = full_disk(settings.DATA_DIR)
        try:
            server.start()
        except ServiceError:
            if not (was_full or full_disk(settings.DATA_DIR)):
                raise

    def count_death(self, name, how, last_lines):
        """Wait longer before each restart; give up at the third death in a minute.

        On a full disk none counts: once there is room, all goes on by itself.
        """
        if no_room := full_disk(settings.DATA_DIR):
            self.console.line(name, f"{how}. {no_room}")
            self.stopping.wait(NO_ROOM_SECONDS)
            return
        now = time.monotonic()
        recent = [then for then in self.deaths[name] if now - then < DEATHS_WITHIN]
        self.deaths[name] = [*recent, now]
        if len(recent) >= DEATHS_ALLOWED:
            raise GivenUpError(
                "\n".join(
                    [
                        f"{name} died {len(recent) + 1} times within a minute. "
                        "Its last lines:",
                        *last_lines,
                    ]
                )
            )
        self.console.line(name, f"{how}; starting it again.")
        self.stopping.wait(2 ** len(recent) - 1)

    def await_ready(self):
        while not answers():
            time.sleep(0.2)
        for child in self.children:
            child.ready.wait()
        self.events.put(READY)

    def announce(self):
        self.console.plain(announcement())


def announcement():
    """Where it is ready, after the accounts of the demo, where there is one."""
    accounts = settings.DATA_DIR / "demo_accounts.txt"
    demo = f"\n{accounts.read_text().rstrip()}\n\n" if accounts.exists() else ""
    return f"{demo}Ready: http://localhost:{settings.PORT}"


def web_command(host=HOST):
    return [
        *("-m", "granian", "config.wsgi:application", "--interface", "wsgi"),
        *("--host", host, "--port", str(settings.PORT), "--no-ws"),
        *("--workers", str(settings.WEB_WORKERS)),
        *("--blocking-threads", str(WEB_THREADS)),
        *("--http1-header-read-timeout", str(HEADER_SECONDS * 1000)),
        *("--http1-buffer-size", str(HEADER_BYTES)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10"),
        *("--log-level", "warning"),
    ]


def worker_command(name, queue):
    whose = ("--hostname", f"{name}@%h", "--queues", queue)
    alone = ("--without-mingle", "--without-gossip")
    return celery_command("worker", "--concurrency", "2", *whose, *alone)


def celery_command(*command):
    level = ("--loglevel", settings.LOG_LEVEL)
    return ["-m", "celery", "--quiet", "-A", "config", *command, *level]


def answers():
    """Ask the site, under its own name, whether it is ready."""
    connection = http.client.HTTPConnection(HOST, settings.PORT, timeout=5)
    name = urlsplit(settings.FRONTEND_HOST).hostname
    try:
        connection.request("GET", "/health/ready", headers={"Host": name})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def refuse_busy_port():
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, settings.PORT))
        except OSError as error:
            raise ServiceError(
                f"Port {settings.PORT} cannot be used ({error.strerror}); stop what "
                f"uses it, or choose another: make run PORT={settings.PORT + 1}"
            ) from error


@contextmanager
def only_one():
    """Hold DATA_DIR for one supervisor."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / "supervisor.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServiceError(
                f"It is already running on {settings.DATA_DIR}; for a second one, "
                "give it a DATA_DIR and a PORT of its own."
            ) from None
        yield


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with only_one():
            refuse_full_disk(settings.DATA_DIR)
            end_leftovers(str(settings.DATA_DIR))
            refuse_busy_port()
            services = EmbeddedServices(
                settings.DATA_DIR,
                postgres=settings.DATABASE_IS_EMBEDDED,
                valkey=settings.REDIS_IS_EMBEDDED,
            )
            serve(services)
    except (ImproperlyConfigured, ServiceError, GivenUpError) as error:
        sys.exit(f"make run: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def serve(services):
    supervisor = Supervisor(services)
    with services:
        for server in services.servers:
            FollowedLog(server.name, server.log, supervisor.console).start()
        supervisor.run()


if __name__ == "__main__":
    main()
