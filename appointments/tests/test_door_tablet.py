"""Checking in at the door, where a stranger must learn nothing."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse

from appointments import links, operations, references
from appointments.door import keys
from appointments.exceptions import NotToday, TooEarly, TransitionRefused
from appointments.models import Appointment
from appointments.states import EventKind, Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.history import last_line
from appointments.tests.pages import words
from availability.quarters import QUARTER
from offices.roles import Permission, Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

NINE = datetime(2030, 3, 13, 8, tzinfo=UTC)  # in Berlin
EARLY = NINE - timedelta(hours=1)
MOMENT = timedelta(microseconds=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NINE - timedelta(days=1), tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered():
    offered = OfficeServiceFactory(office__slug="town-hall")
    operations.make_tablet_key(offered.office, by=None)
    offered.office.refresh_from_db()
    return offered


@pytest.fixture
def visit(offered, clock):
    """Ada's, at nine; it is ten to nine."""
    visit = AppointmentFactory(
        offered=offered, starts_at=NINE, citizen__name="Ada Example"
    )
    clock.move_to(NINE - timedelta(minutes=10))
    return visit


@pytest.fixture
def tablet(offered):
    return keys.url_for(offered.office).removeprefix("http://localhost:8000")


def enter(client, tablet, reference):
    return client.post(tablet, {"reference": reference})


def enter_name(client, tablet, name, time="09:00"):
    return client.post(f"{tablet}?by=name", {"name": name, "time": time})


def status(visit):
    return Appointment.objects.get(pk=visit.pk).status


# --- who comes ---


@pytest.mark.parametrize("written", [str, str.lower, lambda r: r.replace("-", " ")])
def test_a_reference_checks_in(client, tablet, visit, written):
    response = enter(client, tablet, written(visit.reference))

    assert response.status_code == 303
    assert status(visit) == Status.CHECKED_IN
    assert last_line(visit) == (EventKind.CHECKED_IN, "system", None, "")


def test_the_qr_code_checks_in(client, tablet, visit):
    response = enter(client, tablet, links.url_for(visit))

    assert (response.status_code, status(visit)) == (303, Status.CHECKED_IN)


@pytest.mark.parametrize("name", ["Ada Example", "  ada   EXAMPLE "])
def test_a_name_and_a_time_check_in(client, tablet, visit, name):
    response = enter_name(client, tablet, name)

    assert (response.status_code, status(visit)) == (303, Status.CHECKED_IN)


def test_the_ticket_says_where_to_wait_and_how_long(client, tablet, offered, visit):
    starts_at = NINE + QUARTER
    first = AppointmentFactory(offered=offered, starts_at=starts_at, override="x")
    operations.check_in(first, by=None)
    response = enter(client, tablet, visit.reference)
    Appointment.objects.filter(pk=visit.pk).update(
        ticket=12, checked_in_at=NINE + MOMENT
    )

    page = client.get(response.url)

    assert "Your number 12" in words(page)
    assert "About 1 person is before you." in words(page)
    assert "Please take a seat." in words(page)
    for secret in ("Ada Example", visit.reference, first.reference):
        assert secret not in page.text


def test_who_was_called_already_is_told_where_to_go(client, tablet, visit):
    response = enter(client, tablet, visit.reference)
    host = visit.host
    host.place = "Room 7"
    host.save()
    Appointment.objects.filter(pk=visit.pk).update(called_at=NINE, called_to=host)

    assert "Your number has been called: Room 7 ." in words(client.get(response.url))


def test_who_taps_twice_is_shown_the_same_ticket(client, tablet, visit):
    first = enter(client, tablet, visit.reference)
    second = enter(client, tablet, visit.reference)

    assert (first.status_code, second.status_code) == (303, 303)
    assert visit.events.filter(kind=EventKind.CHECKED_IN).count() == 1


def test_a_ticket_is_off_the_screen_soon(client, tablet, visit, clock):
    response = enter(client, tablet, visit.reference)
    clock.shift(timedelta(seconds=121))

    again = client.get(response.url)

    assert (again.status_code, again.url) == (302, tablet)


@pytest.mark.parametrize("signed", ["x", "abc:def:ghi"])
def test_nobody_makes_up_a_ticket(client, tablet, signed):
    assert client.get(f"{tablet}{signed}/").url == tablet


