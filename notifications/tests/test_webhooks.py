"""Telling other systems, by a real server on this machine."""

import json
import re
import socket
from datetime import time, timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import pytest
from anymail.exceptions import AnymailError
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from appointments import operations as visits
from appointments.states import EventKind
from appointments.tests.factories import AppointmentFactory, tomorrow_at
from config.celery import app
from notifications import posting, tasks, webhook_notices, webhooks
from notifications.exceptions import StillOnItsWay, TooManyWebhooks, WebhookOff
from notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notifications.states import Status
from notifications.tasks import purge_webhook_log
from notifications.tests.factories import (
    WebhookAttemptFactory,
    WebhookDeliveryFactory,
    WebhookEndpointFactory,
)
from notifications.tests.receiver import Receiver, drip, redirect_to, reply
from offices.roles import Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

ROOT = Path(__file__).resolve().parents[2]
NOW = timezone.now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_this_machine(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True


def owed_to(url, **fields):
    return WebhookDeliveryFactory(endpoint__url=url, **fields)


def deliver(delivery):
    """Try it now, whenever it is due; returns it as it then is."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=NOW())
    webhooks.deliver(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def last_answer(delivery):
    return delivery.tries.values_list("response_status", "response_body").last()


def verify_as_documented():
    guide = (ROOT / "docs/webhooks.md").read_text()
    [lines] = re.findall(r"```python\n(.+?)```", guide, re.DOTALL)
    assert len([line for line in lines.splitlines() if line.strip()]) <= 10
    names = {}
    exec(lines, names)  # noqa: S102 (it is our own guide that is tried)
    return names["is_genuine"]


# --- what is owed ---


def test_an_event_is_owed_to_who_wants_it():
    offered = OfficeServiceFactory()
    wants = WebhookEndpointFactory(office=offered.office)
    WebhookEndpointFactory(office=offered.office, events=[EventKind.CANCELLED])
    WebhookEndpointFactory(office=offered.office, is_active=False)
    WebhookEndpointFactory()  # at another office

    appointment = AppointmentFactory(offered=offered)

    delivery = WebhookDelivery.objects.get()
    assert delivery.endpoint == wants
    assert (delivery.event, delivery.status) == (appointment.events.get(), "queued")


def test_the_sequence_rises_with_each_event_of_an_appointment():
    offered = OfficeServiceFactory()
    WebhookEndpointFactory(
        office=offered.office, events=[EventKind.BOOKED, EventKind.CANCELLED]
    )
    appointment = AppointmentFactory(offered=offered)
    later = appointment.starts_at + timedelta(hours=1)
    visits.postpone(appointment, later, reason="Ill", by=None)  # not asked for

    visits.cancel(appointment, by=None, reason="Ill")

    payloads = WebhookDelivery.objects.order_by("pk").values_list("payload", flat=True)
    assert [(one["type"], one["sequence"]) for one in payloads] == [
        ("booked", 1),
        ("cancelled", 3),
    ]
    assert payloads[1]["appointment"]["status"] == "cancelled"


def test_the_payload_says_nothing_of_the_citizen():
    offered = OfficeServiceFactory()
    WebhookEndpointFactory(office=offered.office)
    appointment = AppointmentFactory(offered=offered, purpose="Divorce")

    text = json.dumps(WebhookDelivery.objects.get().payload)

    citizen = appointment.citizen
    for secret in (citizen.name, citizen.email, "Divorce"):
        assert secret not in text
    assert appointment.reference in text


def test_what_is_rolled_back_is_not_owed():
    offered = OfficeServiceFactory()
    WebhookEndpointFactory(office=offered.office)

    with transaction.atomic():
        AppointmentFactory(offered=offered)
        assert WebhookDelivery.objects.exists()
        transaction.set_rollback(True)

    assert not WebhookDelivery.objects.exists()


# --- delivering ---


def test_a_delivery_arrives_and_its_signature_verifies_as_documented():
    with Receiver() as receiver:
        delivery = deliver(owed_to(receiver.url))

    [heard] = receiver.heard
    is_genuine = verify_as_documented()
    secret = delivery.endpoint.secret
    assert is_genuine(secret, heard.headers, heard.body)
    assert not is_genuine(secret, heard.headers, heard.body + b" ")
    assert not is_genuine(webhooks.signing.new_secret(), heard.headers, heard.body)
    stale = {**heard.headers, "Webhook-Timestamp": "1700000000"}
    assert not is_genuine(secret, stale, heard.body)
    assert json.loads(heard.body) == delivery.payload
    assert (delivery.status, delivery.attempts) == ("sent", 1)
    [attempt] = delivery.tries.all()
    assert (attempt.response_status, attempt.response_body) == (200, "thanks")
    assert attempt.request_headers["Webhook-Id"] == str(delivery.event_id)
    assert attempt.error == ""


def test_a_delivery_that_has_arrived_is_not_sent_again():
    with Receiver() as receiver:
        delivery = deliver(owed_to(receiver.url))
        deliver(delivery)

    assert len(receiver.heard) == 1


def test_one_that_somebody_else_is_delivering_is_left_alone():
    with Receiver() as receiver:
        delivery = owed_to(receiver.url)
        WebhookDelivery.objects.claim(delivery.pk)
        webhooks.deliver(delivery.pk)

    assert receiver.heard == []


def test_both_secrets_sign_for_a_day_after_rotation():
    is_genuine = verify_as_documented()
    with Receiver() as receiver:
        delivery = owed_to(receiver.url)
        old = delivery.endpoint.secret
        new = webhooks.rotate(delivery.endpoint, by=None).secret
        deliver(delivery)
        WebhookEndpoint.objects.update(old_secret_until=NOW())
        deliver(webhooks.replay(delivery, by=None))

    first, second = receiver.heard
    assert [is_genuine(key, first.headers, first.body) for key in (old, new)] == [
        True,
        True,
    ]
    assert [is_genuine(key, second.headers, second.body) for key in (old, new)] == [
        False,
        True,
    ]


def test_500_is_tried_again_until_it_is_200():
    with Receiver(500, 200) as receiver:
        delivery = deliver(owed_to(receiver.url))
        assert (delivery.status, delivery.last_error) == ("queued", "Answered 500.")
        pause = delivery.due_at - NOW()
        deliver(delivery)

    assert timedelta(seconds=40) < pause < timedelta(seconds=76)
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("sent", 2, "")
    first, second = receiver.heard
    assert first.headers["Webhook-Id"] == second.headers["Webhook-Id"]
    assert first.body == second.body
    tries = delivery.tries.values_list("response_status", "error", "response_body")
    assert list(tries) == [(500, "Answered 500.", "thanks"), (200, "", "thanks")]
    assert all(attempt.duration for attempt in delivery.tries.all())


def test_a_receiver_that_is_down_is_tried_again():
    with Receiver() as receiver:
        url = receiver.url

    delivery = deliver(owed_to(url))

    assert (delivery.status, last_answer(delivery)) == ("queued", (None, ""))
    assert "ConnectionRefusedError" in delivery.last_error
    assert delivery.tries.get().error == delivery.last_error


def test_pauses_grow_to_six_hours():
    with Receiver(500) as receiver:
        delivery = owed_to(receiver.url, attempts=40)
        deliver(delivery)

    pause = delivery.due_at - NOW()
    assert timedelta(hours=4) < pause < timedelta(hours=8)


@pytest.mark.parametrize("slow", [drip, lambda handler: handler.rfile.read(1)])
def test_a_slow_receiver_is_hung_up_on(monkeypatch, slow):
    monkeypatch.setattr(posting, "SECONDS", 0.5)
    with Receiver(slow) as receiver:
        began = NOW()
        delivery = deliver(owed_to(receiver.url))

    assert NOW() - began < timedelta(seconds=3)
    assert (delivery.status, last_answer(delivery)) == ("queued", (None, ""))
    assert "No answer within" in delivery.last_error


def test_a_redirect_is_not_followed():
    with Receiver() as inside, Receiver(redirect_to(inside.url)) as receiver:
        delivery = deliver(owed_to(receiver.url))

    assert inside.heard == []
    assert (delivery.status, delivery.last_error) == ("queued", "Answered 307.")


def test_a_long_answer_is_cut():
    def chatter(handler):
        reply(handler, 200, b"x" * 10_000_000)

    with Receiver(chatter) as receiver:
        answer = posting.post(receiver.url, b"{}", {})
        delivery = deliver(owed_to(receiver.url))

    assert len(answer.body) == 64 * 1024
    assert delivery.status == "sent"
    assert last_answer(delivery) == (200, "x" * WebhookAttempt.ANSWER_KEPT)


def test_an_answer_that_no_text_column_takes_is_kept():
    with Receiver(lambda handler: reply(handler, 200, b"a\0b\xff")) as receiver:
        delivery = deliver(owed_to(receiver.url))

    assert last_answer(delivery) == (200, "a�b�")


def test_an_answer_that_is_not_http_is_a_failure():
    with Receiver(lambda handler: handler.wfile.write(b"what?\r\n\r\n")) as receiver:
        delivery = deliver(owed_to(receiver.url))

    assert "BadStatusLine" in delivery.last_error


# --- giving up ---


def long_wanted(url, **fields):
    return owed_to(url, wanted_at=NOW() - timedelta(days=3, minutes=1), **fields)


def test_after_three_days_the_webhook_is_switched_off_and_managers_told(mailoutbox):
    with Receiver(503) as receiver:
        delivery = long_wanted(receiver.url)
        office = delivery.endpoint.office
        boss = MembershipFactory(office=office, role=Role.MANAGER).user
        MembershipFactory(office=office, role=Role.SECRETARY)
        gone = MembershipFactory(office=office, role=Role.MANAGER)
        type(gone).objects.filter(pk=gone.pk).update(ended_at=NOW())
        deliver(delivery)
        webhook_notices.tell_managers(delivery.endpoint_id)
        webhook_notices.tell_managers(delivery.endpoint_id)

    endpoint = WebhookEndpoint.objects.get()
    assert (delivery.status, endpoint.is_active) == ("failed", False)
    assert endpoint.switched_off_at is not None
    [mail] = mailoutbox
    assert mail.to == [boss.email]
    assert office.name in mail.subject
    for told in (receiver.url, "Answered 503.", f"webhookendpoint/{endpoint.pk}/"):
        assert told in mail.body


def test_managers_are_told_in_their_own_languages(mailoutbox):
    endpoint = WebhookEndpointFactory(is_active=False, notice_due_at=NOW())
    for language in ("de", "en", "", "xx"):
        user = UserFactory(language=language, email=f"{language}@example.org")
        MembershipFactory(office=endpoint.office, role=Role.MANAGER, user=user)

    webhook_notices.tell_managers(endpoint.pk)

    greetings = {mail.to[0][:-12]: mail.body.split()[0] for mail in mailoutbox}
    assert greetings == {"de": "Guten", "en": "Hello", "": "Hello", "xx": "Hello"}


def test_a_mail_server_that_is_away_is_no_reason_not_to_tell(mailoutbox, monkeypatch):
    endpoint = WebhookEndpointFactory(is_active=False, notice_due_at=NOW())
    MembershipFactory(office=endpoint.office, role=Role.MANAGER)

    def refuse(self):
        raise AnymailError("away")

    with monkeypatch.context() as patch:
        patch.setattr(webhook_notices.EmailMessage, "send", refuse)
        webhook_notices.tell_managers(endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint.notice_due_at > NOW()

    WebhookEndpoint.objects.update(notice_due_at=NOW())
    webhook_notices.tell_managers(endpoint.pk)

    assert len(mailoutbox) == 1


def test_what_else_is_queued_there_ends_and_can_be_replayed_later():
    offered = OfficeServiceFactory()
    with Receiver(500, 200) as receiver:
        endpoint = WebhookEndpointFactory(office=offered.office, url=receiver.url)
        AppointmentFactory(offered=offered)
        first = WebhookDelivery.objects.get()
        second = owed_to("", endpoint=endpoint, appointment=AppointmentFactory())
        WebhookDelivery.objects.filter(pk=first.pk).update(
            wanted_at=NOW() - timedelta(days=4)
        )
        deliver(first)
        second.refresh_from_db()
        assert (second.status, second.last_error) == ("failed", webhooks.OFF)

        endpoint.refresh_from_db()
        with pytest.raises(WebhookOff):
            webhooks.replay(second, by=None)
        endpoint.is_active = True
        webhooks.save(endpoint, by=None)
        second = deliver(webhooks.replay(second, by=None))

    endpoint.refresh_from_db()
    assert second.status == "sent"
    assert endpoint.switched_off_at is None


def test_one_event_that_is_never_taken_switches_nothing_off():
    with Receiver(500) as receiver:
        delivery = long_wanted(receiver.url)
        WebhookDeliveryFactory(
            endpoint=delivery.endpoint,
            appointment=AppointmentFactory(),
            status=Status.SENT,
            sent_at=NOW() - timedelta(days=1),
        )
        deliver(delivery)

    assert delivery.status == "failed"
    assert WebhookEndpoint.objects.get().is_active


# --- replay ---


def test_a_replay_sends_the_same_once_more():
    with Receiver() as receiver:
        delivery = deliver(owed_to(receiver.url))
        deliver(webhooks.replay(delivery, by=None))

    first, second = receiver.heard
    assert first.body == second.body
    assert first.headers["Webhook-Id"] == second.headers["Webhook-Id"]
    assert (delivery.status, delivery.attempts) == ("sent", 1)


def test_what_is_on_its_way_is_not_replayed():
    with pytest.raises(StillOnItsWay):
        webhooks.replay(WebhookDeliveryFactory(), by=None)


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HOST, Role.RECEPTION, None])
def test_none_but_managers_do_anything(role):
    delivery = WebhookDeliveryFactory()
    endpoint = delivery.endpoint
    office = endpoint.office if role else OfficeFactory()
    user = MembershipFactory(office=office, role=role or Role.MANAGER).user

    for verb in (webhooks.save, webhooks.rotate, webhooks.delete):
        with pytest.raises(PermissionDenied):
            verb(endpoint, by=user)
    with pytest.raises(PermissionDenied):
        webhooks.replay(delivery, by=user)


# --- the log ---


def test_the_log_is_forgotten_after_a_while(settings):
    settings.WEBHOOK_LOG_DAYS = 30
    long_ago, lately = NOW() - timedelta(days=31), NOW() - timedelta(days=29)
    old = WebhookDeliveryFactory(status=Status.FAILED, wanted_at=long_ago)
    queued = WebhookDeliveryFactory(wanted_at=long_ago)
    replayed = WebhookDeliveryFactory(status=Status.FAILED, wanted_at=lately)
    WebhookAttemptFactory(delivery=old, tried_at=long_ago)
    WebhookAttemptFactory(delivery=replayed, tried_at=long_ago)
    kept = WebhookAttemptFactory(delivery=replayed, tried_at=lately)

    purge_webhook_log()

    assert set(WebhookDelivery.objects.all()) == {queued, replayed}
    assert WebhookAttempt.objects.get() == kept


# --- how many ---


def test_an_office_has_so_many_and_no_more():
    office = OfficeFactory()
    WebhookEndpointFactory.create_batch(webhooks.MOST_OF_AN_OFFICE, office=office)
    WebhookEndpointFactory()  # of another office
    one_more = WebhookEndpointFactory.build(office=office)

    with pytest.raises(TooManyWebhooks):
        webhooks.save(one_more, by=None)

    webhooks.save(office.webhook_endpoints.first(), by=None)  # a change is none more
    assert office.webhook_endpoints.count() == webhooks.MOST_OF_AN_OFFICE


# --- which addresses ---

REFUSED = [
    *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("0.1.2.3", "224.0.0.1", "255.255.255.255", "198.18.0.1", "240.0.0.1"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "fe80::1"),
    *("fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1"),
]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused(settings, address):
    settings.WEBHOOK_ALLOW_PRIVATE = False

    assert not posting.is_allowed(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
def test_a_public_address_is_allowed(settings, address):
    settings.WEBHOOK_ALLOW_PRIVATE = False

    assert posting.is_allowed(ip_address(address))


def test_private_addresses_are_never_allowed_outside_local(settings):
    settings.ENVIRONMENT = "staging"

    assert not posting.is_allowed(ip_address("127.0.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://api.LocalHost./",
        "https://[::ffff:10.0.0.1]/",
        "https://user:secret@example.org/",
        "https://example.org/#part",
        "https://example.org:0/",
        "https://example.org:99999/",
        "nothing",
        "",
    ],
)
def test_an_address_that_can_never_do_is_refused_at_once(settings, url):
    settings.WEBHOOK_ALLOW_PRIVATE, settings.ENVIRONMENT = False, "production"
    endpoint = WebhookEndpointFactory.build(office=OfficeFactory(), url=url)

    with pytest.raises(ValidationError) as refusal:
        webhooks.save(endpoint, by=None)

    assert set(refusal.value.message_dict) == {"url"}
    with pytest.raises(posting.PostFailed):
        posting.post(url, b"{}", {})


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"]
)
def test_nothing_reaches_this_machine(settings, host):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    with (
        Receiver() as receiver,
        pytest.raises(posting.PostFailed, match="not a public"),
    ):
        posting.post(f"http://{host}:{receiver.port}/", b"{}", {})

    assert receiver.heard == []


class Names:
    """A name server that answers otherwise each time."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def __call__(self, host, port, **options):
        addresses = self.answers.pop(0)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]


