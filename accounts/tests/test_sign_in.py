import pytest
from django.urls import reverse

from accounts.tests.factories import PASSWORD, AdminFactory, UserFactory
from offices.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

SIGN_IN = reverse("accounts:login")
ADMIN_SIGN_IN = reverse("admin:login")


def sign_in(client, user, password=PASSWORD, path=SIGN_IN, **fields):
    about = {"username": user.email, "password": password, **fields}
    return client.post(path, about)


def test_staff_begin_in_the_admin(client):
    response = sign_in(client, MembershipFactory().user)

    assert response.url == reverse("admin:index")


def test_citizens_begin_at_home(client):
    assert sign_in(client, UserFactory()).url == "/"


def test_who_wanted_a_page_gets_there(client):
    wanted = reverse("admin:offices_office_changelist")

    response = sign_in(client, MembershipFactory().user, next=wanted)

    assert response.url == wanted


def test_nobody_is_led_to_another_site(client):
    response = sign_in(client, UserFactory(), next="https://example.org/")

    assert response.url == "/"


def test_the_address_may_be_written_in_capitals(client):
    user = UserFactory(email="ada@example.org")
    user.email = "ADA@Example.org"

    assert sign_in(client, user).status_code == 302


def test_a_wrong_password_is_told_on_the_form(client):
    response = sign_in(client, UserFactory(), "wrong")

    assert response.status_code == 200
    assert response.context["form"].non_field_errors()


@pytest.mark.parametrize("path", [SIGN_IN, ADMIN_SIGN_IN])
@pytest.mark.parametrize("address", ["a" * 3_000, "\ufdfa" * 200])
def test_an_address_longer_than_any_is_told_at_its_field(client, path, address):
    response = client.post(path, {"username": address, "password": "wrong"})

    assert (response.status_code, list(response.context["form"].errors)) == (
        200,
        ["username"],
    )


def test_who_is_no_longer_active_stays_out(client):
    response = sign_in(client, UserFactory(is_active=False))

    assert response.status_code == 200


def test_signing_out_takes_a_post(client):
    client.force_login(UserFactory())
    path = reverse("accounts:logout")

    refused = client.get(path)
    response = client.post(path)

    assert refused.status_code == 405
    assert response.url == "/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("path", [SIGN_IN, ADMIN_SIGN_IN])
def test_five_wrong_passwords_lock_an_account_out(client, path):
    user = AdminFactory()

    for _ in range(5):
        locked = sign_in(client, user, "wrong", path)
    right = sign_in(client, user, path=path)

    assert (locked.status_code, right.status_code) == (429, 429)
    assert "Try again in 15 minutes." in right.text
    assert "_auth_user_id" not in client.session


def test_an_account_is_locked_out_however_its_address_is_typed(client):
    user = UserFactory(email="ada@example.org")

    for typed in ["ADA@example.org", "Ada@example.org", "aDa@example.org"] * 2:
        user.email = typed
        locked = sign_in(client, user, "wrong")

    assert locked.status_code == 429


def test_a_lockout_is_of_one_account_at_one_address(client):
    user, other = UserFactory.create_batch(2)

    for _ in range(5):
        sign_in(client, user, "wrong")

    assert sign_in(client, other).status_code == 302
    client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    assert sign_in(client, user).status_code == 302


def test_the_admin_sends_strangers_to_sign_in(client):
    response = client.get(reverse("admin:index"))

    assert response.url == f"{ADMIN_SIGN_IN}?next=/admin/"


def test_capitals_give_no_more_attempts(client):
    user = UserFactory(email="ada@example.org")
    for spelling in ["ada", "Ada", "aDa", "adA", "ADA"]:
        user.email = f"{spelling}@example.org"
        response = sign_in(client, user, "wrong")

    assert response.status_code == 429


def test_who_is_signed_in_already_is_led_to_the_account(client):
    client.force_login(UserFactory())

    assert client.get(SIGN_IN).url == reverse("accounts:account")
    assert client.get(SIGN_IN, {"next": "/privacy/"}).url == "/privacy/"
    assert client.get(SIGN_IN, {"next": "https://example.org/"}).url == "/account/"


@pytest.mark.parametrize("path", [SIGN_IN, ADMIN_SIGN_IN])
def test_what_is_missing_is_named(client, path):
    page = client.post(path, {"username": "", "password": ""})

    assert page.context["form"].errors == {
        "username": ["Enter your e-mail address."],
        "password": ["Enter your password."],
    }