def test_a_ticket_of_another_office_is_none_here(client, tablet, visit):
    elsewhere = operations.make_tablet_key(OfficeFactory(), by=None)
    response = enter(client, tablet, visit.reference)
    signed = response.url.rstrip("/").rpartition("/")[2]

    there = keys.url_for(elsewhere).removeprefix("http://localhost:8000")

    assert client.get(f"{there}{signed}/").url == there


# --- who does not ---


def test_whoever_is_not_found_the_answer_is_the_same(client, tablet, offered, visit):
    other = AppointmentFactory(starts_at=NINE, override="x", citizen__name="Bob")
    tomorrow = AppointmentFactory(offered=offered, starts_at=NINE + timedelta(days=1))
    gone = AppointmentFactory(offered=offered, starts_at=NINE + QUARTER, override="x")
    operations.cancel(gone, by=None)
    wrong = [
        *(references.make(), "nonsense", "' OR 1=1 --", "/appointments/x/"),
        *(row.reference for row in (other, tomorrow, gone)),
        *(links.url_for(row) for row in (other, tomorrow, gone)),
    ]

    answers = set()
    for typed in wrong:
        response = enter(client, tablet, typed)
        page = re.sub(r'value="[^"]*"', "", response.text)
        answers.add((response.status_code, re.sub("“[^”]*”", "“…”", page)))
    sentence = "We found nothing for today under “nonsense”."

    assert len(answers) == 1
    assert response.status_code == 422
    assert sentence in words(enter(client, tablet, "nonsense"))
    assert status(visit) == Status.CONFIRMED


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("Ada", "09:00"),
        ("Ada Exampl", "09:00"),
        ("Ada Example", "09:15"),
        ("%", "09:00"),
        ("Bob", "09:00"),
    ],
)
def test_a_name_must_be_whole_and_the_time_right(client, tablet, visit, name, time):
    response = enter_name(client, tablet, name, time)

    assert response.status_code == 422
    assert f"We found nothing for today under “{name}”." in words(response)
    assert status(visit) == Status.CONFIRMED


def test_of_two_namesakes_at_one_time_none_is_guessed(client, tablet, offered, visit):
    starts_at = NINE + QUARTER
    twin = AppointmentFactory(offered=offered, starts_at=starts_at, override="x")
    Appointment.objects.filter(pk=twin.pk).update(
        starts_at=NINE, ends_at=NINE + QUARTER, status=Status.NO_SHOW
    )
    twin.citizen.name = "Ada Example"
    twin.citizen.save()

    assert enter_name(client, tablet, "Ada Example").status_code == 422


@pytest.mark.parametrize(
    ("query", "data", "message"),
    [
        ("", {"reference": ""}, "Enter your reference."),
        ("?by=name", {"name": "", "time": "09:00"}, "Enter your name."),
        ("?by=name", {"name": "Ada"}, "Enter the time of your appointment."),
        ("?by=name", {"name": "Ada", "time": "soon"}, "Enter a time like 9:15."),
    ],
)
def test_what_is_missing_is_named(client, tablet, query, data, message):
    response = client.post(f"{tablet}{query}", data)

    assert response.status_code == 422
    assert message in words(response)


def test_who_comes_too_early_is_told_when(client, tablet, visit, clock):
    clock.move_to(EARLY - MOMENT)

    refused = enter(client, tablet, visit.reference)
    before = status(visit)
    clock.move_to(EARLY)
    taken = enter(client, tablet, visit.reference)

    assert (refused.status_code, before) == (409, Status.CONFIRMED)
    assert "You can do so from 08:00 on." in words(refused)
    assert taken.status_code == 303


@pytest.mark.parametrize("now", [Status.COMPLETED, Status.NO_SHOW, Status.PENDING])
def test_what_the_state_of_things_refuses_is_said(client, tablet, visit, now):
    Appointment.objects.filter(pk=visit.pk).update(status=now)

    response = enter(client, tablet, visit.reference)

    assert response.status_code == 409
    assert f"the appointment is “{now.label}”" in words(response)
    assert "Please ask at the reception." in words(response)
    assert status(visit) == now


# --- the tablet itself ---


def test_the_page_itself_shows_nobody(client, tablet, visit):
    for address in (tablet, f"{tablet}?by=name"):
        page = client.get(address)

        assert page.status_code == 200
        assert "Ada" not in page.text
        assert visit.reference not in page.text
        assert 'autocomplete="off"' in page.text
        assert page.headers["Cache-Control"] == "private, no-store"
        assert page.cookies.keys() == {"csrftoken"}


