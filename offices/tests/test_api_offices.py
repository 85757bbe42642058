"""Offices by API: to find, to read and to keep."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AccountMail
from accounts.tests.factories import UserFactory
from appointments.tests.factories import AppointmentFactory
from offices.models import Membership, Office, OfficeStatus
from offices.roles import Permission, Role
from offices.tests.callers import API, caller, errors, machine, told
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
    ServiceFactory,
)

pytestmark = pytest.mark.django_db

NEW = {"name": "Registry", "slug": "registry", "subdivision": "BY"}


@pytest.fixture
def office():
    return OfficeFactory(name="Town hall", slug="town-hall", booking_horizon_days=2)


@pytest.fixture
def manager(office):
    return caller("manager", office)


@pytest.fixture
def admin(office):
    return caller("admin", office)


def names(response):
    return [row["name"] for row in response.json()["results"]]


def test_offices_are_listed_for_all_and_hidden_ones_for_their_staff():
    hidden = OfficeFactory(name="Hidden", is_public=False)
    OfficeFactory(name="Closed", status=OfficeStatus.CLOSED)
    OfficeFactory(name="Open")

    seen = [
        names(caller(who, hidden).get(f"{API}/offices"))
        for who in ("nobody", "other manager", "reception", "admin")
    ]

    assert [[name for name in each if "Office" not in name] for each in seen] == [
        ["Open"],
        ["Open"],
        ["Hidden", "Open"],
        ["Closed", "Hidden", "Open"],
    ]


def test_a_hidden_office_does_not_exist_for_others():
    hidden = OfficeFactory(is_public=False)

    statuses = [
        caller(who, hidden).get(f"{API}/offices/{hidden.pk}").status_code
        for who in ("nobody", "other manager", "host")
    ]

    assert statuses == [404, 404, 200]


def test_offices_are_filtered(office):
    offered = OfficeServiceFactory(office__name="Library", office__city="Bonn")
    OfficeServiceFactory(office=office, service=offered.service, is_public=False)
    nobody = caller("nobody", office)

    found = [
        names(nobody.get(f"{API}/offices", query))
        for query in (
            {"city": "Bonn"},
            {"slug": "town-hall"},
            {"service": offered.service_id},
            {"status": "suspended"},
        )
    ]

    assert found == [["Library"], ["Town hall"], ["Library"], []]


@pytest.mark.parametrize("many", [1, 3])
def test_a_list_takes_one_query(many, office, django_assert_num_queries):
    OfficeFactory.create_batch(many)
    nobody = caller("nobody", office)

    with django_assert_num_queries(1):
        nobody.get(f"{API}/offices")


def test_an_administrator_adds_an_office(admin):
    response = admin.post(f"{API}/offices", {**NEW, "lead_time_minutes": 90})

    office = Office.objects.get(slug="registry")
    assert response.status_code == 201
    assert response.json()["id"] == office.pk
    assert office.lead_time == timedelta(minutes=90)
    assert office.closures.holidays().exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"slug": "town-hall"}, "slug"),
        ({"slug": "no spaces"}, "slug"),
        ({"country": "XX"}, "country"),
        ({"subdivision": "XX"}, "non_field_errors"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"latitude": 91}, "latitude"),
        ({"latitude": 48, "longitude": None}, "longitude"),
        ({"lead_time_minutes": -1}, "lead_time_minutes"),
        ({"hold_time_minutes": 0}, "hold_time_minutes"),
        ({"booking_horizon_days": 0}, "booking_horizon_days"),
        ({"reminder_hours": [0]}, "reminder_hours.0"),
        ({"name": ""}, "name"),
        ({"email": "nobody"}, "email"),
        ({"website": "nowhere"}, "website"),
        ({"status": "gone"}, "status"),
    ],
)
def test_wrong_facts_are_named(wrong, field, office, admin):
    response = admin.post(f"{API}/offices", {**NEW, **wrong})

    assert errors(response) == (400, [field])


def test_a_manager_changes_what_is_given_and_nothing_else(office, manager):
    response = manager.patch(
        f"{API}/offices/{office.pk}",
        {"lead_time_minutes": 30, "description": "<p>Hi<script>x</script></p>"},
    )

    office.refresh_from_db()
    assert response.status_code == 200
    assert response.json()["lead_time_minutes"] == 30
    assert office.lead_time == timedelta(minutes=30)
    assert "script" not in office.description
    assert office.name == "Town hall"


def test_the_time_zone_stays_while_times_are_taken(office, manager):
    AppointmentFactory(offered=OfficeServiceFactory(office=office))

    response = manager.patch(f"{API}/offices/{office.pk}", {"time_zone": "UTC"})

    assert told(response) == (409, "still_booked")


def test_a_change_of_what_has_changed_is_refused(office, manager):
    url = f"{API}/offices/{office.pk}"
    etag = manager.get(url)["ETag"]
    first = manager.patch(url, {"phone": "1"}, headers={"If-Match": etag})
    second = manager.patch(url, {"phone": "2"}, headers={"If-Match": etag})
    third = manager.patch(url, {"phone": "3"}, headers={"If-Match": first["ETag"]})

    assert (first.status_code, third.status_code) == (200, 200)
    assert told(second) == (412, "precondition_failed")


def test_an_office_of_which_nothing_came_is_deleted(office, manager):
    member = MembershipFactory(office=office, role=Role.HOST).user

    response = manager.delete(f"{API}/offices/{office.pk}")

    member.refresh_from_db()
    assert response.json()["outcome"] == "deleted"
    assert not Office.objects.filter(pk=office.pk).exists()
    assert not Membership.objects.exists()
    assert not member.groups.exists()
    assert not member.is_staff


def test_an_office_with_a_history_is_closed_and_the_answer_says_so(office, manager):
    appointment = AppointmentFactory(offered=OfficeServiceFactory(office=office))

    response = manager.delete(f"{API}/offices/{office.pk}")

    office.refresh_from_db()
    appointment.refresh_from_db()
    assert response.status_code == 200
    assert response.json()["outcome"] == "closed"
    assert office.status == OfficeStatus.CLOSED
    assert appointment.status == "confirmed"
    assert manager.get(f"{API}/offices/{office.pk}").status_code == 200


def test_a_key_may_what_it_was_made_for(office):
    reader = machine(office, Permission.VIEW_APPOINTMENTS)
    keeper = machine(office, Permission.VIEW_APPOINTMENTS, Permission.MANAGE_OFFICE)
    url = f"{API}/offices/{office.pk}"

    statuses = [
        each.patch(url, {"phone": "1"}).status_code for each in (reader, keeper)
    ]

    assert statuses == [403, 200]


# --- services ---


def test_staff_see_what_only_they_can_book(office):
    public = OfficeServiceFactory(office=office, own_duration=timedelta(minutes=45))
    OfficeServiceFactory(office=office, is_public=False)
    url = f"{API}/offices/{office.pk}/services"

    for_all = caller("nobody", office).get(url).json()
    for_staff = caller("reception", office).get(url).json()

    assert [(row["service"]["id"], row["duration_minutes"]) for row in for_all] == [
        (public.service_id, 45)
    ]
    assert len(for_staff) == 2


def test_a_service_is_found_by_code_and_by_what_people_type(office):
    offered = OfficeServiceFactory(
        office=office, service__name="Reisepass", service__code="reisepass"
    )
    ServiceFactory(name="Never offered")
    nobody = caller("nobody", office)

    by_code = nobody.get(f"{API}/services", {"code": "reisepass"}).json()["results"]
    by_text = nobody.get(f"{API}/services/search", {"q": "reisepas"}).json()
    every = names(nobody.get(f"{API}/services"))
    one = nobody.get(f"{API}/services/{offered.service_id}").json()

    assert [row["id"] for row in by_code + by_text] == [offered.service_id] * 2
    assert every == ["Reisepass"]
    assert one["duration_minutes"] == 15
    assert errors(nobody.get(f"{API}/services/search")) == (400, ["q"])


# --- search ---


@pytest.fixture
def towns():
    for name, latitude, longitude in (
        ("Berlin Mitte", 52.52, 13.405),
        ("Potsdam", 52.3906, 13.0645),
        ("Hamburg Mitte", 53.5511, 9.9937),
    ):
        OfficeFactory(name=name, latitude=latitude, longitude=longitude)
    OfficeFactory(name="Nowhere Mitte")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (
            {"latitude": 52.52, "longitude": 13.405, "radius_km": 50},
            [("Berlin Mitte", 0.0), ("Potsdam", 27.2)],
        ),
        (
            {"latitude": 52.52, "longitude": 13.405, "radius_km": 5},
            [("Berlin Mitte", 0.0)],
        ),
        (
            {"latitude": 52.52, "longitude": 13.405, "radius_km": 300, "q": "mitte"},
            [("Berlin Mitte", 0.0), ("Hamburg Mitte", 255.3)],
        ),
        ({"q": "potsdam"}, [("Potsdam", None)]),
    ],
)
def test_offices_are_found_by_text_and_distance(query, found, towns):
    rows = caller("nobody", None).get(f"{API}/offices/search", query).json()

    assert [
        (row["name"], row["distance_km"] and round(row["distance_km"], 1))
        for row in rows
    ] == found


def test_distance_is_short_across_the_date_line():
    OfficeFactory(name="East", latitude=0, longitude=179.9)

    rows = (
        caller("nobody", None)
        .get(f"{API}/offices/search?latitude=0&longitude=-179.9&radius_km=30")
        .json()
    )

    assert [row["name"] for row in rows] == ["East"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "non_field_errors"),
        ({"latitude": 1}, "non_field_errors"),
        ({"latitude": "nan", "longitude": 1}, "latitude"),
        ({"latitude": 1, "longitude": 1, "radius_km": 0}, "radius_km"),
        ({"latitude": 1, "longitude": 1, "radius_km": "nan"}, "radius_km"),
    ],
)
def test_a_search_for_nothing_is_refused(query, field):
    response = caller("nobody", None).get(f"{API}/offices/search", query)

    assert errors(response) == (400, [field])


# --- members ---


@pytest.fixture
def members(office):
    return f"{API}/offices/{office.pk}/memberships"


def test_a_member_may_what_the_role_may(office, manager, members):
    user = MembershipFactory(office=office, role=Role.HOST).user

    response = manager.post(
        members, {"email": user.email.upper(), "role": "reception", "position": "Desk"}
    )

    assert response.status_code == 201
    assert response.json()["user"]["id"] == user.pk
    assert response.json()["position"] == "Desk"
    assert user.has_perm("offices.book_appointments", office)


@pytest.mark.parametrize("who", ["manager", "key"])
def test_nobody_learns_by_adding_who_has_an_account(office, manager, members, who):
    may = [Permission.VIEW_APPOINTMENTS, Permission.MANAGE_MEMBERS]
    by = machine(office, *may) if who == "key" else manager
    known, closed = UserFactory(), UserFactory(is_active=False)
    elsewhere = MembershipFactory().user
    emails = [known.email, closed.email, elsewhere.email, "no@example.org"]

    answers = [by.post(members, {"email": e, "role": "host"}) for e in emails]
    again = [by.post(members, {"email": e, "role": "host"}) for e in emails]

    assert {(r.status_code, r.content) for r in answers} == {(202, answers[0].content)}
    assert {told(r) for r in again} == {(409, "already_invited")}
    owed = AccountMail.objects.order_by("pk").values_list("email", flat=True)
    assert list(owed) == emails
    assert not office.memberships.filter(user__email__in=emails).exists()


def test_who_sees_an_account_gives_it_a_role_at_once(office, admin, manager, members):
    other = MembershipFactory(
        user=Membership.objects.get(office=office).user, role=Role.MANAGER
    )
    colleague = MembershipFactory(office=other.office).user
    stranger = UserFactory()

    statuses = [
        by.post(members, {"email": email, "role": "host"}).status_code
        for by, email in [
            (manager, colleague.email),
            (admin, stranger.email),
            (admin, "no@example.org"),
        ]
    ]

    assert statuses == [201, 201, 202]


def test_an_invitation_by_api_says_what_was_given(office, manager, members):
    given = {"email": "Ada.L@example.org", "role": "host", "position": "Desk"}
    manager.post(members, given)
    manager.post(members, {"email": "b@example.org", "role": "host", "name": "Bob"})

    rows = office.invitations.order_by("pk").values_list("email", "name", "position")
    assert list(rows) == [
        ("ada.l@example.org", "ada.l", "Desk"),
        ("b@example.org", "Bob", ""),
    ]


def test_so_many_invitations_an_hour(office, manager, members, settings):
    settings.INVITATION_RATE = "1/h"

    answers = [
        manager.post(members, {"email": f"{name}@example.org", "role": "host"})
        for name in "ab"
    ]

    assert [r.status_code for r in answers] == [202, 429]
    assert office.invitations.count() == 1


def test_what_is_refused_of_members(office, manager, members):
    member = MembershipFactory(office=office).user
    only = Membership.objects.get(office=office, role=Role.MANAGER).user

    refused = [
        told(manager.post(members, {"email": member.email, "role": "reception"})),
        told(manager.delete(f"{members}/{only.pk}")),
        told(manager.patch(f"{members}/{only.pk}", {"role": "host"})),
        errors(
            manager.post(
                members,
                {"email": "no@example.org", "role": "host", "is_primary": True},
            )
        ),
        errors(manager.post(members, {"email": member.email, "role": "boss"})),
        told(manager.patch(f"{members}/{UserFactory().pk}", {"role": "host"})),
    ]

    assert refused == [
        (409, "already_member"),
        (409, "last_manager"),
        (409, "last_manager"),
        (400, ["is_primary"]),
        (400, ["role"]),
        (404, "not_found"),
    ]


def test_another_role_ends_one_membership_and_begins_another(office, manager, members):
    member = MembershipFactory(office=office, position="Desk").user

    response = manager.patch(f"{members}/{member.pk}", {"role": "secretary"})

    member = type(member).objects.get(pk=member.pk)
    held = member.memberships.order_by("pk").values_list("role", "position", "ended_at")
    assert [(role, position, bool(end)) for role, position, end in held] == [
        ("reception", "Desk", True),
        ("secretary", "Desk", False),
    ]
    assert response.json()["role"] == "secretary"
    assert member.is_staff
    assert member.has_perm("offices.manage_hours", office)


def test_the_first_contact_is_one(office, manager, members):
    first = MembershipFactory(office=office, is_primary=True)
    second = MembershipFactory(office=office)

    manager.patch(f"{members}/{second.user_id}", {"is_primary": True})

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_primary, second.is_primary) == (False, True)


def test_of_somebody_with_two_roles_one_is_named(office, manager, members):
    user = MembershipFactory(office=office, role=Role.HOST).user
    MembershipFactory(office=office, user=user, role=Role.RECEPTION)

    vague = manager.patch(f"{members}/{user.pk}", {"position": "Desk"})
    exact = manager.patch(f"{members}/{user.pk}?role=host", {"position": "Room 2"})
    one = manager.delete(f"{members}/{user.pk}?role=reception")
    left = list(user.memberships.current().values_list("role", "position"))
    manager.delete(f"{members}/{user.pk}")

    assert errors(vague) == (400, ["role"])
    assert (exact.status_code, one.status_code) == (200, 204)
    assert left == [("host", "Room 2")]
    assert not user.memberships.current().exists()


@pytest.mark.parametrize("many", [1, 3])
def test_members_take_no_query_each(
    many, office, manager, members, django_assert_num_queries
):
    MembershipFactory.create_batch(many, office=office)

    with django_assert_num_queries(4):
        manager.get(members)


def test_times_of_a_membership_have_the_office_s_offset(office, manager, members):
    [member] = manager.get(members).json()

    offset = timezone.now().astimezone(office.zone).strftime("%z")
    assert member["started_at"].replace(":", "").endswith(offset)
