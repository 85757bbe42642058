"""Keys for programs: made, used, limited to what they were made for, revoked."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import operations as accounts
from accounts.models import AccountMail, User
from accounts.tasks import deliver_mail
from accounts.tests.factories import AdminFactory, UserFactory
from offices import api_keys
from offices.exceptions import KeyRevoked
from offices.models import ApiKey, Host, Membership, Office, Service
from offices.permissions import may
from offices.querysets import offices_of
from offices.roles import Permission, Role
from offices.tests.factories import (
    ApiKeyFactory,
    HostFactory,
    MembershipFactory,
    OfficeFactory,
    ServiceFactory,
)

pytestmark = pytest.mark.django_db

VIEW, BOOK = Permission.VIEW_APPOINTMENTS, Permission.BOOK_APPOINTMENTS


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def manager(office):
    return MembershipFactory(office=office, role=Role.MANAGER).user


def ask(secret):
    return APIClient().get("/api/v1/auth/me", headers={"X-API-Key": secret})


def told(response):
    return response.status_code, response.json().get("code")


def test_a_key_opens_the_api_as_a_user_of_its_own():
    key = ApiKeyFactory(name="Website")

    response = ask(key.secret)

    assert (response.status_code, response.json()["name"]) == (200, "Website")
    assert response.json()["id"] == key.user_id


def test_a_secret_is_kept_as_a_hash_alone():
    key = ApiKeyFactory()

    kept = str(ApiKey.objects.values().get())
    assert key.secret.startswith(f"{key.prefix}_")
    assert key.secret.removeprefix(f"{key.prefix}_") not in kept
    assert len(key.secret) > 50


@pytest.mark.parametrize("secret", ["x", "ak_00000000_x", "schlüssel", "Bearer x"])
def test_another_key_opens_nothing(secret):
    ApiKeyFactory()

    response = ask(secret.encode().decode("latin-1"))

    assert told(response) == (401, "api_key_not_valid")


def test_a_key_expires():
    key = ApiKeyFactory(expires_at=timezone.now() + timedelta(days=1))
    assert ask(key.secret).status_code == 200

    ApiKey.objects.update(expires_at=timezone.now())

    assert told(ask(key.secret)) == (401, "api_key_not_valid")


def test_a_revoked_key_opens_nothing_and_holds_nothing(office, manager):
    key = ApiKeyFactory(offices=[office])

    api_keys.revoke(key, by=manager)

    assert told(ask(key.secret)) == (401, "api_key_not_valid")
    assert not may(User.objects.get(pk=key.user_id), VIEW, office)
    with pytest.raises(KeyRevoked):
        api_keys.revoke(key, by=manager)


def test_its_use_is_noted_once_a_minute(django_assert_num_queries):
    key = ApiKeyFactory()
    ask(key.secret)
    key.refresh_from_db()
    noted = key.last_used_at

    with django_assert_num_queries(2):  # the key, with its user; its offices
        ask(key.secret)

    key.refresh_from_db()
    assert key.last_used_at == noted


def test_a_key_may_what_it_was_made_for_where_it_was_made_for(office):
    other = OfficeFactory()
    user = ApiKeyFactory(offices=[office], permissions={VIEW, BOOK}).user

    held = {p for p in Permission if may(user, p, office)}
    elsewhere = {p for p in Permission if may(user, p, other)}

    assert (held, elsewhere) == ({VIEW, BOOK}, set())
    assert list(offices_of(user, BOOK)) == [office]
    assert list(offices_of(user, Permission.MANAGE_OFFICE)) == []


def test_a_key_sees_its_offices_rows_as_a_member_would(office):
    own = HostFactory(office=office)
    HostFactory()
    ServiceFactory()
    user = ApiKeyFactory(offices=[office]).user

    assert list(Office.objects.visible_to(user)) == [office]
    assert list(Host.objects.visible_to(user)) == [own]
    assert list(Membership.objects.visible_to(user)) == []
    assert list(User.objects.visible_to(user)) == [user]
    assert Service.objects.visible_to(user).exists()


def test_a_key_is_nobody_who_signs_in(office):
    key = ApiKeyFactory(offices=[office])

    assert (key.user.is_staff, key.user.is_machine) == (False, True)
    assert list(User.objects.people()) == []
    assert not key.user.has_usable_password()
    with pytest.raises(PermissionDenied):
        accounts.change_profile(key.user, by=key.user, name="Somebody")
    accounts.ask_for_reset(key.user.email)
    mail = AccountMail.objects.get()
    deliver_mail(mail.pk)
    mail.refresh_from_db()
    assert mail.status == "dropped"


def test_managers_make_keys_for_their_own_offices_alone(office, manager):
    key, _ = api_keys.create("Ours", offices=[office], permissions={VIEW}, by=manager)

    assert key.created_by == manager
    for offices in [[OfficeFactory()], [office, OfficeFactory()]]:
        with pytest.raises(PermissionDenied):
            api_keys.create("Theirs", offices=offices, permissions={VIEW}, by=manager)
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("role", [Role.HOST, Role.SECRETARY, Role.RECEPTION])
def test_others_make_and_revoke_none(office, role):
    key = ApiKeyFactory(offices=[office])
    user = MembershipFactory(office=office, role=role).user

    with pytest.raises(PermissionDenied):
        api_keys.create("Mine", offices=[office], permissions={VIEW}, by=user)
    with pytest.raises(PermissionDenied):
        api_keys.revoke(key, by=user)


def test_a_key_grants_no_more_than_its_maker_holds(office):
    maker = ApiKeyFactory(
        offices=[office], permissions={VIEW, Permission.MANAGE_MEMBERS}
    ).user

    with pytest.raises(PermissionDenied):
        api_keys.create("More", offices=[office], permissions={VIEW, BOOK}, by=maker)


def test_managers_see_the_keys_of_their_offices(office, manager):
    own = ApiKeyFactory(offices=[office, OfficeFactory()])
    ApiKeyFactory()

    assert list(ApiKey.objects.visible_to(manager)) == [own]
    assert ApiKey.objects.visible_to(AdminFactory()).count() == 2
    assert not ApiKey.objects.visible_to(UserFactory()).exists()


# --- the admin ---


def add(client, **fields):
    path = reverse("admin:offices_apikey_add")
    return client.post(path, {"name": "Website", **fields}, follow=True)


def test_a_key_is_made_in_the_admin_and_shown_once(client, office, manager):
    client.force_login(manager)

    page = add(client, offices=[office.pk], permissions=[VIEW, BOOK])

    secret = re.search(r"ak_[0-9a-f]{8}_[\w-]{43}", page.text)[0]
    assert ask(secret).json()["name"] == "Website"
    key = ApiKey.objects.get()
    assert (key.permissions, list(key.offices.all())) == ([BOOK, VIEW], [office])
    again = client.get(reverse("admin:offices_apikey_change", args=[key.pk]))
    assert key.prefix in again.text
    assert secret not in again.text


def test_the_admin_makes_no_key_for_another_office(client, manager):
    client.force_login(manager)

    page = add(client, offices=[OfficeFactory().pk], permissions=[VIEW])

    assert page.status_code == 200
    assert ApiKey.objects.count() == 0


def test_a_key_is_revoked_in_the_admin(client, office, manager):
    key = ApiKeyFactory(offices=[office])
    client.force_login(manager)

    client.post(
        reverse("admin:offices_apikey_changelist"),
        {"action": "revoke", "_selected_action": [key.pk]},
    )

    assert ask(key.secret).status_code == 401


# --- the command ---


def test_a_key_is_made_by_a_command(office, capsys):
    call_command(
        "create_api_key",
        *("Website", "--office", office.slug, "--days", "30"),
        *("--permission", VIEW, "--permission", BOOK),
    )

    assert ask(capsys.readouterr().out.strip()).status_code == 200
    key = ApiKey.objects.get()
    assert (key.name, key.permissions, key.created_by) == (
        "Website",
        [BOOK, VIEW],
        None,
    )
    assert key.expires_at - timezone.now() > timedelta(days=29)


@pytest.mark.parametrize(
    "wrong",
    [
        ["Website", "--office", "nowhere"],
        ["Website", "--office", "{}", "--days", "0"],
        ["Website", "--office", "{}", "--days", "99999999"],
        [" ", "--office", "{}"],
        ["W" * 101, "--office", "{}"],
    ],
)
def test_the_command_says_what_is_wrong(office, wrong):
    arguments = [argument.format(office.slug) for argument in wrong]

    with pytest.raises(CommandError):
        call_command("create_api_key", *arguments, "--permission", VIEW)

    assert ApiKey.objects.count() == 0


def test_a_key_says_what_it_may(office):
    key = ApiKeyFactory(offices=[office], permissions=[VIEW])

    told = ask(key.secret).json()

    assert (told["memberships"], told["api_key"]) == (
        [],
        {"offices": [office.pk], "permissions": [VIEW], "expires_at": None},
    )


def test_a_person_reads_where_he_or_she_may_what(office):
    user = MembershipFactory(office=office, role=Role.HOST).user
    ended = MembershipFactory(user=user)
    type(ended).objects.filter(pk=ended.pk).update(ended_at=timezone.now())
    api = APIClient()
    api.force_authenticate(user)

    told = api.get("/api/v1/auth/me").json()

    assert told["api_key"] is None
    assert told["memberships"] == [
        {
            "office": office.pk,
            "role": "host",
            "permissions": ["view_appointments", "decide_requests", "run_desk"],
        }
    ]