def test_the_second_answer_of_a_name_server_is_never_asked_for(monkeypatch):
    with Receiver() as receiver:
        names = Names(["127.0.0.1"], ["127.0.0.2"])
        monkeypatch.setattr(posting.socket, "getaddrinfo", names)
        answer = posting.post(f"http://rebind.test:{receiver.port}/", b"{}", {})

    assert answer.status == 200
    assert names.answers == [["127.0.0.2"]]
    assert receiver.heard[0].headers["Host"] == f"rebind.test:{receiver.port}"


def test_a_name_that_turns_inwards_reaches_nothing(monkeypatch, settings):
    """First public, then this machine: the check and the connection see one answer."""
    settings.WEBHOOK_ALLOW_PRIVATE = False
    tried = []

    def connect(addresses, deadline):
        tried.extend(address for _family, address in addresses)
        raise ConnectionRefusedError

    with Receiver() as receiver:
        port = receiver.port
        names = Names(["93.184.215.14"], ["127.0.0.1"])
        monkeypatch.setattr(posting.socket, "getaddrinfo", names)
        with monkeypatch.context() as patch:
            patch.setattr(posting, "_connect", connect)
            with pytest.raises(posting.PostFailed, match="ConnectionRefused"):
                posting.post(f"http://rebind.test:{port}/", b"{}", {})
        with pytest.raises(posting.PostFailed, match="not a public"):
            posting.post(f"http://rebind.test:{port}/", b"{}", {})

    assert tried == [("93.184.215.14", port)]
    assert receiver.heard == []


