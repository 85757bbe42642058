"""The day on paper, and the page of the screen and the tablet."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.door import keys
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.pages import words
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from offices.models import Office
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

NINE = datetime(2030, 3, 5, 8, tzinfo=UTC)  # of a Tuesday, in Berlin
LIST = reverse("admin:day_list")
DOOR = reverse("admin:door")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NINE - timedelta(days=1), tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered():
    offered = OfficeServiceFactory(office__slug="town-hall", service__name="Passport")
    OpenHostFactory(office=offered.office, name="Counter A")
    return offered


@pytest.fixture
def book(offered, clock):
    """Book for a quarter of today, counted from nine; it is eight."""

    def book_for(quarter, **facts):
        with time_machine.travel(NINE - timedelta(days=1), tick=False):
            starts_at = NINE + quarter * QUARTER
            facts = {"override": "x", **facts}
            return AppointmentFactory(offered=offered, starts_at=starts_at, **facts)

    clock.move_to(NINE - timedelta(hours=1))
    return book_for


@pytest.fixture
def member(client, offered):
    user = MembershipFactory(office=offered.office, role=Role.RECEPTION).user
    client.force_login(user)
    return user


def listed(response):
    """[(host, [appointments])] as they stand on the page."""
    return [
        (group["host"].name, [row["visit"] for row in group["rows"]])
        for group in response.context["groups"]
    ]


# --- the list ---


def test_today_is_listed_by_host_and_time(client, offered, book, member):
    other = OpenHostFactory(office=offered.office, name="Counter B")
    second = book(2, host=offered.office.hosts.get(name="Counter A"))
    first = book(1, host=second.host)
    third = book(0, host=other)
    operations.cancel(book(3), by=None)
    AppointmentFactory(starts_at=NINE, override="x")

    assert listed(client.get(LIST)) == [
        ("Counter A", [first, second]),
        ("Counter B", [third]),
    ]


def test_each_line_says_what_is_needed_at_the_counter(client, book, member):
    visit = book(
        0,
        citizen__name="Ada Example",
        citizen__phone="+49301234567",
        access_needs="A step-free entrance",
        note="Bring the old file",
    )

    said = words(client.get(LIST))

    for fact in (
        "09:00 – 09:15 Ada Example Passport",
        f"{visit.reference} +49 30 1234567",
        "Needs: A step-free entrance",
        "Note: Bring the old file",
    ):
        assert fact in said


def test_what_is_not_yet_approved_is_marked(client, book, member):
    visit = book(0)
    type(visit).objects.update(status=Status.PENDING)

    assert "(not yet approved)" in words(client.get(LIST))


def test_another_day_can_be_chosen(client, book, member):
    book(0)

    page = client.get(LIST, {"day": "2030-03-06", "apart": "on"})

    assert listed(page) == []
    assert "There are no appointments on Wednesday 6 March 2030." in words(page)
    assert page.context["is_apart"]


@pytest.mark.parametrize("day", ["", "soon", "2030-02-30"])
def test_a_day_that_is_none_is_today(client, book, member, day):
    visit = book(0)

    assert listed(client.get(LIST, {"day": day})) == [("Counter A", [visit])]


@pytest.mark.parametrize("role", sorted(Role))
def test_each_role_has_the_list_of_its_office_alone(client, book, role):
    visit = book(0, citizen__name="Ada Example")
    client.force_login(MembershipFactory(office=visit.office, role=role).user)
    own = client.get(LIST)
    client.force_login(MembershipFactory(role=role).user)
    elsewhere = client.get(LIST)

    assert "Ada Example" in own.text
    assert "Ada Example" not in elsewhere.text
    assert client.get(LIST, {"office": visit.office.slug}).status_code == 404


def test_who_works_nowhere_does_not_get_in(client, offered):
    client.force_login(UserFactory(is_staff=True))

    assert client.get(LIST).status_code == 403
    assert client.get(DOOR).status_code == 403


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_costs_the_same_however_long(
    client, book, member, django_assert_num_queries, many
):
    for n in range(many):
        book(n)
    client.get(LIST)

    with django_assert_num_queries(9):
        client.get(LIST)


# --- the screen and the tablet ---


@pytest.fixture
def manager(client, offered):
    user = MembershipFactory(office=offered.office, role=Role.MANAGER).user
    client.force_login(user)
    return user


def key_of(offered):
    return Office.objects.get(pk=offered.office_id).tablet_key


def test_a_manager_sets_the_tablet_up_and_switches_it_off(client, offered, manager):
    client.post(f"{DOOR}?office=town-hall", {"make": "1"})
    made = key_of(offered)
    page = client.get(DOOR)
    offered.office.refresh_from_db()
    address = keys.url_for(offered.office)
    client.post(f"{DOOR}?office=town-hall", {"revoke": "1"})

    assert made is not None
    assert page.context["tablet"] == address
    assert address in page.text
    assert key_of(offered) is None
    assert "There is no tablet." in words(client.get(DOOR))


def test_the_screen_has_its_address_where_citizens_find_the_office(
    client, offered, manager
):
    shown = client.get(DOOR)
    Office.objects.update(is_public=False)
    hidden = client.get(DOOR)

    address = "http://localhost:8000/offices/town-hall/display/"
    assert (shown.context["screen"], shown.context["has_screen"]) == (address, True)
    assert address in shown.text
    assert address not in hidden.text


def test_hosts_without_a_place_are_counted(client, offered, manager):
    HostFactory(office=offered.office, place="Room 7")
    HostFactory(office=offered.office, is_active=False)

    assert client.get(DOOR).context["unplaced"] == 1


@pytest.mark.parametrize("role", sorted(role for role in Role if role != Role.MANAGER))
def test_nobody_else_sees_or_changes_the_key(client, offered, role):
    made = operations.make_tablet_key(offered.office, by=None).tablet_key
    client.force_login(MembershipFactory(office=offered.office, role=role).user)

    assert client.get(DOOR).status_code == 403
    assert client.post(DOOR, {"revoke": "1"}).status_code == 403
    assert key_of(offered) == made


def test_a_manager_of_another_office_neither(client, offered):
    made = operations.make_tablet_key(offered.office, by=None).tablet_key
    office = OfficeFactory()
    client.force_login(MembershipFactory(office=office, role=Role.MANAGER).user)

    assert client.get(DOOR, {"office": "town-hall"}).status_code == 404
    response = client.post(f"{DOOR}?office=town-hall", {"revoke": "1"})
    assert response.status_code == 404
    assert key_of(offered) == made
