"""Webhooks by API: who may, what is told, and what never is."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from config.models import IdempotencyKey
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.states import Status
from notifications.tests.factories import (
    WebhookAttemptFactory,
    WebhookDeliveryFactory,
    WebhookEndpointFactory,
)
from notifications.webhooks import MOST_OF_AN_OFFICE
from offices.roles import Permission, Role
from offices.tests.factories import ApiKeyFactory, MembershipFactory, OfficeFactory

pytestmark = pytest.mark.django_db

NEW = {"url": "https://crm.example.org/hook", "events": ["booked", "cancelled"]}


@pytest.fixture
def delivery():
    return WebhookDeliveryFactory(status=Status.FAILED)


@pytest.fixture
def office(delivery):
    return delivery.endpoint.office


@pytest.fixture
def manager(office):
    return MembershipFactory(office=office, role=Role.MANAGER).user


def call(user, method, path, body=None, **headers):
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return getattr(client, method)(f"/api/v1/offices/{path}", body, headers=headers)


def addresses(delivery):
    """Every call there is, as (method, path, body)."""
    endpoint = delivery.endpoint
    many = f"{endpoint.office_id}/webhooks"
    one = f"{many}/{endpoint.pk}"
    return [
        ("get", many, None),
        ("post", many, NEW),
        ("get", one, None),
        ("patch", one, {"is_active": True}),
        ("post", f"{one}/rotate", None),
        ("get", f"{one}/deliveries", None),
        ("get", f"{one}/deliveries/{delivery.pk}", None),
        ("post", f"{one}/deliveries/{delivery.pk}/replay", None),
        ("delete", one, None),
    ]


def statuses(user, delivery):
    return [call(user, *address).status_code for address in addresses(delivery)]


def test_a_manager_may_everything(delivery, manager):
    assert statuses(manager, delivery) == [200, 201, *[200] * 6, 204]
    assert WebhookEndpoint.objects.get().url == NEW["url"]


def test_a_program_that_manages_the_office_may_too(delivery, office):
    permissions = {Permission.MANAGE_OFFICE, Permission.VIEW_APPOINTMENTS}
    key = ApiKeyFactory(offices=[office], permissions=permissions)

    assert statuses(key.user, delivery) == [200, 201, *[200] * 6, 204]


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HOST, Role.RECEPTION])
def test_others_at_the_office_may_nothing(delivery, office, role):
    user = MembershipFactory(office=office, role=role).user

    assert set(statuses(user, delivery)) == {403}


def test_for_managers_elsewhere_there_is_nothing(delivery):
    user = MembershipFactory(role=Role.MANAGER).user

    assert set(statuses(user, delivery)) == {404}
    assert set(statuses(UserFactory(), delivery)) == {404}


def test_nobody_gets_in_without_a_sign_in(delivery):
    assert set(statuses(None, delivery)) == {401}


def test_no_row_is_reached_through_another_office(delivery):
    elsewhere = OfficeFactory()
    user = MembershipFactory(office=elsewhere, role=Role.MANAGER).user
    mine = WebhookEndpointFactory(office=elsewhere)
    endpoint = delivery.endpoint

    for method, path in [
        ("get", f"{elsewhere.pk}/webhooks/{endpoint.pk}"),
        ("patch", f"{elsewhere.pk}/webhooks/{endpoint.pk}"),
        ("delete", f"{elsewhere.pk}/webhooks/{endpoint.pk}"),
        ("post", f"{elsewhere.pk}/webhooks/{endpoint.pk}/rotate"),
        ("get", f"{elsewhere.pk}/webhooks/{endpoint.pk}/deliveries"),
        ("get", f"{elsewhere.pk}/webhooks/{mine.pk}/deliveries/{delivery.pk}"),
        ("post", f"{elsewhere.pk}/webhooks/{mine.pk}/deliveries/{delivery.pk}/replay"),
    ]:
        assert call(user, method, path).status_code == 404


def test_the_secret_is_told_once(manager, office):
    made = call(manager, "post", f"{office.pk}/webhooks", NEW)
    path = f"{office.pk}/webhooks/{made.json()['id']}"
    read = call(manager, "get", path)
    rotated = call(manager, "post", f"{path}/rotate")

    endpoint = WebhookEndpoint.objects.get(pk=made.json()["id"])
    assert made.headers["Cache-Control"] == "no-store"
    assert made.json()["secret"] == endpoint.old_secret
    assert rotated.json()["secret"] == endpoint.secret
    assert rotated.json()["old_secret_until"] is not None
    assert "secret" not in read.json()
    assert endpoint.secret not in call(manager, "get", f"{office.pk}/webhooks").text


def test_a_repeated_post_tells_the_secret_again_but_keeps_it_nowhere(manager, office):
    path = f"{office.pk}/webhooks"
    first = call(manager, "post", path, NEW, **{"Idempotency-Key": "one"})
    again = call(manager, "post", path, NEW, **{"Idempotency-Key": "one"})

    assert again.json() == first.json()
    assert first.json()["secret"] not in IdempotencyKey.objects.get().body
    assert office.webhook_endpoints.filter(url=NEW["url"]).count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "ftp://example.org/"}, "url"),
        ({"url": "nothing"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["eaten"]}, "events.0"),
    ],
)
def test_what_can_never_do_is_refused_by_field(manager, office, wrong, field):
    response = call(manager, "post", f"{office.pk}/webhooks", {**NEW, **wrong})

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {field}


def test_an_address_is_taken_once_an_office(manager, office, delivery):
    again = {**NEW, "url": delivery.endpoint.url}

    assert call(manager, "post", f"{office.pk}/webhooks", again).status_code == 400


def test_a_change_keeps_what_is_left_out(manager, office, delivery):
    endpoint = delivery.endpoint
    path = f"{office.pk}/webhooks/{endpoint.pk}"

    response = call(manager, "patch", path, {"is_active": False})

    assert response.json()["url"] == endpoint.url
    assert response.json()["is_active"] is False
    stale = call(manager, "patch", path, {"is_active": True}, **{"If-Match": '"old"'})
    assert stale.status_code == 412


def test_switched_off_what_is_queued_ends_and_is_not_replayed(manager, office):
    endpoint = WebhookEndpointFactory(office=office)
    delivery = WebhookDeliveryFactory(endpoint=endpoint)
    path = f"{office.pk}/webhooks/{endpoint.pk}"
    replay = f"{path}/deliveries/{delivery.pk}/replay"

    early = call(manager, "post", replay)
    call(manager, "patch", path, {"is_active": False})
    late = call(manager, "post", replay)

    assert (early.status_code, early.json()["code"]) == (409, "still_on_its_way")
    assert (late.status_code, late.json()["code"]) == (409, "webhook_off")
    delivery.refresh_from_db()
    assert delivery.status == "failed"


def test_the_log_can_be_filtered(manager, office, delivery):
    path = f"{office.pk}/webhooks/{delivery.endpoint_id}/deliveries"

    failed = call(manager, "get", f"{path}?status=failed").json()["results"]
    sent = call(manager, "get", f"{path}?status=sent").json()["results"]

    assert [row["id"] for row in failed] == [delivery.pk]
    assert sent == []


def test_a_delivery_shows_every_try_of_it(manager, office, delivery):
    WebhookAttemptFactory(
        delivery=delivery, response_status=None, response_body="", error="No answer."
    )
    WebhookAttemptFactory(delivery=delivery)
    path = f"{office.pk}/webhooks/{delivery.endpoint_id}/deliveries"

    told = call(manager, "get", f"{path}/{delivery.pk}").json()["tries"]

    assert [
        (one["duration_ms"], one["response_status"], one["response_body"], one["error"])
        for one in told
    ] == [(87, None, "", "No answer."), (87, 200, "thanks", "")]
    assert told[0]["request_headers"] == {"Webhook-Id": "4711"}
    assert "tries" not in call(manager, "get", path).json()["results"][0]


def test_one_webhook_too_many_is_refused(manager, office):
    WebhookEndpointFactory.create_batch(MOST_OF_AN_OFFICE - 1, office=office)

    response = call(manager, "post", f"{office.pk}/webhooks", NEW)

    assert response.status_code == 409
    assert response.json()["code"] == "too_many_webhooks"


@pytest.mark.parametrize("many", [1, 30])
def test_a_list_of_deliveries_costs_the_same(
    many, manager, office, delivery, django_assert_num_queries
):
    for _ in range(many - 1):
        WebhookDeliveryFactory(endpoint=delivery.endpoint)

    with django_assert_num_queries(5):
        call(manager, "get", f"{office.pk}/webhooks/{delivery.endpoint_id}/deliveries")


def test_a_replay_queues_it(manager, office, delivery):
    path = f"{office.pk}/webhooks/{delivery.endpoint_id}/deliveries/{delivery.pk}"

    response = call(manager, "post", f"{path}/replay")

    assert (response.json()["status"], response.json()["attempts"]) == ("queued", 0)
    assert WebhookDelivery.objects.due().get() == delivery


def test_times_have_the_office_s_offset(manager, office, delivery):
    offset = timezone.now().astimezone(office.zone).isoformat()[-6:]
    path = f"{office.pk}/webhooks/{delivery.endpoint_id}"

    webhook = call(manager, "get", path).json()
    told = call(manager, "get", f"{path}/deliveries/{delivery.pk}").json()

    times = [webhook["created_at"], told["created_at"], told["due_at"]]
    assert [time[-6:] for time in times] == [offset] * 3
