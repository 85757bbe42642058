"""Ten thousand wrong passwords: spread over addresses, over accounts, over both."""

import pytest
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from accounts import guessing, operations
from accounts.models import AccountMail, MailKind
from accounts.tests.factories import PASSWORD, UserFactory
from config import addresses

pytestmark = pytest.mark.django_db

SIGN_IN = reverse("accounts:login")
EMAIL = "ada@example.org"


@pytest.fixture(autouse=True)
def limits(settings):
    cache.clear()
    settings.WRONG_PASSWORDS_PER_ACCOUNT = (20, 900)
    settings.WRONG_PASSWORDS_PER_ACCOUNT_AND_DAY = (100, 86_400)
    settings.WRONG_PASSWORDS_PER_NETWORK = (50, 900)
    yield
    cache.clear()


@pytest.fixture
def at_once(settings):
    """The counters in this process, where ten thousand take no time."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    }


@pytest.fixture
def user():
    return UserFactory(email=EMAIL)


def address(number):
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def sign_in(client, email=EMAIL, password=PASSWORD, come_from="192.0.2.1"):
    about = {"username": email, "password": password}
    return client.post(SIGN_IN, about, REMOTE_ADDR=come_from).status_code


def guess(*, email=EMAIL, come_from):
    """One wrong password, at the limiter: whether it was looked at."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = come_from
    looked_at = not guessing.is_refused(request, email)
    guessing.count_wrong(None, {"username": email}, request)
    return looked_at


def test_one_account_from_ten_thousand_addresses(client, user, at_once):
    looked_at = sum(guess(come_from=address(number)) for number in range(10_000))

    assert looked_at == 20
    assert sign_in(client) == 429
    assert AccountMail.objects.filter(kind=MailKind.ATTACK).count() == 1


def test_ten_thousand_accounts_from_one_address(client, user, at_once):
    looked_at = sum(
        guess(email=f"{number}@example.org", come_from="192.0.2.1")
        for number in range(10_000)
    )

    assert looked_at == 50
    assert sign_in(client) == 429
    assert sign_in(client, come_from="192.0.2.2") == 302


def test_a_customer_s_own_ipv6_network_is_one_address():
    looked_at = sum(
        guess(
            email=f"{number}@example.org",
            come_from=f"2001:db8:1:2::{number:x}",
        )
        for number in range(60)
    )

    assert looked_at == 50
    assert guess(email="other@example.org", come_from="2001:db8:1:3::1")


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_networks(text, network):
    assert addresses.network_of(text) == network


def test_the_day_has_a_limit_of_its_own(settings):
    settings.WRONG_PASSWORDS_PER_ACCOUNT = (1000, 900)

    looked_at = sum(guess(come_from=address(n)) for n in range(200))

    assert looked_at == 100


def test_the_owner_gets_in_with_a_browser_that_is_known(client, user):
    sign_in(client)
    client.post(reverse("accounts:logout"))
    for number in range(30):
        guess(come_from=address(number))

    assert sign_in(Client()) == 429
    assert sign_in(client) == 302


def test_a_known_browser_is_for_nobody_else(client, user):
    other = UserFactory()
    sign_in(client, other.email)
    client.post(reverse("accounts:logout"))
    for number in range(30):
        guess(come_from=address(number))

    assert sign_in(client) == 429


def test_a_known_browser_guesses_no_more_than_any(client, user):
    sign_in(client)
    client.post(reverse("accounts:logout"))
    statuses = [
        sign_in(client, password="wrong", come_from=address(number))
        for number in range(22)
    ]

    assert statuses == [200] * 20 + [429] * 2


@pytest.mark.parametrize("forged", ["", "x", "e30:1x:y"])
def test_a_forged_cookie_opens_nothing(client, user, forged):
    client.cookies[guessing.COOKIE] = forged
    for number in range(30):
        guess(come_from=address(number))

    assert sign_in(client) == 429


def test_a_new_password_makes_browsers_unknown(client, user):
    sign_in(client)
    client.post(reverse("accounts:logout"))
    user.set_password("another one, and long")
    user.save()
    for number in range(30):
        guess(come_from=address(number))

    assert sign_in(client, password="another one, and long") == 429


def test_unlocking_lets_the_owner_in_at_once(client, user):
    for number in range(30):
        guess(come_from=address(number))

    operations.unlock(user, by=None)

    assert sign_in(client) == 302


def test_who_does_not_exist_is_treated_alike(client, user):
    for number in range(30):
        guess(email="nobody@example.org", come_from=address(number))

    assert sign_in(client, "nobody@example.org") == 429
    assert not AccountMail.objects.exists()


def test_the_api_is_guarded_alike(client, user):
    for number in range(30):
        guess(come_from=address(number))

    response = client.post(
        "/api/v1/auth/login",
        {"email": EMAIL, "password": PASSWORD},
        content_type="application/json",
    )

    assert (response.status_code, response.json()["code"]) == (429, "locked_out")


def test_without_redis_people_sign_in(client, user, settings):
    settings.CACHES = {
        "default": {
            **settings.CACHES["default"],
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    assert sign_in(client, password="wrong") == 200
    assert sign_in(client) == 302


def test_limits_can_be_turned_off(client, user, settings):
    for number in range(30):
        guess(come_from=address(number))
    settings.RATELIMIT_ENABLE = False

    assert sign_in(client) == 302
