"""From the booking to the other system, through a real worker."""

import time

import pytest

from appointments.tests.factories import AppointmentFactory
from notifications.models import WebhookDelivery
from notifications.tasks import deliver_due_webhooks, deliver_webhook
from notifications.tests.factories import (
    WebhookDeliveryFactory,
    WebhookEndpointFactory,
)
from notifications.tests.receiver import Receiver
from offices.tests.factories import OfficeServiceFactory


def soon(is_so, seconds=30):
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()


def test_a_worker_tells_of_a_booking_at_once(celery_worker, monkeypatch):
    monkeypatch.setenv("WEBHOOK_ALLOW_PRIVATE", "true")
    celery_worker()
    with Receiver() as receiver:
        offered = OfficeServiceFactory()
        WebhookEndpointFactory(office=offered.office, url=receiver.url)
        AppointmentFactory(offered=offered)

        assert soon(lambda: receiver.heard)
        assert soon(WebhookDelivery.objects.filter(status="sent").exists)


@pytest.fixture
def started(monkeypatch):
    """The deliveries that tasks start, instead of starting them."""
    started = []
    monkeypatch.setattr(
        deliver_webhook,
        "apply_async",
        lambda args, *rest, **options: started.extend(args),
    )
    return started


@pytest.mark.django_db
def test_the_sweep_tries_one_at_each_endpoint(started):
    first = WebhookDeliveryFactory()
    WebhookDeliveryFactory(endpoint=first.endpoint, appointment=AppointmentFactory())
    elsewhere = WebhookDeliveryFactory()

    deliver_due_webhooks()

    assert sorted(started) == [first.pk, elsewhere.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", [200, 500])
def test_what_waits_there_follows_when_one_has_arrived(started, settings, answer):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with Receiver(answer) as receiver:
        first = WebhookDeliveryFactory(endpoint__url=receiver.url)
        second = WebhookDeliveryFactory(
            endpoint=first.endpoint, appointment=AppointmentFactory()
        )

        deliver_webhook(first.pk)

    assert started == ([second.pk] if answer == 200 else [])
