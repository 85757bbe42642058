"""The admin's first page: what it says of the day, and to whom."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from accounts.tests.factories import AdminFactory
from appointments import operations
from appointments.models import Appointment
from appointments.statistics import today
from appointments.tests.factories import AppointmentFactory, local
from appointments.tests.test_exports import clone
from availability.tests.factories import OpenHostFactory
from offices import operations as offices
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db

YESTERDAY, DAY = date(2027, 1, 11), date(2027, 1, 12)
URL = "/admin/"


@pytest.fixture(autouse=True)
def yesterday():
    with time_machine.travel(datetime(2027, 1, 11, 5, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def offered():
    offered = OfficeServiceFactory(office__name="Home office")
    OpenHostFactory(office=offered.office)
    return offered


def book(offered, day, clock, **kwargs):
    starts_at = local(offered.office, day, clock)
    return AppointmentFactory(offered=offered, starts_at=starts_at, **kwargs)


def become(appointment, status, **times):
    Appointment.objects.filter(pk=appointment.pk).update(status=status, **times)


@pytest.fixture
def at_nine(offered, yesterday):
    """One of each kind, seen at nine o'clock of the next day."""
    since = datetime(2027, 1, 12, 7, 50, tzinfo=UTC)
    book(offered, DAY, time(10))
    become(book(offered, DAY, time(9)), "checked_in", checked_in_at=since)
    become(
        book(offered, DAY, time(8, 45)),
        "checked_in",
        checked_in_at=since - timedelta(hours=1),
        called_at=since,
    )
    become(
        book(offered, DAY, time(8, 30)),
        "in_progress",
        checked_in_at=since,
        called_at=since,
        started_at=since,
    )
    become(book(offered, DAY, time(8, 15)), "completed")
    become(book(offered, DAY, time(8)), "no_show")
    become(book(offered, DAY + timedelta(days=3), time(8)), "pending")
    book(offered, YESTERDAY, time(9))
    book(offered, YESTERDAY, time(8))
    lost = book(offered, DAY + timedelta(days=1), time(8))
    lost.host.days.filter(day=lost.day).update(open=0)
    yesterday.move_to(datetime(2027, 1, 12, 8, tzinfo=UTC))


def everything(permission, office_id):
    return True


def test_each_kind_is_counted_once(offered, at_nine):
    (day,) = today.days([offered.office], everything)

    ten = timedelta(minutes=10)
    assert day == (offered.office, 1, 1, ten, 2, 1, 1, 1, 1, 2)


def test_an_office_at_rest(offered):
    assert today.days([offered.office], everything) == [
        (offered.office, 0, 0, None, 0, 0, 0, 0, 0, 0)
    ]


def to_do(response):
    return {
        number.name: number.count
        for day in response.context["office_days"]
        for number in day.to_do
    }


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.HOST, {"Requests to decide", "Not closed"}),
        (
            Role.MANAGER,
            {"Appointments without hours", "Requests to decide", "Not closed"},
        ),
        (Role.RECEPTION, {"Appointments without hours", "Not closed"}),
        (
            Role.SECRETARY,
            {"Appointments without hours", "Requests to decide", "Not closed"},
        ),
    ],
)
def test_each_role_is_told_what_it_can_do(role, names, offered, at_nine, client):
    member = MembershipFactory(office=offered.office, role=role)
    client.force_login(member.user)

    response = client.get(URL)

    assert set(to_do(response)) == names
    for day in response.context["office_days"]:
        links = {number.url for number in [*day.day, *day.to_do]}
        assert {client.get(link).status_code for link in links} == {200}


def test_nothing_is_said_of_another_office(offered, at_nine, client):
    client.force_login(MembershipFactory(role=Role.MANAGER).user)

    response = client.get(URL)

    assert len(response.context["office_days"]) == 1
    assert (to_do(response), "Home office" in response.text) == ({}, False)


def test_hosts_see_their_own_next_appointments(offered, client):
    member = MembershipFactory(office=offered.office, role=Role.HOST)
    own = OpenHostFactory(office=offered.office, user=member.user)
    mine = book(offered, DAY, time(9), host=own)
    book(offered, DAY, time(9))
    operations.cancel(book(offered, DAY, time(8), host=own), by=None, reason="Ill")
    client.force_login(member.user)

    assert today.next_of(member.user) == [mine]
    assert [each.when for each in client.get(URL).context["own"]] == ["Tomorrow, 09:00"]


def test_who_has_left_sees_nothing(offered):
    member = MembershipFactory(office=offered.office, role=Role.HOST)
    own = OpenHostFactory(office=offered.office, user=member.user)
    book(offered, DAY, time(9), host=own)

    offices.end_membership(member, by=None)

    assert today.next_of(member.user) == []


def test_an_admin_without_offices_is_led_to_the_first(client):
    client.force_login(AdminFactory())

    assert "Add the first one" in client.get(URL).text


def test_an_admin_of_a_city_sees_some_offices(client):
    for _ in range(31):
        OfficeServiceFactory()
    client.force_login(AdminFactory())

    response = client.get(URL)

    assert len(response.context["office_days"]) == 30
    assert response.context["more_offices"]


@pytest.mark.parametrize("many", [1, 30])
def test_thirty_offices_ask_no_more_than_one(
    many, offered, client, django_assert_num_queries
):
    member = MembershipFactory(office=offered.office, role=Role.MANAGER)
    booked = book(offered, DAY, time(9))
    for _ in range(many - 1):
        other = OfficeServiceFactory()
        offices.add_member(member.user, other.office, Role.MANAGER, by=None)
        clone(booked)
    client.force_login(member.user)
    client.get(URL)

    with django_assert_num_queries(12):
        client.get(URL)
