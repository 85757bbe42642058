"""A provider that is down is spared, and holds nobody else back."""

import json
from datetime import time, timedelta

import pytest
from django.utils import timezone

from appointments.tests.factories import CitizenFactory
from config import caching
from config.circuit import Circuit
from notifications import operations, throttle
from notifications.models import Block
from notifications.states import Channel
from notifications.tasks import deliver, deliver_due
from notifications.tests.factories import (
    BlockFactory,
    MessageFactory,
    MessagePolicyFactory,
)
from notifications.tests.receiver import Receiver, reply

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MESSAGE = Channel.SMS


@pytest.fixture
def without_redis(settings, monkeypatch):
    monkeypatch.setattr(caching, "circuit", Circuit("redis"))  # closed again after it
    settings.CACHES = {
        "default": {
            **settings.CACHES["default"],
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }


def text_message():
    """Of an office without quiet hours, whatever the clock says."""
    message = MessageFactory(
        channel=Channel.SMS,
        recipient="+491701234567",
        appointment__citizen=CitizenFactory(phone="+491701234567"),
    )
    office = message.appointment.office
    MessagePolicyFactory(office=office, quiet_from=time(0), quiet_until=time(0))
    return message


def state(message):
    message.refresh_from_db()
    return message.status, message.attempts


def test_a_single_failure_is_no_outage():
    spared = [throttle.failed(MESSAGE) for _ in range(throttle.FAILURES - 1)]

    assert (spared, throttle.pause(MESSAGE)) == ([timedelta(0)] * 2, timedelta(0))


def test_failures_in_a_row_are_one_and_pauses_grow_to_a_limit():
    spared = [throttle.failed(MESSAGE).total_seconds() for _ in range(9)]

    assert spared == [0, 0, 30, 60, 120, 240, 480, 600, 600]
    assert timedelta(seconds=590) < throttle.pause(MESSAGE) <= timedelta(seconds=600)
    assert throttle.pause(Channel.MAIL) == timedelta(0)
    assert list(throttle.outages()) == ["sms"]


def test_what_works_again_is_spared_no_more():
    for _ in range(5):
        throttle.failed(MESSAGE)

    throttle.works(MESSAGE)

    assert (throttle.pause(MESSAGE), throttle.outages()) == (timedelta(0), {})
    assert throttle.failed(MESSAGE) == timedelta(0)


def test_no_more_go_out_than_a_provider_takes(settings, time_machine):
    settings.MESSAGES_PER_SECOND = {"sms": 2, "mail": 0}
    time_machine.move_to(timezone.now(), tick=False)

    pauses = [throttle.pause(MESSAGE) for _ in range(3)]
    time_machine.shift(SECOND)

    assert [*pauses, throttle.pause(MESSAGE)] == [
        0 * SECOND,
        0 * SECOND,
        SECOND,
        0 * SECOND,
    ]
    assert [throttle.pause(Channel.MAIL) for _ in range(5)] == [0 * SECOND] * 5


def test_without_redis_nothing_is_spared(settings, without_redis):
    settings.MESSAGES_PER_SECOND = {"sms": 1, "mail": 1}

    assert [throttle.failed(MESSAGE) for _ in range(5)] == [0 * SECOND] * 5
    assert [throttle.pause(MESSAGE) for _ in range(5)] == [0 * SECOND] * 5
    assert throttle.outages() == {}


def test_one_provider_down_costs_few_tries_and_holds_back_no_mail(settings, mailoutbox):
    settings.SMS_PROVIDER = "smscatcher"
    texts, mails = [text_message() for _ in range(6)], [MessageFactory()]
    with Receiver(503) as gateway:
        settings.SMS_URL = gateway.url

        for message in [*texts, *mails]:
            operations.deliver(message.pk)

    tried = [("queued", 1)] * 3
    assert [state(message) for message in texts] == [*tried, *[("queued", 0)] * 3]
    assert len(gateway.heard) == 3
    assert [state(mail) for mail in mails] == [("sent", 1)]
    assert len(mailoutbox) == 1


@pytest.fixture
def started(monkeypatch):
    """{message: in how many seconds} of the tasks that a sweep starts."""
    started = {}
    monkeypatch.setattr(
        deliver,
        "apply_async",
        lambda args, countdown, **options: started.update({args[0]: countdown}),
    )
    return started


def test_a_sweep_takes_so_many_of_each_channel(started, monkeypatch):
    texts, mail = [text_message() for _ in range(4)], MessageFactory()
    monkeypatch.setattr("notifications.tasks.SWEEP", 3)

    deliver_due()

    assert list(started) == [mail.pk, *(text.pk for text in texts[:3])]


def test_a_sweep_starts_no_more_a_second_than_a_provider_takes(started, settings):
    settings.MESSAGES_PER_SECOND = {"sms": 2, "mail": 0}
    for _ in range(5):
        text_message()

    deliver_due()

    assert list(started.values()) == [0, 0, 1, 1, 2]


def test_what_is_dropped_costs_nothing_of_the_rate(settings, time_machine):
    settings.MESSAGES_PER_SECOND = {"sms": 1, "mail": 0}
    time_machine.move_to(timezone.now(), tick=False)
    message = text_message()
    BlockFactory(channel=Channel.SMS, address=message.recipient)

    operations.deliver(message.pk)

    assert state(message) == ("dropped", 1)
    assert throttle.pause(MESSAGE) == 0 * SECOND


@pytest.mark.parametrize(
    ("status", "code", "outcome", "is_blocked"),
    [
        (201, None, ("sent", 1), False),
        (429, 20429, ("queued", 1), False),
        (500, 20500, ("queued", 1), False),
        (400, 21211, ("failed", 1), False),
        (400, 21610, ("failed", 1), True),
    ],
)
def test_what_twilio_answers_becomes_of_the_message(
    settings, status, code, outcome, is_blocked
):
    answer = json.dumps({"sid": "SM1", "code": code, "message": "", "status": status})
    message = text_message()
    with Receiver(lambda handler: reply(handler, status, answer.encode())) as twilio:
        settings.SMS_PROVIDER, settings.SMS_URL = (
            "twilio",
            f"http://127.0.0.1:{twilio.port}",
        )
        settings.SMS_API_KEY, settings.SMS_API_SECRET = "ACsid", "secret"
        settings.SMS_SENDER = "+4989123"
        deliver(message.pk)
        deliver(message.pk)

    assert (state(message), len(twilio.heard)) == (outcome, 1)
    assert message.provider_id == ("SM1" if status == 201 else "")
    assert Block.objects.of(Channel.SMS, message.recipient).exists() == is_blocked
