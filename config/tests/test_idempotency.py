"""A POST with an Idempotency-Key does what it does once."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from availability.tests.races import at_once
from config.api import idempotency
from config.models import IdempotencyKey
from config.tasks import purge_idempotency_keys

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.tests.api_site")]


def post(name, key="a-key", *, path="groups", client=None, **options):
    client = client or APIClient(raise_request_exception=False)
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/api/v1/{path}", {"name": name}, headers=headers, **options)


def names():
    return sorted(Group.objects.values_list("name", flat=True))


def test_again_gives_the_first_answer_and_does_nothing():
    first = post("one")

    again = post("one")

    assert names() == ["one"]
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Location"] == first["Location"]
    assert again["Content-Type"] == first["Content-Type"] == "application/json"
    assert again["ETag"] == first["ETag"]
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"


def test_without_a_key_nothing_is_kept():
    post("one", key=None)

    assert IdempotencyKey.objects.count() == 0


def test_a_body_is_the_same_however_it_is_written():
    client = APIClient()
    written = ['{"name": "one", "x": 1}', '{ "x":1,\n"name":"one"}']

    statuses = [
        client.post(
            "/api/v1/groups",
            text,
            content_type="application/json",
            headers={"Idempotency-Key": "a-key"},
        ).status_code
        for text in written
    ]

    assert (statuses, names()) == ([201, 201], ["one"])


def test_a_key_with_another_body_is_refused():
    post("one")

    answer = post("two")

    assert (answer.status_code, answer.json()["code"]) == (
        422,
        "idempotency_key_reused",
    )
    assert names() == ["one"]


def test_a_key_at_another_address_is_refused():
    post("one")

    assert post("one", path="groups?draft=1").status_code == 422


def test_each_caller_has_keys_of_his_own():
    clients = [APIClient(), APIClient(), APIClient()]
    for client in clients[1:]:
        client.force_authenticate(UserFactory())

    for number, client in enumerate(clients):
        post(f"group {number}", client=client)

    assert names() == ["group 0", "group 1", "group 2"]


def test_a_refusal_is_kept_and_leaves_nothing_else():
    first = post("full")

    again = post("full")

    assert (first.status_code, again.status_code) == (409, 409)
    assert again.content == first.content
    assert again["Content-Type"] == "application/problem+json"
    assert again["Idempotent-Replayed"] == "true"
    assert names() == []


@pytest.mark.parametrize(
    ("name", "status"), [("invalid", 400), ("forbidden", 403), ("busy", 503)]
)
def test_what_no_operation_has_decided_is_not_kept(name, status):
    first = post(name)

    again = post("something else")

    assert (first.status_code, again.status_code) == (status, 201)
    assert names() == ["something else"]


def test_a_crash_leaves_neither_effect_nor_answer():
    answer = post("any", path="crash")

    assert answer.status_code == 500
    assert (names(), IdempotencyKey.objects.count()) == ([], 0)


def test_after_a_day_the_key_is_new():
    post("one")

    with time_machine.travel(timezone.now() + idempotency.KEPT_FOR, tick=True):
        answer = post("two")

    assert (answer.status_code, names()) == (201, ["one", "two"])


def test_old_answers_are_forgotten():
    post("one", key="old")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    post("two", key="new")

    purge_idempotency_keys()

    assert [row.key for row in IdempotencyKey.objects.all()] == ["new"]


@pytest.mark.parametrize("key", [" ", "x" * 256, "two words", "schlüssel"])
def test_a_key_that_is_none_is_refused(key):
    answer = post("one", key=key)

    assert (answer.status_code, answer.json()["code"]) == (
        400,
        "invalid_idempotency_key",
    )


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_at_once_one_does_it():
    answers = at_once(*[partial(post, "one")] * 100)

    told = {(answer.status_code, "Retry-After" in answer.headers) for answer in answers}
    assert names() == ["one"]
    assert told <= {(201, False), (409, True)}
    assert post("one")["Idempotent-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_one_that_still_runs_is_not_waited_for():
    with transaction.atomic():
        assert idempotency._only_one("guest", "a-key")
        [answer] = at_once(partial(post, "one"))

    assert (answer.status_code, answer.json()["code"]) == (
        409,
        "idempotency_in_progress",
    )
    assert answer["Retry-After"] == "1"
    assert post("one").status_code == 201
