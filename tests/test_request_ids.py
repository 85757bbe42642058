"""One id finds a request in its answer, the log, and in all that it brings about."""

import re

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.urls import path
from rest_framework.test import APIClient

from appointments.tests.pages import NOW, book, confirm, hold_nine, town_hall
from config import logs
from notifications.models import Message, WebhookDelivery
from notifications.tasks import deliver
from notifications.tests.factories import WebhookEndpointFactory
from notifications.webhooks import _headers

pytestmark = pytest.mark.django_db

GIVEN = "proxy-0123456789abcdef"
OURS = re.compile(r"[0-9a-f]{32}")


def mistake(request):
    raise LookupError


urlpatterns = [path("mistake/", mistake), path("api/v1/mistake/", mistake)]
handler500 = "config.views.server_error"


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("address", ["/", "/nothing/", "/api/v1/nothing", "/health"])
def test_every_answer_has_an_id(client, address):
    response = client.get(address)

    assert OURS.fullmatch(response["X-Request-ID"])


def test_each_request_has_its_own(client):
    assert client.get("/")["X-Request-ID"] != client.get("/")["X-Request-ID"]
    assert logs.request_id() == ""


@pytest.mark.parametrize(
    ("proxies", "given", "is_kept"),
    [
        (1, GIVEN, True),
        (0, GIVEN, False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, "<script>alert(1)</script>", False),
        (1, "anna.schmidt@example.org", False),
    ],
)
def test_an_id_is_taken_from_our_own_proxies_alone(
    client, settings, proxies, given, is_kept
):
    settings.PROXY_COUNT = proxies

    response = client.get("/", headers={"X-Request-ID": given})

    assert (response["X-Request-ID"] == given) is is_kept


@pytest.mark.urls(__name__)
def test_people_can_quote_it(client):
    client.raise_request_exception = False

    response = client.get("/mistake/")

    assert (response.status_code, response["X-Request-ID"] in response.text) == (500, 1)


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/api/v1/offices/0"])
def test_programs_can_quote_it(address):
    response = APIClient().get(address)

    assert response.json()["request_id"] == response["X-Request-ID"]


@pytest.mark.urls(__name__)
def test_programs_can_quote_a_mistake_of_ours(client):
    client.raise_request_exception = False

    response = client.get("/api/v1/mistake/")

    assert response.json()["request_id"] == response["X-Request-ID"]


def test_what_is_owed_keeps_it(client):
    offered = town_hall()
    WebhookEndpointFactory(office=offered.office)

    response = confirm(client, hold_nine(client, offered))

    wanted = response["X-Request-ID"]
    delivery = WebhookDelivery.objects.get()
    assert {message.request_id for message in Message.objects.all()} == {wanted}
    assert delivery.request_id == wanted
    assert _headers(delivery, b"")["X-Request-ID"] == wanted


def test_a_mail_bears_it_and_so_do_its_lines(client, caplog):
    book(client, town_hall())
    message = Message.objects.earliest("pk")
    caplog.clear()

    deliver(message.pk)

    [line] = [r.msg for r in caplog.records if r.msg.get("event") == "message_sent"]
    assert mail.outbox[0].extra_headers["X-Request-ID"] == message.request_id
    assert (line["request_id"], line["office"]) == (
        message.request_id,
        message.appointment.office_id,
    )
