"""Pages for staff: what they see, and what they may have sent again."""

import pytest
from django.urls import reverse

from accounts.tests.factories import AdminFactory, UserFactory
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.states import Status
from notifications.tests.factories import (
    MessageFactory,
    MessageTemplateFactory,
    WebhookDeliveryFactory,
    WebhookEndpointFactory,
)
from offices.roles import Role
from offices.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

MESSAGES = "admin:notifications_message_changelist"


def signed_in(client, office, role):
    client.force_login(MembershipFactory(office=office, role=role).user)
    return client


def page_of(row, kind="change"):
    name = f"admin:notifications_{row._meta.model_name}_{kind}"
    return reverse(name, args=[row.pk])


@pytest.mark.parametrize(
    ("factory", "office_of", "seen_by"),
    [
        (MessageFactory, lambda row: row.appointment.office, set(Role)),
        (MessageTemplateFactory, lambda row: row.office, {Role.MANAGER}),
        (WebhookEndpointFactory, lambda row: row.office, {Role.MANAGER}),
        (WebhookDeliveryFactory, lambda row: row.endpoint.office, {Role.MANAGER}),
    ],
)
def test_rows_are_visible_to_some_of_their_office(factory, office_of, seen_by):
    row = factory()
    factory()  # at another office
    rows = type(row).objects

    for role in Role:
        member = MembershipFactory(office=office_of(row), role=role).user
        expected = [row] if role in seen_by else []
        assert list(rows.visible_to(member)) == expected
    assert rows.visible_to(UserFactory()).count() == 0
    assert rows.visible_to(AdminFactory()).count() == 2


@pytest.mark.parametrize("role", Role)
def test_messages_are_listed_for_their_office_alone(client, role):
    message, elsewhere = MessageFactory(), MessageFactory()
    signed_in(client, message.appointment.office, role)

    page = client.get(reverse(MESSAGES)).text

    assert message.recipient in page
    assert elsewhere.recipient not in page
    assert client.get(page_of(message)).status_code == 200
    assert client.get(page_of(elsewhere)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_a_longer_list_costs_no_more(client, django_assert_num_queries, count):
    MessageFactory.create_batch(count)
    client.force_login(AdminFactory())
    client.get(reverse(MESSAGES))

    with django_assert_num_queries(6):
        client.get(reverse(MESSAGES))


def test_messages_are_not_written_by_hand(client):
    message = MessageFactory()
    client.force_login(AdminFactory())

    answers = [
        client.get(reverse("admin:notifications_message_add")),
        client.post(page_of(message), {"subject": "Boo"}),
        client.post(page_of(message, "delete"), {"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3


def send_again(client, message):
    return client.post(
        reverse(MESSAGES),
        {"action": "send_again", "_selected_action": [message.pk]},
        follow=True,
    )


def test_what_failed_is_sent_again(client):
    message = MessageFactory(status=Status.FAILED)
    signed_in(client, message.appointment.office, Role.RECEPTION)

    page = send_again(client, message).text

    message.refresh_from_db()
    assert message.status == Status.QUEUED
    assert "Goes out within a minute." in page


def test_what_is_refused_is_said(client):
    message = MessageFactory()
    signed_in(client, message.appointment.office, Role.RECEPTION)

    page = send_again(client, message).text

    assert "Only a message that has failed can be sent again." in page


def test_hosts_are_not_offered_to_send_again(client):
    message = MessageFactory(status=Status.FAILED)
    signed_in(client, message.appointment.office, Role.HOST)

    send_again(client, message)

    message.refresh_from_db()
    assert message.status == Status.FAILED


@pytest.mark.parametrize("who", ["manager", "admin"])
def test_the_secret_of_a_webhook_is_shown_nowhere(client, who):
    delivery = WebhookDeliveryFactory()
    endpoint = delivery.endpoint
    manager = MembershipFactory(office=endpoint.office, role=Role.MANAGER).user
    client.force_login(manager if who == "manager" else AdminFactory())
    models = ["webhookendpoint", "webhookdelivery"]

    pages = [
        *(reverse(f"admin:notifications_{model}_changelist") for model in models),
        page_of(endpoint),
        page_of(delivery),
    ]

    for page in pages:
        response = client.get(page)
        assert response.status_code == 200
        assert endpoint.url in response.text
        assert endpoint.secret not in response.text


def test_webhooks_have_secrets_of_their_own():
    first, second = WebhookEndpointFactory.create_batch(2)

    assert first.secret != second.secret
    assert len(first.secret) >= 43
    assert (WebhookEndpoint.objects.count(), WebhookDelivery.objects.count()) == (2, 0)