def test_a_name_that_is_partly_inwards_is_refused(monkeypatch, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    names = Names(["93.184.215.14", "127.0.0.1"])
    monkeypatch.setattr(posting.socket, "getaddrinfo", names)

    with pytest.raises(posting.PostFailed, match="not a public") as refusal:
        posting.post("https://half.test/", b"{}", {})

    assert "127" not in str(refusal.value)


def test_a_certificate_that_nobody_vouches_for_is_refused():
    with Receiver() as receiver:  # which speaks no TLS at all
        url = receiver.url.replace("http:", "https:")
        with pytest.raises(posting.PostFailed, match="SSL"):
            posting.post(url, b"{}", {})

    assert receiver.heard == []


# --- one that is down costs one try ---


def test_what_else_is_due_at_an_address_that_is_down_waits_with_it():
    offered = OfficeServiceFactory()
    with Receiver(500) as receiver:
        endpoint = WebhookEndpointFactory(office=offered.office, url=receiver.url)
        elsewhere = WebhookEndpointFactory(office=offered.office)
        at = partial(tomorrow_at, offered.office)
        for starts_at in (at(), at(time(10))):
            AppointmentFactory(offered=offered, starts_at=starts_at)
        early, late = endpoint.deliveries.order_by("pk")
        webhooks.deliver(early.pk)
        webhooks.deliver(late.pk)
        AppointmentFactory(offered=offered, starts_at=at(time(11)))

    assert len(receiver.heard) == 1
    pauses = [row.due_at - NOW() for row in endpoint.deliveries.order_by("pk")[1:]]
    assert [round(pause / timedelta(minutes=1)) for pause in pauses] == [1, 1]
    early.refresh_from_db()
    late.refresh_from_db()
    assert early.due_at > late.due_at
    assert elsewhere.deliveries.due().count() == 3


def test_an_address_that_stays_down_is_tried_less_often():
    delivery = owed_to("https://crm.example.org/")
    WebhookAttemptFactory.create_batch(
        8, delivery=delivery, response_status=None, error="No.", tried_at=NOW()
    )

    pause = webhooks._resumes_at(delivery.endpoint) - NOW()

    assert round(pause / timedelta(minutes=1)) == 16


def test_one_event_that_is_never_taken_keeps_no_other_back():
    with Receiver(500, 200) as receiver:
        never = deliver(owed_to(receiver.url))
        waiting = [
            owed_to(
                "",
                endpoint=never.endpoint,
                appointment=AppointmentFactory(),
                due_at=NOW() + timedelta(minutes=1),
            )
            for _ in range(2)
        ]
        deliver(waiting[0])

    assert list(never.endpoint.deliveries.next_due()) == [waiting[1]]


def test_mail_does_not_wait_for_webhooks():
    routed = {
        task.name: app.amqp.router.route({}, task.name)["queue"].name
        for task in (tasks.deliver, tasks.deliver_webhook)
    }

    assert routed == {
        "notifications.tasks.deliver": "celery",
        "notifications.tasks.deliver_webhook": "webhooks",
    }


def test_what_has_arrived_was_due_when_it_arrived():
    with Receiver() as receiver:
        delivery = deliver(owed_to(receiver.url))

    assert delivery.due_at == delivery.sent_at


def test_an_event_is_named_once():
    endpoint = WebhookEndpointFactory()
    endpoint.events = ["booked", "cancelled", "booked"]

    webhooks.save(endpoint, by=None)

    assert endpoint.events == ["booked", "cancelled"]
