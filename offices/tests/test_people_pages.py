"""The pages about an office's people: who may open them, what they show and do."""

import re
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccountMail
from accounts.tests.factories import AdminFactory, SignInFactory
from appointments.tests.factories import AppointmentFactory
from availability.tests.factories import OpenHostFactory
from offices import operations
from offices.models import Invitation
from offices.roles import Role
from offices.tests.factories import (
    InvitationFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return OfficeFactory(name="Town hall")


@pytest.fixture
def manager(office, client):
    user = MembershipFactory(office=office, role=Role.MANAGER, user__name="Max").user
    client.force_login(user)
    return user


@pytest.fixture
def member(office):
    return MembershipFactory(
        office=office, role=Role.HOST, user__name="Erika", position="Front desk"
    )


def all_paths(member, invitation):
    return [
        "/admin/people/",
        "/admin/people/invite/",
        "/admin/people/roles/",
        f"/admin/people/{member.pk}/",
        f"/admin/people/{member.pk}/close-account/",
        f"/admin/people/{member.pk}/end/",
        f"/admin/people/invitations/{invitation.pk}/resend/",
        f"/admin/people/invitations/{invitation.pk}/withdraw/",
    ]


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION, Role.SECRETARY])
def test_only_managers_have_the_page(client, office, member, role):
    client.force_login(MembershipFactory(office=office, role=role).user)

    for path in all_paths(member, InvitationFactory(office=office)):
        assert client.get(path).status_code == 403
        assert client.post(path).status_code == 403
    assert "/admin/people/" not in client.get("/admin/").text


def test_a_manager_of_another_office_finds_nobody(client, office, member):
    invitation = InvitationFactory(office=office, name="Ida Invited")
    client.force_login(MembershipFactory(role=Role.MANAGER).user)

    shown = client.get("/admin/people/").text
    statuses = {
        client.post(path).status_code
        for path in all_paths(member, invitation)
        if str(member.pk) in path.split("/") or "invitations" in path
    }

    assert "Erika" not in shown
    assert "Ida Invited" not in shown
    assert client.get(f"/admin/people/?office={office.slug}").status_code == 404
    assert statuses == {404}
    assert member.office.memberships.current().filter(pk=member.pk).exists()


def test_an_admin_sees_the_people_of_every_office(client, office, member):
    OfficeFactory(name="Another office")
    client.force_login(AdminFactory())

    shown = client.get(f"/admin/people/?office={office.slug}")

    assert "Erika" in shown.text
    assert client.get(f"/admin/people/{member.pk}/").status_code == 200


def test_the_page_shows_members_invited_and_former(client, office, manager, member):
    host = OpenHostFactory(office=office, user=member.user, name="Counter E")
    InvitationFactory(office=office, name="Ida Invited")
    former = MembershipFactory(office=office, user__name="Fritz Former")
    operations.end_membership(former, by=None)

    response = client.get("/admin/people/")

    members = [
        (str(row.user), row.role, host) for row, host in response.context["members"]
    ]
    assert members == [("Erika", "host", host), ("Max", "manager", None)]
    assert [str(row.user) for row in response.context["former"]] == ["Fritz Former"]
    assert [row.name for row in response.context["invitations"]] == ["Ida Invited"]
    assert "Never" in response.text


def test_thirty_people_cost_no_more_than_one(client, office, manager):
    def count():
        client.get("/admin/people/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/people/")
        return len(queries)

    def add(number):
        for _ in range(number):
            left = MembershipFactory(office=office)
            operations.end_membership(left, by=None)
            user = MembershipFactory(office=office, role=Role.HOST).user
            OpenHostFactory(office=office, user=user)
            InvitationFactory(office=office)

    add(1)
    with_one = count()
    add(29)

    assert (with_one, count()) == (11, 11)


def test_the_table_of_roles_is_that_of_the_code(client, manager):
    response = client.get("/admin/people/roles/")

    who = {
        str(label): [role for role, may in held if may]
        for label, held in response.context["rows"]
    }
    assert who["change opening hours and closures"] == ["manager", "secretary"]
    assert who["export appointments and statistics"] == ["manager"]


def test_role_position_and_primary_contact_are_changed(client, manager, member):
    given = {"role": "reception", "position": "Back office", "is_primary": "on"}

    response = client.post(f"/admin/people/{member.pk}/", given)

    now = member.user.memberships.current().get()
    assert response.url == f"/admin/people/?office={member.office.slug}"
    assert (now.role, now.position, now.is_primary) == (
        "reception",
        "Back office",
        True,
    )


def test_the_last_manager_stays_and_is_told_why(client, office, manager):
    last = office.memberships.get()
    given = {"role": "host", "position": ""}

    changed = client.post(f"/admin/people/{last.pk}/", given)
    ended = client.post(f"/admin/people/{last.pk}/end/")

    sentence = "This is the office’s last manager"
    assert (changed.status_code, ended.status_code) == (422, 422)
    for response in (changed, ended):
        assert sentence.replace("’", "'") in response.text.replace("&#x27;", "'")
    assert office.memberships.current().managing().count() == 1


@pytest.fixture
def booked(office, member):
    """The member is a host with one appointment to come."""
    host = OpenHostFactory(office=office, user=member.user, name="Counter E")
    offered = OfficeServiceFactory(office=office)
    AppointmentFactory(offered=offered, host=host)
    return host


