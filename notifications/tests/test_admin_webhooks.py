"""Webhooks in the admin, for managers."""

import pytest
from django.urls import reverse

from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.states import Status
from notifications.tests.factories import (
    WebhookAttemptFactory,
    WebhookDeliveryFactory,
    WebhookEndpointFactory,
)
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeFactory

pytestmark = pytest.mark.django_db

ADD = "admin:notifications_webhookendpoint_add"
ENDPOINTS = "admin:notifications_webhookendpoint_changelist"
DELIVERIES = "admin:notifications_webhookdelivery_changelist"


@pytest.fixture
def office(client):
    """An office whose manager has signed in."""
    office = OfficeFactory()
    client.force_login(MembershipFactory(office=office, role=Role.MANAGER).user)
    return office


def told(response):
    return " ".join(str(message) for message in response.context["messages"])


def test_a_manager_adds_one_and_is_shown_its_secret_once(client, office):
    given = {
        "office": office.pk,
        "url": "https://crm.example.org/hook",
        "events": ["booked", "cancelled"],
    }

    response = client.post(reverse(ADD), given, follow=True)

    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.office, endpoint.events) == (office, ["booked", "cancelled"])
    assert endpoint.is_active
    assert endpoint.secret in told(response)
    assert endpoint.secret not in client.get(reverse(ENDPOINTS)).text


@pytest.mark.parametrize(
    "wrong", [{"url": "https://127.0.0.1/"}, {"events": []}, {"office": "elsewhere"}]
)
def test_what_can_never_do_is_refused_on_the_form(client, office, wrong):
    if "office" in wrong:
        wrong = {"office": OfficeFactory().pk}
    given = {"office": office.pk, "url": "https://example.org/", "events": ["booked"]}

    response = client.post(reverse(ADD), {**given, **wrong})

    assert response.status_code == 200
    assert set(response.context["adminform"].errors) == set(wrong)
    assert not WebhookEndpoint.objects.exists()


def test_switching_it_on_again_forgets_that_it_was_off(client, office):
    endpoint = WebhookEndpointFactory(
        office=office, is_active=False, switched_off_at="2027-01-01T00:00Z"
    )
    page = reverse("admin:notifications_webhookendpoint_change", args=[endpoint.pk])
    given = {"url": endpoint.url, "events": ["booked"], "is_active": "on"}

    client.post(page, given)

    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.switched_off_at) == (True, None)


def test_the_action_gives_a_new_secret(client, office):
    endpoint = WebhookEndpointFactory(office=office)
    chosen = {"action": "rotate", "_selected_action": [endpoint.pk]}

    response = client.post(reverse(ENDPOINTS), chosen, follow=True)

    old = endpoint.secret
    endpoint.refresh_from_db()
    assert endpoint.old_secret == old
    assert endpoint.secret in told(response)


def test_a_manager_deletes_one_with_its_log(client, office):
    endpoint = WebhookEndpointFactory(office=office)
    WebhookDeliveryFactory(endpoint=endpoint)
    page = reverse("admin:notifications_webhookendpoint_delete", args=[endpoint.pk])

    client.post(page, {"post": "yes"})

    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    ("status", "then"), [(Status.FAILED, "queued"), (Status.QUEUED, "queued")]
)
def test_the_action_sends_again(client, office, status, then):
    endpoint = WebhookEndpointFactory(office=office)
    delivery = WebhookDeliveryFactory(endpoint=endpoint, status=status, attempts=9)
    chosen = {"action": "replay", "_selected_action": [delivery.pk]}

    response = client.post(reverse(DELIVERIES), chosen, follow=True)

    delivery.refresh_from_db()
    assert delivery.status == then
    assert delivery.attempts == (0 if status == Status.FAILED else 9)
    assert ("still on its way" in told(response)) == (status == Status.QUEUED)


def test_the_page_of_a_delivery_shows_every_try_of_it(client, office):
    endpoint = WebhookEndpointFactory(office=office)
    delivery = WebhookDeliveryFactory(endpoint=endpoint)
    for error in ("Answered 503.", "Answered 502."):
        WebhookAttemptFactory(delivery=delivery, error=error)

    page = client.get(
        reverse("admin:notifications_webhookdelivery_change", args=[delivery.pk])
    )

    for told in ("Answered 503.", "Answered 502.", "thanks", "Webhook-Id", "0.087 s"):
        assert told in page.text


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HOST, Role.RECEPTION])
def test_others_see_no_webhooks(client, role):
    delivery = WebhookDeliveryFactory()
    member = MembershipFactory(office=delivery.endpoint.office, role=role).user
    client.force_login(member)
    chosen = {"action": "replay", "_selected_action": [delivery.pk]}

    assert client.get(reverse(ADD)).status_code == 403
    assert client.get(reverse(ENDPOINTS)).status_code == 403
    assert client.post(reverse(DELIVERIES), chosen).status_code == 403
    assert WebhookDelivery.objects.get().status == "queued"
