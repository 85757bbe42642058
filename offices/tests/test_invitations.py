"""Inviting somebody by mail, and what the link in the mail leads to."""

import re
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.exceptions import LinkInvalid
from accounts.models import AccountMail, MailStatus, User
from accounts.tasks import deliver_mail
from accounts.tests.factories import PASSWORD, AdminFactory, UserFactory
from availability.tests.races import at_once
from offices import invitations, operations
from offices.exceptions import (
    AccountClosed,
    AlreadyInvited,
    AlreadyMember,
    InvitationExpired,
    InvitationForAnother,
    InvitationReplaced,
    InvitationUsed,
    InvitationWithdrawn,
)
from offices.models import Invitation, Membership
from offices.permissions import may
from offices.roles import Permission, Role
from offices.tasks import purge
from offices.tests.factories import InvitationFactory, MembershipFactory, OfficeFactory

EMAIL = "erika@example.org"


@pytest.fixture
def office(db):
    return OfficeFactory(name="Town hall")


@pytest.fixture
def manager(office):
    return MembershipFactory(
        office=office, role=Role.MANAGER, user__name="Max Manager"
    ).user


def invite(office, by, **kwargs):
    about = {"email": EMAIL, "name": "Erika", "role": Role.SECRETARY, **kwargs}
    return invitations.invite(office, by=by, **about)


def deliver():
    """Send all that is owed; returns the last mail."""
    for owed in AccountMail.objects.due().order_by("pk"):
        deliver_mail(owed.pk)
    return mail.outbox[-1]


def token_in(message):
    return re.search(r"/account/invitation/([^/\s]+)/", message.body)[1]


# --- what the manager does ---


def test_a_mail_is_owed_that_says_who_where_and_as_what(office, manager):
    invite(office, manager)

    message = deliver()

    assert message.to == [EMAIL]
    assert message.subject == "An invitation to work with Town hall"
    assert "Max Manager invites you" in message.body
    assert "As: Secretary" in message.body
    assert invitations.look_up(token_in(message)).email == EMAIL


def test_no_link_is_kept_anywhere(office, manager):
    invite(office, manager)

    token = token_in(deliver())

    proof = token.rpartition(":")[2]
    kept = str([*Invitation.objects.values(), *AccountMail.objects.values()])
    assert proof not in kept


@pytest.mark.parametrize("account", ["none", "active", "closed", "elsewhere"])
def test_who_invites_learns_nothing_about_accounts(office, manager, client, account):
    if account != "none":
        user = UserFactory(email=EMAIL, is_active=account != "closed")
        if account == "elsewhere":
            MembershipFactory(user=user)
    client.force_login(manager)
    given = {"email": EMAIL, "name": "Erika", "role": "secretary", "position": ""}

    response = client.post("/admin/people/invite/", given, follow=True)

    said = [str(message) for message in response.context["messages"]]
    assert said == [f"Invited. A mail with a link goes to {EMAIL}."]
    assert AccountMail.objects.filter(email=EMAIL).count() == 1


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION, Role.SECRETARY])
def test_only_who_manages_the_members_invites(office, role):
    member = MembershipFactory(office=office, role=role).user

    with pytest.raises(PermissionDenied):
        invite(office, member)


