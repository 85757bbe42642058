"""The page of the statistics: who sees it, of which offices, and what may be asked."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.urls import reverse

from accounts.tests.factories import AdminFactory
from appointments.models import Export
from appointments.tests.factories import AppointmentFactory, CitizenFactory, local
from appointments.tests.test_exports import clone
from offices import operations
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db

DAY = date(2027, 1, 11)
URL = "/admin/statistics/"
EXPORT = "/admin/statistics/export/"
LIST = {"content": "appointments", "file_format": "csv"}


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(datetime(2027, 1, 11, 5, tzinfo=UTC), tick=False):
        yield


def booked(name):
    offered = OfficeServiceFactory(office__name=f"{name} office")
    return AppointmentFactory(
        offered=offered,
        citizen=CitizenFactory(name=f"{name} citizen"),
        host=None,
        starts_at=local(offered.office, DAY, time(9)),
    )


@pytest.fixture
def home():
    return booked("Home")


@pytest.fixture
def elsewhere():
    return booked("Elsewhere")


@pytest.fixture
def manager(home, client):
    user = MembershipFactory(office=home.office, role=Role.MANAGER).user
    client.force_login(user)
    return user


def facts(response):
    return {fact.name: fact.told for fact in response.context["page"].facts}


def test_a_manager_sees_the_office(manager, client):
    response = client.get(URL)

    assert response.status_code == 200
    assert facts(response)["Booked"] == "1"


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION, Role.SECRETARY])
@pytest.mark.parametrize("path", [EXPORT, URL])
def test_nobody_else_does(role, path, home, client):
    client.force_login(MembershipFactory(office=home.office, role=role).user)

    answers = {client.get(path).status_code, client.post(path, LIST).status_code}
    start = client.get("/admin/")

    assert answers == {403}
    assert URL not in start.text
    assert not Export.objects.exists()


@pytest.mark.parametrize("path", [EXPORT, URL])
def test_another_office_does_not_exist(path, manager, elsewhere, client):
    query = f"?office={elsewhere.office.slug}"

    answers = {client.get(URL + query).status_code}
    answers.add(client.post(EXPORT + query, LIST).status_code)

    assert answers == {404}
    assert not Export.objects.exists()


def test_all_are_all_of_one_s_own(manager, elsewhere, client):
    second = booked("Second")
    operations.add_member(manager, second.office, Role.MANAGER, by=None)
    third = booked("Third")
    operations.add_member(manager, third.office, Role.SECRETARY, by=None)

    response = client.get(URL, {"office": ""})
    exported = client.post(f"{EXPORT}?office=", LIST).getvalue().decode()

    assert facts(response)["Booked"] == "2"
    assert ("Elsewhere" in response.text, "Third" in response.text) == (False, False)
    assert ("Elsewhere" in exported, "Third" in exported) == (False, False)
    assert ("Home citizen" in exported, "Second citizen" in exported) == (True, True)


def test_a_host_or_service_of_another_office_is_no_choice(manager, elsewhere, client):
    query = {"host": elsewhere.host_id, "service": elsewhere.service_id}

    response = client.get(URL, query)

    assert response.status_code == 422
    assert sorted(response.context["form"].errors) == ["host", "service"]
    assert "Elsewhere" not in response.text


def test_admins_see_all_offices(home, elsewhere, client):
    client.force_login(AdminFactory())

    assert facts(client.get(URL, {"office": ""}))["Booked"] == "2"


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ({"by": "year"}, "by", "Select a valid choice"),
        ({"from": "2027-01-12", "to": "2027-01-11"}, "from", "Choose an earlier one"),
        ({"from": "2024-01-11", "to": "2027-01-11"}, "from", "from 2025-01-11 on"),
        ({"from": "tomorrow"}, "from", "Enter a valid date"),
    ],
    ids=["by", "order", "two years", "no date"],
)
def test_a_wrong_question_names_the_field_and_the_remedy(
    query, field, says, manager, client
):
    response = client.get(URL, query)

    assert response.status_code == 422
    ((name, (error,)),) = response.context["form"].errors.items()
    assert (name, says in error) == (field, True)
    assert error in response.text


def test_two_years_may_be_asked(manager, client):
    query = {"from": "2025-01-11", "to": "2027-01-11", "by": "month"}

    assert client.get(URL, query).status_code == 200


def test_an_office_without_appointments_has_an_empty_page(manager, client):
    response = client.get(URL, {"from": "2020-01-01", "to": "2020-01-02"})

    assert response.context["page"].is_empty
    assert "There were no appointments" in response.text
    assert 'role="img"' not in response.text


def test_what_is_exported_is_what_is_shown(manager, home, client):
    other = HostFactory(office=home.office)

    address = f"{EXPORT}?from=2027-01-11&to=2027-01-11&host={other.pk}"
    response = client.post(address, LIST)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == (
        'attachment; filename="appointments-2027-01-11-2027-01-11.csv"'
    )
    assert len(response.getvalue().decode().splitlines()) == 1
    assert Export.objects.get().rows == 0


@pytest.mark.parametrize(
    ("query", "asked"),
    [("", {}), ("?from=x", LIST)],
    ids=["no kind", "no date"],
)
def test_a_wrong_export_leads_back(query, asked, manager, client):
    response = client.post(EXPORT + query, asked)

    assert response["Location"].startswith(reverse("admin:statistics") + "?")
    assert not Export.objects.exists()


def test_an_export_is_never_a_get(manager, client):
    assert client.get(EXPORT).status_code == 405


@pytest.mark.parametrize("many", [1, 30])
def test_the_page_asks_as_much_for_one_as_for_thirty(
    many, manager, home, client, django_assert_num_queries
):
    for _ in range(many - 1):
        clone(home)
        MembershipFactory(office=home.office)
        HostFactory(office=home.office)
    client.get(URL)

    with django_assert_num_queries(19):
        client.get(URL)


@pytest.mark.parametrize("many", [1, 30])
def test_thirty_offices_ask_no_more_than_one(
    many, home, client, django_assert_num_queries
):
    client.force_login(AdminFactory())
    for _ in range(many - 1):
        OfficeServiceFactory()
    client.get(URL, {"office": ""})

    with django_assert_num_queries(14):
        client.get(URL, {"office": ""})


def test_the_form_shows_the_days_that_the_figures_cover(client, manager):
    page = client.get(URL).text

    assert 'name="from" value="2026-12-13"' in page
    assert 'name="to" value="2027-01-11"' in page
