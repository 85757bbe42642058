"""Django's own pages of hours, exceptions and closures ask first whom a change hurts.

A manager of a town hall with two counters that are open every day from 8 to 16.
"""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from appointments.invariants import broken
from appointments.tests.factories import AppointmentFactory
from appointments.tests.impact import everything, member_of, of
from appointments.tests.pages import NOW, town_hall, utc, words
from appointments.tests.test_impact_pages import chosen, fields
from availability import operations as availability
from availability.models import (
    AvailabilityException,
    AvailabilityRule,
    Hold,
    HostDay,
)
from offices.models import Closure

NINE = utc("2030-03-13T08:00")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(clock):
    return town_hall(hosts=2)


@pytest.fixture
def hosts(offered):
    return list(offered.office.hosts.order_by("pk"))


@pytest.fixture
def manager(offered, client):
    user = member_of(offered.office)
    client.force_login(user)
    return user


@pytest.fixture
def appointment(manager, offered, hosts):
    """Tomorrow at nine with the first counter."""
    return AppointmentFactory(offered=offered, host=hosts[0], starts_at=NINE)


def url(model, view, *args):
    return reverse(
        f"admin:{model._meta.label_lower.replace('.', '_')}_{view}", args=args
    )


def settings():
    """All but what is kept for the one who asks, and what Django notes of a sign-in."""
    found = everything()
    del found[Hold]
    for day in found[HostDay]:
        del day["claimed"], day["free"]
    return found


def posted(client, model, view, *args, **fields):
    """The response of a page of a row, and whether it has changed nothing."""
    before = settings()
    response = client.post(url(model, view, *args), fields)
    return response, settings() == before


EXCEPTION = {
    "kind": "away",
    "day": "2030-03-13",
    "start_time": "09:00",
    "end_time": "10:00",
    "reason": "",
}


def test_to_add_time_away(client, appointment, hosts):
    response, unchanged = posted(
        client, AvailabilityException, "add", host=hosts[0].pk, **EXCEPTION
    )

    assert (response.status_code, unchanged) == (200, True)
    text = words(response)
    assert f"{hosts[0]}: Away, Wednesday 13 March 2030 09:00 – 10:00." in text
    assert appointment.reference in text


def test_what_is_decided_there_is_done(client, appointment, hosts):
    response, _unchanged = posted(
        client, AvailabilityException, "add", host=hosts[0].pk, **EXCEPTION
    )

    done = client.post("/admin/impact/", {**fields(response), "do": "apply"})

    assert "back=%2Fadmin%2Favailability%2Favailabilityexception%2F" in done.url
    assert AvailabilityException.objects.count() == 1
    assert of(appointment).host == hosts[1]
    assert broken() == {}


def test_what_hurts_nobody_is_saved_as_ever(client, appointment, hosts):
    response, _unchanged = posted(
        client, AvailabilityException, "add", host=hosts[1].pk, **EXCEPTION
    )

    assert response.url == url(AvailabilityException, "changelist")
    assert AvailabilityException.objects.count() == 1
    assert not Hold.objects.exists()


def test_what_is_wrong_is_said_on_the_form(client, appointment, hosts):
    response, unchanged = posted(
        client,
        AvailabilityException,
        "add",
        host=hosts[0].pk,
        **{**EXCEPTION, "end_time": "08:00"},
    )

    assert (response.status_code, unchanged) == (200, True)
    assert "The time must end after it starts." in words(response)


def test_to_change_opening_hours(client, appointment, hosts):
    rule = hosts[0].rules.get()

    response, unchanged = posted(
        client,
        AvailabilityRule,
        "change",
        rule.pk,
        start_time="10:00",
        end_time="16:00",
        weekdays=[1, 2, 3, 4, 5, 6, 7],
    )

    assert (response.status_code, unchanged) == (200, True)
    assert chosen(response) == [f"Give to {hosts[1]}, same time"]
    client.post("/admin/impact/", {**fields(response), "do": "apply"})
    assert hosts[0].rules.get().start_time.hour == 10
    assert of(appointment).host == hosts[1]


def test_to_delete_opening_hours(client, appointment, hosts):
    rule = hosts[0].rules.get()

    response, unchanged = posted(
        client, AvailabilityRule, "delete", rule.pk, post="yes"
    )

    assert (response.status_code, unchanged) == (200, True)
    assert f"Opening hours of {hosts[0]} deleted" in words(response)


@pytest.mark.parametrize("together", [True, False])
def test_to_delete_several(client, appointment, hosts, together):
    rules = AvailabilityRule.objects.filter(host__in=hosts if together else hosts[1:])
    before = settings()

    response = client.post(
        url(AvailabilityRule, "changelist"),
        {
            "action": "delete_selected",
            "_selected_action": [rule.pk for rule in rules],
            "post": "yes",
        },
    )

    if together:
        assert response.status_code == 200
        assert chosen(response) == ["Cancel and tell"]
        assert settings() == before
    else:
        assert response.status_code == 302
        assert AvailabilityRule.objects.count() == 1


CLOSURE = {
    "starts_at": "2030-03-13T00:00",
    "ends_at": "2030-03-14T00:00",
    "reason": "A flood",
}


def test_to_close_the_office(client, appointment, offered):
    response, unchanged = posted(
        client, Closure, "add", office=offered.office.pk, **CLOSURE
    )

    assert (response.status_code, unchanged) == (200, True)
    assert "Town hall closed: Tomorrow." in words(response)
    assert fields(response)["reason"] == "The office is closed at that time: A flood"
    client.post("/admin/impact/", {**fields(response), "do": "apply"})
    assert of(appointment).starts_at == NINE + timedelta(days=1)
    assert Closure.objects.get(kind="staff").reason == "A flood"


def test_to_end_extra_hours(client, offered, hosts, manager):
    extra = AvailabilityException(
        host=hosts[0],
        kind="extra",
        day="2030-03-13",
        start_time="18:00",
        end_time="19:00",
    )
    availability.set_hours(hosts[0], save=[extra], by=None)
    AppointmentFactory(
        offered=offered, host=hosts[0], starts_at=NINE + timedelta(hours=9)
    )

    response, unchanged = posted(
        client, AvailabilityException, "delete", extra.pk, post="yes"
    )

    assert (response.status_code, unchanged) == (200, True)


def test_to_reopen_asks_nobody(client, appointment, offered):
    closure = availability.close(
        offered.office,
        starts_at=NINE + timedelta(hours=3),
        ends_at=NINE + timedelta(hours=4),
        by=None,
    )

    response, _unchanged = posted(client, Closure, "delete", closure.pk, post="yes")

    assert response.status_code == 302
    assert not Closure.objects.filter(pk=closure.pk).exists()