def test_a_wrong_key_opens_nothing(client, offered, tablet, visit):
    other = operations.make_tablet_key(OfficeFactory(), by=None)
    wrong = [
        "x",
        offered.office.tablet_key.hex,
        keys.token_for(offered.office)[:-1],
        keys.token_for(other),
    ]

    for key in wrong:
        path = reverse("appointments:tablet", args=["town-hall", key])
        assert client.get(path).status_code == 404
        assert enter(client, path, visit.reference).status_code == 404
        assert client.get(f"{path}x/").status_code == 404

    assert status(visit) == Status.CONFIRMED


def test_a_new_key_ends_the_old_one_and_none_ends_it_too(client, offered, tablet):
    new = operations.make_tablet_key(offered.office, by=None)
    old = client.get(tablet).status_code
    address = keys.url_for(new)
    fresh = client.get(address).status_code
    without = operations.revoke_tablet_key(offered.office, by=None)

    assert (old, fresh, client.get(address).status_code) == (404, 200, 404)
    assert keys.url_for(without) is None


def test_a_closed_office_has_no_tablet(client, offered, tablet):
    offered.office.status = "closed"
    offered.office.save()

    assert client.get(tablet).status_code == 404


def test_who_guesses_too_often_has_to_wait_at_this_tablet_alone(
    client, settings, tablet, visit
):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMIT = "2/60s"
    cache.clear()
    other = operations.make_tablet_key(OfficeFactory(), by=None)

    statuses = [enter(client, tablet, "x").status_code for _ in range(3)]
    right = enter(client, tablet, visit.reference).status_code
    elsewhere = enter(client, keys.url_for(other), "x").status_code

    assert statuses == [422, 422, 429]
    assert (right, elsewhere) == (429, 422)


def test_a_forged_form_is_refused(tablet, visit, client):
    client.handler.enforce_csrf_checks = True

    assert enter(client, tablet, visit.reference).status_code == 403


# --- the operations ---


@pytest.mark.parametrize(
    "operation", [operations.make_tablet_key, operations.revoke_tablet_key]
)
@pytest.mark.parametrize("role", sorted(role for role in Role if role != Role.MANAGER))
def test_only_who_manages_the_office_gives_it_a_tablet(offered, operation, role):
    key = offered.office.tablet_key
    stranger = MembershipFactory(role=Role.MANAGER).user
    member = MembershipFactory(office=offered.office, role=role).user

    for by in (stranger, member):
        with pytest.raises(PermissionDenied):
            operation(offered.office, by=by)

    offered.office.refresh_from_db()
    assert offered.office.tablet_key == key


def test_a_manager_may(offered):
    manager = MembershipFactory(office=offered.office, role=Role.MANAGER).user

    assert manager.has_perm(f"offices.{Permission.MANAGE_OFFICE}", offered.office)
    assert operations.revoke_tablet_key(offered.office, by=manager).tablet_key is None


def test_the_door_of_another_office_checks_in_nobody(visit):
    other = operations.make_tablet_key(OfficeFactory(), by=None)

    for key in (other.tablet_key, None):
        with pytest.raises(PermissionDenied):
            operations.check_in_at_door(visit, key=key)

    assert status(visit) == Status.CONFIRMED


def test_no_key_is_not_the_key_of_an_office_without(visit):
    operations.revoke_tablet_key(visit.office, by=None)

    with pytest.raises(PermissionDenied):
        operations.check_in_at_door(visit, key=None)


def test_the_door_refuses_as_the_desk_does_and_leaves_no_trace(visit, clock):
    key = visit.office.tablet_key
    lines = visit.events.count()

    clock.move_to(NINE + timedelta(days=1))
    with pytest.raises(NotToday):
        operations.check_in_at_door(visit, key=key)
    clock.move_to(EARLY - MOMENT)
    with pytest.raises(TooEarly):
        operations.check_in_at_door(visit, key=key)
    clock.move_to(NINE)
    operations.check_in_at_door(visit, key=key)
    with pytest.raises(TransitionRefused):
        operations.check_in_at_door(visit, key=key)

    assert visit.events.count() == lines + 1


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_give_one_ticket(tablet, visit):
    start = threading.Barrier(4)

    def tap():
        start.wait()
        try:
            return enter(Client(), tablet, visit.reference).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        statuses = [each.result() for each in [pool.submit(tap) for _ in range(4)]]

    assert statuses == [303] * 4
    assert visit.events.filter(kind=EventKind.CHECKED_IN).count() == 1
