"""The screen in the waiting room: numbers and places, and nothing else."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.pages import NOW, words
from availability.quarters import QUARTER
from offices.tests.factories import HostFactory, OfficeFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered():
    return OfficeServiceFactory(office__slug="town-hall", office__name="Town hall")


def called(offered, ticket, *, ago=0, to=None, **facts):
    """An appointment of today that was called some minutes ago."""
    starts_at = NOW + timedelta(hours=2) + ticket * QUARTER
    row = AppointmentFactory(offered=offered, starts_at=starts_at, override="x")
    facts = {
        "status": Status.CHECKED_IN,
        "ticket": ticket,
        "checked_in_at": NOW - timedelta(hours=2),
        "called_at": NOW - timedelta(minutes=ago),
        "called_to": to,
        **facts,
    }
    Appointment.objects.filter(pk=row.pk).update(**facts)
    row.refresh_from_db()
    return row


def screen(client, slug="town-hall", name="display", **kwargs):
    return client.get(reverse(f"appointments:{name}", args=[slug]), **kwargs)


def shown(response):
    """[(ticket, place)] as they stand on the page."""
    return [(call.ticket, call.place) for call in response.context["calls"]]


def test_the_newest_call_comes_first_with_where_to_go(client, offered):
    room = HostFactory(office=offered.office, name="Ms Secret", place="Room 7")
    counter = called(offered, 3, ago=9, to=HostFactory(office=offered.office)).called_to
    called(offered, 4, ago=1, to=room)

    response = screen(client)

    assert shown(response) == [(4, "Room 7"), (3, counter.name)]
    assert response.text.count("call--newest") == 1


def test_a_person_without_a_place_is_not_named(client, offered):
    person = HostFactory(office=offered.office, name="Ada Example", user=UserFactory())
    row = called(offered, 5, to=person)

    response = screen(client)

    assert shown(response) == [(5, "Please come in")]
    for secret in ("Ada Example", row.reference, row.citizen.name):
        assert secret not in response.text


def test_nobody_is_shown_who_has_not_just_been_called_here(client, offered):
    called(offered, 1, ago=60)
    called(offered, 2, called_at=None)
    called(OfficeServiceFactory(), 3)
    yesterday = called(offered, 4)
    Appointment.objects.filter(pk=yesterday.pk).update(day=NOW - timedelta(days=1))

    response = screen(client)

    assert shown(response) == []
    assert "Please wait. Your number will appear here." in words(response)


def test_the_last_six_are_shown(client, offered):
    for ticket in range(1, 9):
        called(offered, ticket, ago=20 - ticket)

    assert [ticket for ticket, _ in shown(screen(client))] == [8, 7, 6, 5, 4, 3]


@pytest.mark.parametrize("fields", [{"is_public": False}, {"status": "closed"}])
@pytest.mark.parametrize("name", ["display", "display_calls"])
def test_an_office_that_is_not_to_be_found_has_no_screen(client, name, fields):
    OfficeFactory(slug="hidden", **fields)

    assert screen(client, "hidden", name).status_code == 404
    assert screen(client, "nowhere", name).status_code == 404


def test_nothing_is_kept_by_browser_or_proxies(client, offered):
    response = screen(client)

    assert response.cookies == {}
    assert response.headers["Cache-Control"] == "no-store"


def test_what_has_not_changed_is_not_sent_again(client, offered, clock):
    called(offered, 1)

    first = screen(client, name="display_calls")
    headers = {"If-None-Match": first.headers["ETag"]}
    second = screen(client, name="display_calls", headers=headers)
    called(offered, 2)
    third = screen(client, name="display_calls", headers=headers)

    assert (first.status_code, second.status_code, third.status_code) == (200, 304, 200)
    assert first.cookies == second.cookies == {}
    assert "<html" not in first.text


@pytest.mark.parametrize("name", ["display", "display_calls"])
@pytest.mark.parametrize("many", [1, 30])
def test_a_screen_costs_two_queries(
    client, offered, django_assert_num_queries, many, name
):
    for ticket in range(1, many + 1):
        called(offered, ticket)

    with django_assert_num_queries(2):
        screen(client, name=name)


def test_the_day_is_that_of_the_office(client, clock):
    offered = OfficeServiceFactory(
        office__slug="far", office__time_zone="Pacific/Auckland"
    )
    called(offered, 7)
    clock.move_to(NOW + timedelta(hours=6))  # there it is two in the morning

    Appointment.objects.update(day="2030-03-12", called_at=timezone.now())
    yesterdays = shown(screen(client, "far"))
    Appointment.objects.update(day="2030-03-13")
    todays = [ticket for ticket, _ in shown(screen(client, "far"))]

    assert (yesterdays, todays) == ([], [7])