def test_a_manager_of_another_office_neither_invites_nor_sends_nor_withdraws(office):
    stranger = MembershipFactory(role=Role.MANAGER).user
    invitation = InvitationFactory(office=office)

    for attempt in (
        partial(invite, office, stranger),
        partial(invitations.resend, invitation, by=stranger),
        partial(invitations.withdraw, invitation, by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert list(Invitation.objects.visible_to(stranger)) == []


def test_an_address_is_invited_once_and_again_when_that_is_over(office, manager):
    first = invite(office, manager)

    with pytest.raises(AlreadyInvited):
        invite(office, manager, email=EMAIL.upper())
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        second = invite(office, manager)

    first.refresh_from_db()
    assert first.withdrawn_at is not None
    assert list(Invitation.objects.open()) == [second]


def test_a_member_is_not_invited_to_the_same_role(office, manager):
    member = MembershipFactory(office=office, role=Role.HOST).user

    with pytest.raises(AlreadyMember):
        invite(office, manager, email=member.email, role=Role.HOST)


def test_addresses_that_get_no_account_are_refused(office, manager, settings):
    settings.ALLOWED_EMAIL_DOMAINS = ["town.example"]

    with pytest.raises(ValidationError):
        invite(office, manager)
    assert not AccountMail.objects.exists()


def test_one_that_is_withdrawn_is_not_sent(office, manager):
    invitations.withdraw(invite(office, manager), by=manager)

    assert AccountMail.objects.get().status == MailStatus.DROPPED


# --- what whoever has the link does ---


def test_a_newcomer_gets_an_account_and_the_role(office, manager):
    invite(office, manager, position="Front desk")
    token = token_in(deliver())

    membership = invitations.accept(token, name="Erika M.", password=PASSWORD)

    user = User.objects.get(email=EMAIL)
    assert (membership.user, membership.role) == (user, Role.SECRETARY)
    assert (membership.position, user.name) == ("Front desk", "Erika M.")
    assert user.check_password(PASSWORD)
    assert user.email_verified_at is not None
    assert may(user, Permission.MANAGE_HOURS, office)


def test_who_has_an_account_accepts_with_it_and_with_no_password(office, manager):
    user = UserFactory(email=EMAIL)
    invite(office, manager)
    token = token_in(deliver())

    with pytest.raises(InvitationForAnother):
        invitations.accept(token, name="Thief", password="stolen horse battery 9")
    membership = invitations.accept(token, user=user)

    user.refresh_from_db()
    assert membership.user == user
    assert user.check_password(PASSWORD)


def test_nobody_else_accepts_it(office, manager):
    invite(office, manager)
    token = token_in(deliver())

    with pytest.raises(InvitationForAnother):
        invitations.accept(token, user=UserFactory())


def test_a_weak_password_makes_no_account(office, manager):
    invite(office, manager)
    token = token_in(deliver())

    with pytest.raises(ValidationError):
        invitations.accept(token, password="12345")
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_closed_account_is_not_opened_by_an_invitation(office, manager):
    user = UserFactory(email=EMAIL, is_active=False)
    invite(office, manager)
    token = token_in(deliver())

    with pytest.raises(AccountClosed):
        invitations.accept(token, password=PASSWORD)
    with pytest.raises(AccountClosed):
        invitations.account_of(Invitation.objects.get())
    assert not Membership.objects.filter(user=user).exists()


def test_a_link_works_once(office, manager):
    invite(office, manager)
    token = token_in(deliver())
    invitations.accept(token, password=PASSWORD)

    with pytest.raises(InvitationUsed):
        invitations.look_up(token)
    with pytest.raises(InvitationUsed):
        invitations.resend(Invitation.objects.get(), by=manager)
    with pytest.raises(InvitationUsed):
        invitations.withdraw(Invitation.objects.get(), by=manager)


def test_a_link_works_for_seven_days(office, manager):
    invite(office, manager)
    token = token_in(deliver())

    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
        invitations.look_up(token)
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        with pytest.raises(InvitationExpired):
            invitations.look_up(token)
        with pytest.raises(InvitationExpired):
            invitations.accept(token, password=PASSWORD)


def test_a_withdrawn_link_is_void(office, manager):
    invitation = invite(office, manager)
    token = token_in(deliver())
    invitations.withdraw(invitation, by=manager)

    with pytest.raises(InvitationWithdrawn):
        invitations.accept(token, password=PASSWORD)
    with pytest.raises(InvitationWithdrawn):
        invitations.withdraw(invitation, by=manager)


def test_sending_again_makes_the_old_link_void_and_the_new_one_good(office, manager):
    invitation = invite(office, manager)
    old = token_in(deliver())
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        invitations.resend(invitation, by=manager)
        new = token_in(deliver())

        with pytest.raises(InvitationReplaced):
            invitations.accept(old, password=PASSWORD)
        assert invitations.accept(new, password=PASSWORD).user.email == EMAIL


@pytest.mark.parametrize("token", ["1-1", "1-1:forged", "x"])
def test_a_forged_link_opens_nothing(office, manager, token):
    invite(office, manager)

    with pytest.raises(LinkInvalid):
        invitations.look_up(token)


def test_an_invitation_is_as_good_as_the_right_of_who_gave_it(office, manager):
    invite(office, manager)
    token = token_in(deliver())
    MembershipFactory(office=office, role=Role.MANAGER)
    operations.end_memberships(manager, office, by=None)

    with pytest.raises(InvitationWithdrawn):
        invitations.accept(token, password=PASSWORD)
    assert not User.objects.filter(email=EMAIL).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_becomes_a_member(office, manager):
    invite(office, manager)
    token = token_in(deliver())

    outcomes = at_once(*[partial(accepted, token)] * 2)

    assert sorted(outcomes) == ["accepted", "invitation_used"]
    assert Membership.objects.filter(user__email=EMAIL).count() == 1


def accepted(token):
    invitations.accept(token, password=PASSWORD)
    return "accepted"


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_who_leave_at_once_one_stays():
    office = OfficeFactory()
    pair = [MembershipFactory(office=office, role=Role.MANAGER) for _ in range(2)]

    outcomes = at_once(
        *[partial(ended, membership, by=membership.user) for membership in pair]
    )

    assert sorted(outcomes) == ["ended", "last_manager"]
    assert office.memberships.current().managing().count() == 1


def ended(membership, by):
    operations.end_membership(membership, by=by)
    return "ended"


# --- the page of the link ---


@pytest.fixture
def path(office, manager):
    invite(office, manager)
    return f"/account/invitation/{token_in(deliver())}/"


def test_looking_at_the_link_changes_nothing(client, path):
    response = client.get(path)

    assert response.status_code == 200
    assert "change opening hours and closures" in response.text
    assert Invitation.objects.get().accepted_at is None
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_password_on_the_page_leads_straight_to_the_work(client, path):
    given = {"name": "Erika", "new_password": PASSWORD}

    response = client.post(path, given, follow=True)

    assert response.redirect_chain == [("/admin/", 302)]
    assert response.wsgi_request.user.email == EMAIL
    assert "Welcome. You work with Town hall now." in response.text


def test_a_weak_password_is_told_on_the_page(client, path):
    response = client.post(path, {"name": "Erika", "new_password": "123"})

    assert response.status_code == 422
    assert Invitation.objects.get().accepted_at is None


def test_who_has_an_account_signs_in_first_and_presses_one_button(client, path):
    user = UserFactory(email=EMAIL)

    asked = client.get(path)
    refused = client.post(path)
    client.force_login(user)
    shown = client.get(path)
    accepted = client.post(path)

    assert f"/sign-in/?next={path}" in asked.text
    assert refused.status_code == 409
    assert "new_password" not in shown.text
    assert (accepted.status_code, accepted.url) == (302, "/admin/")


def test_who_is_signed_in_as_another_is_told_so(client, path):
    client.force_login(AdminFactory())

    shown = client.get(path)
    refused = client.post(path, {"name": "Erika", "new_password": PASSWORD})

    assert "Sign out, then open the link in the mail again." in shown.text
    assert refused.status_code == 409


@pytest.mark.parametrize(
    ("happens", "sentence"),
    [
        ("accepted", "This invitation has been accepted already. Sign in to begin."),
        ("expired", "This invitation has expired. Ask the office for a new one."),
        ("replaced", "Use the link in the newest mail."),
        ("withdrawn", "This invitation has been withdrawn."),
    ],
)
def test_a_link_that_is_over_says_so_in_plain_words(
    client, path, manager, happens, sentence
):
    invitation = Invitation.objects.get()
    if happens == "accepted":
        invitations.accept(path.split("/")[-2], password=PASSWORD)
    elif happens == "withdrawn":
        invitations.withdraw(invitation, by=manager)
    elif happens == "replaced":
        invitations.resend(invitation, by=manager)
    else:
        Invitation.objects.update(
            created_at=timezone.now() - timedelta(days=9),
            expires_at=timezone.now() - timedelta(days=1),
        )

    response = client.get(path)

    assert response.status_code == 409
    assert sentence in response.text


def test_who_was_invited_is_forgotten_after_a_while(office, manager):
    invite(office, manager)

    with time_machine.travel(timezone.now() + timedelta(days=96)):
        purge()
        kept = Invitation.objects.count()
    with time_machine.travel(timezone.now() + timedelta(days=98)):
        purge()

    assert (kept, Invitation.objects.count()) == (1, 0)
