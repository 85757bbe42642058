"""Logs, metrics and Sentry of a run are searched for all that people put in.

The run is what people do here: search, book, look up, cancel, sign in or fail to;
what programs do; mails that go and mails that do not; and mistakes of ours that quote
it all. The lines are those of production.
"""

import io
import json
import logging

import pytest
import sentry_sdk
import time_machine
from celery.signals import task_failure, task_prerun
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django_structlog.celery.receivers import CeleryReceiver
from rest_framework.test import APIClient
from sentry_sdk.transport import Transport

from accounts.tests.factories import PASSWORD, UserFactory
from appointments import links
from appointments.models import Appointment
from appointments.signals import appointment_event
from appointments.tests.pages import NOW, book, confirm, hold_nine, own_path, town_hall
from config import logs, sentry
from config.celery import app
from config.metrics import files, gathered
from notifications.models import Message
from notifications.tasks import deliver
from notifications.tests.post_office import PostOffice

pytestmark = pytest.mark.django_db

ANSWERS = {
    "name": "Zebulon Quagmire",
    "email": "zebulon.q@xylophone.example",
    "phone": "+49 171 5550199",
    "purpose": "About my quincunx",
    "access_needs": "My wombat comes along",
}
TYPED_AS_NAME = "quagmire-the-second"
WRONG_PASSWORD = "Abracadabra-quokka"
SEARCHED = "perihelion"
SECRETS = [
    *("zebulon", "quagmire", "xylophone", "5550199", "1715550199", "quincunx"),
    *("wombat", "abracadabra", "quokka", SEARCHED, PASSWORD),
]
TEN = "2030-03-13T10:00+01:00"
ELEVEN = "2030-03-13T11:00:00+01:00"


class Kept(Transport):
    """Sentry's side: what would have been sent."""

    def __init__(self):
        super().__init__()
        self.events = []

    def capture_envelope(self, envelope):
        self.events.append(envelope.serialize().decode())


@pytest.fixture
def lines():
    """What is logged, as in production; read with `.getvalue()`."""
    config = dict(logs.formatter(as_json=True))
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(config.pop("()")(**config))
    logging.getLogger().addHandler(handler)
    yield handler.stream
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def sent_to_sentry(settings):
    settings.SENTRY_DSN = "https://key@sentry.example.org/1"
    kept = Kept()
    sentry.start(transport=kept)
    yield kept.events
    sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def by_smtp(settings):
    """A mail server of the test's own."""
    office = PostOffice()
    office.start()
    options = {"host": office.hostname, "port": office.port, "timeout": 2}
    backend = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
    yield office
    office.stop()


@pytest.fixture
def listener():
    """Have a change of an appointment fail as `function(event)` does."""
    connected = []

    def connect(function):
        def receive(sender, event, **kwargs):
            function(event)

        appointment_event.connect(receive, weak=False)
        connected.append(receive)

    yield connect
    for receive in connected:
        appointment_event.disconnect(receive)


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


def quote(event):
    """A mistake of ours, that says whom it is about, because of another."""
    citizen = event.appointment.citizen
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO appointments_citizen (name, email) VALUES (%s, %s)",
                [citizen.name, citizen.email],
            )
    except Exception as error:
        secret = links.token_for(event.appointment)
        raise RuntimeError(f"{citizen.name} {citizen.phone} {secret}") from error


@app.task
def mistaken(name):
    raise LookupError(name)


def test_nobody_is_named(
    client, lines, sent_to_sentry, by_smtp, listener, django_capture_on_commit_callbacks
):
    offered = town_hall(hosts=2)
    user = UserFactory(email=ANSWERS["email"], name=ANSWERS["name"])
    client.raise_request_exception = False
    receiver = CeleryReceiver()
    task_prerun.connect(receiver.receiver_task_prerun)
    task_failure.connect(receiver.receiver_task_failure)

    with django_capture_on_commit_callbacks(execute=True):
        client.get("/", {"q": SEARCHED})
        client.get(f"/{ANSWERS['name']}/{ANSWERS['email']}/")
        client.get("/", headers={"Host": "quagmire.example"})
        book(client, offered, **ANSWERS)
        appointment = Appointment.objects.get()
        reference, token = appointment.reference, links.token_for(appointment)
        client.get(own_path("manage", appointment))
        find = reverse("appointments:find")
        client.post(find, {"reference": reference, "email": ANSWERS["email"]})
        client.post(find, {"reference": reference, "email": "wombat@other.example"})
        by_api = citizen_books_by_api(offered)
        client.post(own_path("cancel", appointment), {"reason": "My wombat is ill"})
    login = reverse("accounts:login")
    for who in [user.email, TYPED_AS_NAME] * 6:
        client.post(login, {"username": who, "password": WRONG_PASSWORD})
    cache.clear()
    Client().post(login, {"username": user.email, "password": PASSWORD})
    for mood in ["unknown", "full", "accept"]:
        by_smtp.mood = mood
        message = Message.objects.queued().order_by("pk").first()
        deliver.apply([message.pk], throw=False)
    mistaken.apply([ANSWERS["name"]], throw=False)
    listener(quote)
    address = hold_nine(client, offered, TEN)
    failed = confirm(client, address, **ANSWERS)
    gathered.forget()

    secrets = [*SECRETS, reference, token]
    log, scraped = lines.getvalue(), files.exposition().decode()
    events = "\n".join(sent_to_sentry)
    assert (by_api, failed.status_code, len(sent_to_sentry)) == (201, 500, 2)
    assert '"event": "request_failed"' in log
    assert '"event": "message_failed"' in log
    assert '"event": "task_failed"' in log
    assert failed["X-Request-ID"] in log
    assert failed["X-Request-ID"] in events
    assert failed["X-Request-ID"] in failed.text
    assert "test_nobody_named.py" in log
    assert "RuntimeError" in events
    assert all(json.loads(line)["event"] for line in log.splitlines())
    for told in (log, scraped, events):
        assert [secret for secret in secrets if secret.lower() in told.lower()] == []


def citizen_books_by_api(offered):
    who = {name: ANSWERS[name] for name in ("name", "email", "phone")}
    body = {
        "office": offered.office_id,
        "service": offered.service_id,
        "starts_at": ELEVEN,
        "citizen": who,
        "purpose": ANSWERS["purpose"],
    }
    return APIClient().post("/api/v1/appointments", body).status_code


def test_a_worker_that_starts_is_nobody_with_an_address(lines):
    logger = logging.getLogger("celery.apps.worker")

    logger.info("%s ready.", "worker@town-hall-1")
    logger.info("%s ready and waiting.", "anna@example.org")

    assert "worker on town-hall-1 ready." in lines.getvalue()
    assert "<mail> ready and waiting." in lines.getvalue()


def test_the_database_writes_down_what_failed_and_of_nobody():
    email = ANSWERS["email"]
    UserFactory(email=email)
    wrong = "INSERT INTO accounts_user (id, name) VALUES (1, 'Zebulon Quagmire')"

    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email=email)
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(wrong)

    written = settings.DATA_DIR.joinpath("log", "postgres.log").read_text()
    assert "duplicate key value violates unique constraint" in written
    assert "null value in column" in written
    assert [secret for secret in SECRETS if secret in written.lower()] == []
