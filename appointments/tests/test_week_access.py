"""Who may look at the calendar and who may change hours; and what looking costs."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import AdminFactory, UserFactory
from appointments.admin.week import PAGES
from appointments.tests.calendar_world import (
    NOW,
    TODAY,
    WEDNESDAY,
    choices,
    look,
    page,
    sign_in,
)
from appointments.tests.factories import AppointmentFactory, tomorrow_at
from availability import operations
from availability.models import AvailabilityException
from availability.tests.factories import OpenHostFactory
from offices.roles import Role
from offices.tests.factories import (
    ClosureFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def host():
    return OpenHostFactory(name="Counter 1", office__slug="town-hall")


@pytest.fixture
def staff(client, host):
    return sign_in(client, host.office)


# --- who may look, and who may change ---


@pytest.mark.parametrize("role", sorted(Role.values))
def test_each_member_looks(client, host, role):
    sign_in(client, host.office, role)

    assert look(client, host).status_code == 200
    assert client.get(page(host, "calendar")).status_code == 200


def addresses(host):
    """Every page that changes hours, of rows that there are."""
    rule = host.rules.get(day=None)
    away = AvailabilityException.objects.create(host=host, kind="away", day=TODAY)
    closure = ClosureFactory(
        office=host.office,
        starts_at=NOW + timedelta(days=2),
        ends_at=NOW + timedelta(days=3),
    )
    holiday = ClosureFactory(
        office=host.office,
        kind="holiday",
        starts_at=NOW + timedelta(days=9),
        ends_at=NOW + timedelta(days=10),
    )
    keys = {
        "hours": rule.pk,
        "exceptions": away.pk,
        "closures": closure.pk,
        "holidays": holiday.pk,
    }
    query = {"day": "2030-03-13", "from": "08:00"}
    found = []
    for where, (name, _page) in PAGES.items():
        if name != "calendar":
            args = [keys[where.split("/")[0]]] if "<int:pk>" in where else []
            found.append(page(host, name, *args, **query))
    return found


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SECRETARY])
def test_who_manages_hours_gets_every_page(client, host, role):
    found = addresses(host)
    sign_in(client, host.office, role)

    assert {url: client.get(url).status_code for url in found} == dict.fromkeys(
        found, 200
    )


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION])
def test_who_does_not_is_offered_nothing_and_refused(client, host, role):
    found = addresses(host)
    sign_in(client, host.office, role)
    response = look(client, host)

    assert response.context["actions"] == []
    assert choices(response, WEDNESDAY) == []
    assert {day.add for day in response.context["days"]} == {""}
    assert [client.get(url).status_code for url in found] == [403] * len(found)
    assert [client.post(url).status_code for url in found] == [403] * len(found)


@pytest.mark.parametrize("role", sorted(Role.values))
def test_another_office_does_not_exist(client, host, role):
    found = addresses(host)
    sign_in(client, OfficeFactory(), role)
    refused = 404 if role in (Role.MANAGER, Role.SECRETARY) else 403

    assert look(client, host).status_code == 404
    assert [client.get(url).status_code for url in found] == [refused] * len(found)
    assert [client.post(url).status_code for url in found] == [refused] * len(found)


def test_rows_of_another_office_are_not_found_at_ones_own(client, host):
    found = addresses(host)
    own = OpenHostFactory()
    sign_in(client, own.office, Role.MANAGER)
    moved = [
        url.replace("office=town-hall", f"office={own.office.slug}")
        for url in found
        if not url.startswith(("/admin/calendar/weekly", "/admin/calendar/once"))
        and not url.startswith(("/admin/calendar/time-off", "/admin/calendar/copy"))
    ]

    assert [client.get(url).status_code for url in moved] == [404] * len(moved)
    assert client.get(page(own, "calendar", host=host.pk)).status_code == 404


def test_a_host_of_another_office_is_no_choice(client, host):
    own = OpenHostFactory()
    sign_in(client, own.office, Role.MANAGER)

    response = client.post(
        page(own, "calendar_once"),
        {"host": host.pk, "day": "2030-03-13", "start": "17:00", "end": "18:00"},
    )

    assert response.context["form"].errors == {
        "host": ["Choose one of the hosts of this office."]
    }


def test_a_host_here_who_manages_hours_elsewhere_changes_nothing_here(client, host):
    found = addresses(host)
    user = MembershipFactory(office=host.office, role=Role.HOST).user
    MembershipFactory(user=user, role=Role.SECRETARY)
    client.force_login(user)

    assert look(client, host).context["actions"] == []
    assert [client.post(url).status_code for url in found] == [404] * len(found)


def test_an_admin_sees_all_offices(client, host):
    client.force_login(AdminFactory())

    assert look(client, host).status_code == 200


def test_a_citizen_gets_nothing(client, host):
    client.force_login(UserFactory(is_staff=True))

    assert look(client, host).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        {"host": "nobody"},
        {"host": "99999999999999999999"},
        {"week": "2030-W60"},
        {"week": "soon"},
        {"day": "soon"},
        {"day": "9999-12-31"},
        {"day": "0001-01-01"},
    ],
)
def test_what_is_not_there_is_not_found(staff, host, query):
    assert staff.get(page(host, "calendar", **query)).status_code == 404


@pytest.mark.parametrize("name", ["calendar_day", "calendar_drop_day"])
def test_days_that_are_over_cannot_be_changed(staff, host, name):
    address = page(host, name, host.rules.get().pk, day="2030-03-11")

    assert staff.post(address).status_code == 404


# --- how much it asks of the database ---


def asked(client, url):
    """How many queries a page takes."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("many", [1, 30])
def test_the_week_of_an_office_asks_the_same_of_one_host_and_of_thirty(
    client, host, many
):
    offered = OfficeServiceFactory(office=host.office)
    for other in [host, *OpenHostFactory.create_batch(many - 1, office=host.office)]:
        AppointmentFactory(offered=offered, host=other)
        away = AvailabilityException(kind="away", day=TODAY)
        operations.set_hours(other, save=[away], by=None)
        ClosureFactory(
            office=host.office,
            host=other,
            starts_at=NOW + timedelta(days=2),
            ends_at=NOW + timedelta(days=3),
        )
    sign_in(client, host.office)

    assert asked(client, page(host, "calendar")) == 13


@pytest.mark.parametrize("many", [1, 30])
def test_the_week_of_a_host_asks_the_same_of_one_appointment_and_of_thirty(
    client, host, many
):
    offered = OfficeServiceFactory(office=host.office)
    first = tomorrow_at(host.office, time(8))
    for number in range(many):
        AppointmentFactory(
            offered=offered, host=host, starts_at=first + number * timedelta(minutes=15)
        )
    sign_in(client, host.office)

    assert asked(client, page(host, "calendar", host=host.pk)) == 14