def test_ending_asks_about_what_is_booked(client, manager, member, booked):
    shown = client.get(f"/admin/people/{member.pk}/end/")

    assert "“Counter E”: 1 appointment is to come." in shown.text
    assert shown.context["form"]["host"].initial == "decide"
    assert member.ended_at is None


@pytest.mark.parametrize(("answer", "is_active"), [("stay", True), ("stop", False)])
def test_ending_does_with_the_host_what_was_answered(
    client, manager, member, booked, answer, is_active
):
    response = client.post(f"/admin/people/{member.pk}/end/", {"host": answer})

    member.refresh_from_db()
    booked.refresh_from_db()
    assert response.status_code == 302
    assert member.ended_at is not None
    assert booked.is_active is is_active
    assert booked.appointments.get().status == "confirmed"


def test_ending_leads_to_a_decision_about_each_and_back(
    client, manager, member, booked
):
    path = f"/admin/people/{member.pk}/end/"
    visit = booked.appointments.get()

    asked = client.post(path, {"host": "decide"})
    change = re.search(r'name="change" value="([^"]+)"', asked.text)[1]
    sent = {"change": change, f"choice-{visit.pk}": "cancel", "do": "apply"}
    decided = client.post("/admin/impact/", sent)
    after = client.get(path)

    booked.refresh_from_db()
    visit.refresh_from_db()
    member.refresh_from_db()
    assert (visit.status, booked.is_active) == ("cancelled", False)
    assert f"back={quote(path, safe='')}" in decided.url
    assert "0 appointments are to come." in after.text
    assert member.ended_at is None
    assert client.post(path).status_code == 302


def test_ending_needs_an_answer_about_the_host(client, manager, member, booked):
    response = client.post(f"/admin/people/{member.pk}/end/")

    member.refresh_from_db()
    assert response.status_code == 422
    assert member.ended_at is None


def test_an_invitation_is_sent_again_and_withdrawn(client, office, manager):
    invitation = InvitationFactory(office=office)
    path = f"/admin/people/invitations/{invitation.pk}"

    client.post(f"{path}/resend/")
    client.post(f"{path}/withdraw/")
    again = client.post(f"{path}/withdraw/", follow=True)

    invitation.refresh_from_db()
    assert invitation.sending == 2
    assert invitation.withdrawn_at is not None
    assert "This invitation has been withdrawn." in again.text
    assert client.get(f"{path}/withdraw/").status_code == 405


def test_what_was_typed_wrong_is_shown_again(client, office, manager):
    given = {"email": "not an address", "name": "", "role": "king"}

    response = client.post("/admin/people/invite/", given)

    assert response.status_code == 422
    assert sorted(response.context["form"].errors) == ["email", "name", "role"]
    assert not Invitation.objects.exists()


def test_too_many_invitations_in_an_hour_are_refused(client, office, manager, settings):
    settings.RATELIMIT_ENABLE = True
    given = {"email": "x", "name": "x", "role": "host"}

    statuses = [
        client.post("/admin/people/invite/", given).status_code for _ in range(31)
    ]

    assert statuses == [422] * 30 + [429]


# --- closing an account: for admins alone ---


def test_a_manager_closes_no_account(client, manager, member):
    path = f"/admin/people/{member.pk}/close-account/"

    assert (client.get(path).status_code, client.post(path).status_code) == (404, 404)
    assert "close-account" not in client.get(f"/admin/people/{member.pk}/").text


def test_an_admin_closes_an_account_and_every_sign_in_ends(client, member):
    sign_in = SignInFactory(user=member.user)
    theirs = type(client)()
    theirs.force_login(member.user)
    client.force_login(AdminFactory())

    client.post(f"/admin/people/{member.pk}/close-account/")

    member.user.refresh_from_db()
    sign_in.refresh_from_db()
    assert member.user.is_active is False
    assert sign_in.ended_at is not None
    assert theirs.get("/admin/").status_code == 302


def test_opening_an_account_again_brings_no_old_session_back(client, member):
    theirs = type(client)()
    theirs.force_login(member.user)
    client.force_login(AdminFactory())
    users = "/admin/accounts/user/"
    chosen = {"_selected_action": [member.user.pk]}

    client.post(users, {"action": "deactivate", **chosen})
    client.post(users, {"action": "reactivate", **chosen})

    member.user.refresh_from_db()
    assert member.user.is_active is True
    assert theirs.get("/admin/").status_code == 302
    assert AccountMail.objects.get(email=member.user.email).kind == "password_reset"


def test_an_admin_does_not_lock_himself_out(client):
    admin = AdminFactory()
    client.force_login(admin)
    chosen = {"action": "deactivate", "_selected_action": [admin.pk]}

    response = client.post("/admin/accounts/user/", chosen, follow=True)

    admin.refresh_from_db()
    assert admin.is_active
    assert "You cannot close your own account." in response.text


def test_the_last_sign_in_is_told(client, manager, member):
    member.user.last_login = datetime(2031, 5, 6, 12, tzinfo=UTC)
    member.user.save()

    assert "Tuesday 6 May 2031" in client.get("/admin/people/").text
    assert "Tue 6 May 2031, 14:00" in client.get(f"/admin/people/{member.pk}/").text
