"""Hosts by API: who or what serves where."""

import pytest

from accounts.tests.factories import UserFactory
from appointments.tests.factories import AppointmentFactory
from availability.tests.factories import OpenHostFactory
from offices.roles import Role
from offices.tests.callers import API, caller, errors, told
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
    ServiceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return OfficeFactory(booking_horizon_days=2)


@pytest.fixture
def manager(office):
    return caller("manager", office)


@pytest.fixture
def person(office):
    """A host who is a person, with hours."""
    return OpenHostFactory(office=office, name="Erika", user=UserFactory())


@pytest.fixture
def elsewhere():
    return OfficeFactory(booking_horizon_days=2)


def place(client, host, office, body=None):
    return client.put(f"{API}/offices/hosts/{host.pk}/office/{office.pk}", body or {})


def test_citizens_see_whom_they_can_choose(office):
    seen = HostFactory(office=office, name="Seen")
    HostFactory(office=office, name="Gone", is_active=False)
    HostFactory(office=OfficeFactory(is_public=False), name="Hidden")
    url = f"{API}/offices/hosts"

    found = {
        who: [row["name"] for row in caller(who, office).get(url).json()["results"]]
        for who in ("nobody", "reception", "other manager")
    }

    assert found == {
        "nobody": ["Seen"],
        "reception": ["Gone", "Seen"],
        "other manager": ["Seen"],
    }
    assert caller("nobody", office).get(url).json()["results"] == [
        {
            "id": seen.pk,
            "office": office.pk,
            "name": "Seen",
            "services": [],
            "is_active": True,
        }
    ]


def test_hosts_are_filtered(office):
    passport = OfficeServiceFactory(office=office).service
    other = OfficeServiceFactory(office=office).service
    able, unable = HostFactory(office=office), HostFactory(office=office)
    unable.services.set([other])
    HostFactory()
    nobody = caller("nobody", office)

    found = [
        {
            row["id"]
            for row in nobody.get(f"{API}/offices/hosts", query).json()["results"]
        }
        for query in (
            {"office": office.pk},
            {"service": passport.pk},
            {"is_active": "false"},
        )
    ]

    assert found == [{able.pk, unable.pk}, {able.pk}, set()]


@pytest.mark.parametrize("many", [1, 3])
def test_a_list_takes_two_queries(many, office, django_assert_num_queries):
    HostFactory.create_batch(many, office=office)

    with django_assert_num_queries(2):
        caller("nobody", office).get(f"{API}/offices/hosts")


def test_a_counter_is_assigned(office, manager):
    service = OfficeServiceFactory(office=office).service

    response = manager.post(
        f"{API}/offices/hosts/assign",
        {"office": office.pk, "name": "Counter 9", "services": [service.pk]},
    )

    host = office.hosts.get()
    assert response.status_code == 201
    assert response.json()["services"] == [service.pk]
    assert (host.name, host.user) == ("Counter 9", None)
    assert host.days.exists()


def test_a_person_who_served_before_serves_again(office, manager, person):
    person.is_active = False
    person.save()

    response = manager.post(
        f"{API}/offices/hosts/assign",
        {"office": office.pk, "name": "Room 2", "email": person.user.email},
    )

    person.refresh_from_db()
    assert response.json()["id"] == person.pk
    assert (person.name, person.is_active) == ("Room 2", True)


def test_nobody_learns_by_assigning_who_has_an_account(office, manager):
    url = f"{API}/offices/hosts/assign"
    colleague = MembershipFactory(office=office).user
    emails = [UserFactory().email, MembershipFactory().user.email, "no@example.org"]
    room = {"office": office.pk, "name": "Room"}

    answers = [manager.post(url, {**room, "email": email}).json() for email in emails]
    by_stranger = [
        told(caller("citizen", office).post(url, {**room, "email": email}))
        for email in [colleague.email, *emails]
    ]
    taken = manager.post(url, {**room, "email": colleague.email})

    told_of = [each["errors"]["email"] for each in answers]
    assert told_of == [told_of[0]] * 3
    assert told_of[0][0]["code"] == "unknown"
    assert set(by_stranger) == {(403, "permission_denied")}
    assert taken.status_code == 201


def test_what_is_wrong_is_named(office, manager, person):
    url = f"{API}/offices/hosts/assign"
    counter = {"office": office.pk, "name": "Counter"}
    hidden = OfficeFactory(is_public=False)

    refused = [
        errors(manager.post(url, {**counter, **wrong}))
        for wrong in (
            {"email": "nobody@example.org"},
            {"services": [ServiceFactory().pk]},
            {"services": [0]},
            {"office": hidden.pk},
            {"name": ""},
        )
    ]
    twice = manager.post(url, {**counter, "name": person.name})

    assert refused == [
        (400, ["email"]),
        (400, ["services"]),
        (400, ["services"]),
        (400, ["office"]),
        (400, ["name"]),
    ]
    assert twice.status_code == 400
    assert office.hosts.count() == 1


def test_a_host_is_unassigned_and_what_is_booked_stays(office, manager):
    appointment = AppointmentFactory(offered=OfficeServiceFactory(office=office))
    host = appointment.host

    response = manager.delete(f"{API}/offices/hosts/{host.pk}/office/{office.pk}")

    host.refresh_from_db()
    appointment.refresh_from_db()
    assert response.status_code == 204
    assert not host.is_active
    assert not any(day.open for day in host.days.all())
    assert appointment.status == "confirmed"


def test_a_host_is_at_its_own_office_alone(office, manager, person, elsewhere):
    wrong = manager.delete(f"{API}/offices/hosts/{person.pk}/office/{elsewhere.pk}")

    assert told(wrong) == (404, "not_found")


def test_a_person_moves_and_again_is_the_same(office, manager, person, elsewhere):
    user = manager.handler._force_user
    MembershipFactory(office=elsewhere, user=user, role=Role.MANAGER)

    first = place(manager, person, elsewhere)
    again = place(manager, person, elsewhere)
    back = place(manager, person, office)

    person.refresh_from_db()
    assert first.json() == again.json()
    assert first.json()["office"] == elsewhere.pk
    assert first.json()["id"] != person.pk
    assert back.json()["id"] == person.pk
    assert person.is_active


def test_who_manages_one_office_cannot_send_people_to_another(
    manager, person, elsewhere
):
    response = place(manager, person, elsewhere)

    person.refresh_from_db()
    assert told(response) == (403, "permission_denied")
    assert person.is_active


def test_a_counter_stays(manager, office, elsewhere):
    response = place(manager, HostFactory(office=office), elsewhere)

    assert told(response) == (409, "counter_stays")


def test_nobody_offers_an_hour_at_two_offices(manager, office, person, elsewhere):
    there = OpenHostFactory(office=elsewhere)
    there.is_active = False
    there.user = person.user
    there.save()

    response = caller("manager", elsewhere).put(
        f"{API}/offices/hosts/{there.pk}/office/{elsewhere.pk}", {}
    )

    there.refresh_from_db()
    assert told(response) == (409, "hours_overlap")
    assert not there.is_active


def test_a_placing_of_what_has_changed_is_refused(office, manager, person):
    url = f"{API}/offices/hosts/{person.pk}/office/{office.pk}"
    etag = manager.put(url, {})["ETag"]
    manager.put(url, {"name": "Room 3"})

    response = manager.put(url, {"name": "Room 4"}, headers={"If-Match": etag})

    assert told(response) == (412, "precondition_failed")


def test_a_filter_that_says_neither_is_refused(office):
    response = caller("nobody", office).get(f"{API}/offices/hosts?is_active=zz")

    assert errors(response) == (400, ["is_active"])
