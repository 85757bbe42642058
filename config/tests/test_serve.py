"""Single processes, as containers start them, and how each is asked if it is well."""

import http.server
import os
import subprocess
import sys
import threading
import time

import pytest

from config import probe, serve
from tests.deployment import ROOT


@pytest.fixture
def site(monkeypatch):
    """A web server that keeps the name it is asked under, and says what it is told."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append((self.path, self.headers["Host"]))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *arguments):
            """Nobody reads it."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    monkeypatch.setenv("PORT", str(server.server_port))
    monkeypatch.setenv("FRONTEND_HOST", "https://appointments.example.org")
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def asked(monkeypatch, *arguments):
    """The status that a probe ends with."""
    monkeypatch.setattr(sys, "argv", ["probe", *arguments])
    with pytest.raises(SystemExit) as end:
        probe.main()
    return end.value.code


def test_the_site_is_asked_under_its_own_name(site, monkeypatch):
    assert asked(monkeypatch, "web") == 0
    assert site.asked == [("/health", "appointments.example.org")]


def test_a_site_that_answers_otherwise_is_unwell(site, monkeypatch):
    site.status = 503

    assert asked(monkeypatch, "web") == 1


def test_a_site_that_is_away_is_unwell(monkeypatch):
    monkeypatch.setenv("PORT", "1")

    assert "Connection refused" in asked(monkeypatch, "web")


@pytest.mark.parametrize(("age", "status"), [(100, 0), (700, 1), (None, 1)])
def test_beat_is_well_while_it_writes_its_schedule(age, status, monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    if age:
        schedule = tmp_path / "celerybeat-schedule.db"
        schedule.touch()
        os.utime(schedule, (time.time() - age,) * 2)

    assert asked(monkeypatch, "beat") == status


@pytest.mark.parametrize("arguments", [[], ["pigeon"], ["web", "web"]])
def test_what_cannot_be_asked_is_refused(arguments, monkeypatch):
    assert "Say one of web, worker" in asked(monkeypatch, *arguments)


def test_a_container_listens_to_others_and_make_run_does_not():
    assert "0.0.0.0" in serve.commands()["web"]  # noqa: S104
    assert "127.0.0.1" not in serve.commands()["web"]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "http", "PORT is 'http'"),
        ("WEBHOOK_ALLOW_PRIVATE", "true", "WEBHOOK_ALLOW_PRIVATE is for"),
        ("DEBUG", "true", "DEBUG is on, but ENVIRONMENT is staging"),
    ],
)
def test_a_wrong_variable_stops_it_with_a_sentence(name, value, sentence):
    sound = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENVIRONMENT": "staging",
        "SECRET_KEY": "a-key-for-the-tests-that-is-long-enough-to-be-taken",
        "FRONTEND_HOST": "https://appointments.example.org",
        "MAIL_SERVER": "mail.example.org",
        "MAIL_FROM": "appointments@example.org",
    }
    done = subprocess.run(
        [sys.executable, "-m", "config.serve", "worker"],
        cwd=ROOT,
        env=os.environ | sound | {name: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"serve: {sentence}")
