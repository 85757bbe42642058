"""`make run`: what it refuses, what it restarts, and that nothing stays behind."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from config.processes import MARK
from config.run import GivenUpError, Supervisor

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_SECONDS = 300
WITHOUT_DEMO = {
    "LOG_LEVEL": "WARNING",  # it is known to be ready whatever else is written
    "ENVIRONMENT": "staging",
    "FRONTEND_HOST": "http://localhost",
    "MAIL_SERVER": "mail.example.org",
    "MAIL_FROM": "town@example.org",
}


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environment(scratch_dir, free_port):
    """That of a fresh clone: no services named, a DATA_DIR of its own."""
    ours = {"DATA_DIR": str(scratch_dir / "data"), "PORT": str(free_port)}
    kept = os.environ | ours | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    return {name: value for name, value in kept.items() if name != "REDIS_URL"}


def run(environment):
    """Start it; should the test hang, end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    timer = threading.Timer(LONGEST_SECONDS, process.kill)
    timer.daemon = True
    timer.start()
    return process


def refusal(environment):
    with run(environment) as process:
        return process.communicate(timeout=30)[0], process.returncode


def test_a_busy_port_is_one_sentence(environment):
    with socket.create_server(("127.0.0.1", int(environment["PORT"]))):
        said, status = refusal(environment)

    assert said.startswith(f"make run: Port {environment['PORT']} cannot be used")
    assert (said.count("\n"), status) == (1, 1)


def test_a_second_one_is_one_sentence(environment):
    data_dir = Path(environment["DATA_DIR"])
    data_dir.mkdir()
    with (data_dir / "supervisor.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said, status = refusal(environment)

    assert said.startswith(f"make run: It is already running on {data_dir}")
    assert (said.count("\n"), status) == (1, 1)


def test_a_wrong_setting_is_one_sentence(environment):
    said, status = refusal(environment | {"WEB_WORKERS": "many"})

    assert said.startswith("make run: WEB_WORKERS is 'many'")
    assert (said.count("\n"), status) == (1, 1)


def test_a_child_that_dies_again_and_again_brings_all_down(capsys):
    supervisor = Supervisor(SimpleNamespace(servers=[]))
    child = supervisor.child("web", ["-c", "print('no luck'); raise SystemExit(3)"])
    child.start()

    with pytest.raises(GivenUpError, match=r"web died 3 times .*\n.*no luck"):
        supervisor.watch()

    assert capsys.readouterr().out.count("ended with status 3; starting") == 2


def test_webhooks_have_a_worker_of_their_own():
    supervisor = Supervisor(SimpleNamespace(servers=[]))

    queues = {
        child.name: child.command[child.command.index("--queues") + 1]
        for child in supervisor.children
        if "--queues" in child.command
    }

    assert queues == {"worker": "celery", "webhooks": "webhooks"}


def read_until(process, text):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return lines
    raise AssertionError("".join(lines))


def descendants(environment):
    """All that runs on this DATA_DIR: children by their mark, servers by their path."""
    data_dir = environment["DATA_DIR"]
    for process in psutil.process_iter():
        try:
            marked = process.environ().get(MARK) == data_dir
            if marked or data_dir in " ".join(process.cmdline()):
                yield process
        except psutil.Error:
            continue


def test_it_starts_mends_and_leaves_nothing(environment):
    process = run(environment)

    lines = read_until(process, "Ready: ")
    web = next(p for p in descendants(environment) if "granian" in p.cmdline())
    web.kill()
    read_until(process, "web      | ended with status -9; starting it again.")
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=60)[0]

    assert lines[-1] == f"Ready: http://localhost:{environment['PORT']}\n"
    assert any("admin@example.org" in line for line in lines)  # the demo's accounts
    assert (process.returncode, "Traceback" in said) == (0, False)
    assert list(descendants(environment)) == []


@pytest.mark.faults
def test_a_killed_supervisor_keeps_the_next_from_nothing(environment):
    environment |= WITHOUT_DEMO
    first = run(environment)
    read_until(first, "Ready: ")
    first.kill()
    first.communicate()

    second = run(environment)
    read_until(second, "Ready: ")
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=60)

    assert (second.returncode, list(descendants(environment))) == (0, [])
