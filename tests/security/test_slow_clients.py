"""The web server as it is run, a real process, among slow and greedy clients."""

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from django.conf import settings

from config import run

ROOT = Path(__file__).resolve().parents[2]
SLOW = 40  # clients, ten times as many as there are threads


@pytest.fixture
def server(monkeypatch):
    """(host, port) of granian, started with our own options."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setattr(run, "HEADER_SECONDS", 1)
    monkeypatch.setattr(settings, "PORT", port)
    monkeypatch.setattr(settings, "WEB_WORKERS", 1)
    process = subprocess.Popen(
        [sys.executable, *run.web_command()],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    try:
        wait_until(lambda: status(port) == 200, 60)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def wait_until(true, seconds):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def status(port, path="/health", **sent):
    try:
        with closing(
            http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        ) as connection:
            connection.request("GET", path, **sent)
            return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None


def test_slow_and_greedy_clients_keep_nobody_waiting(server):
    with ExitStack() as stack:
        for n in range(SLOW):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", server)))
            if n % 2:  # never done with what it wants
                slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ")
            else:  # never done with what it brings
                slow.sendall(
                    b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\n"
                    b"Content-Type: application/x-www-form-urlencoded\r\n"
                    b"Content-Length: 1000\r\n\r\nname="
                )
        begun = time.monotonic()
        answered = status(server)
        waited = time.monotonic() - begun
        slow.settimeout(5)
        end = slow.recv(1000)

    greedy = {"X-A": "x" * 2 * run.HEADER_BYTES}
    assert (answered, waited < 2) == (200, True)
    assert end.partition(b"\r\n")[0] in {b"", b"HTTP/1.1 408 Request Timeout"}
    assert status(server, headers=greedy) == 431
    assert status(server, "/" + "x" * 9000) == 414
