"""Signing up, in and out by API, and one's own account."""

import base64
import json
import re
from datetime import timedelta
from functools import partial

import jwt
import pytest
import time_machine
from django.conf import settings as project
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AccountMail, Registration, SignIn, User
from accounts.tasks import deliver_mail
from accounts.tests.factories import (
    PASSWORD,
    RegistrationFactory,
    SignInFactory,
    UserFactory,
)
from accounts.tokens import pair
from availability.tests.races import at_once
from config.models import IdempotencyKey

pytestmark = pytest.mark.django_db

NEW = "staple battery horse correct"
EMAIL = "erika@example.org"
NEWCOMER = {"email": EMAIL, "password": PASSWORD, "name": "Erika Mustermann"}


@pytest.fixture
def user():
    return UserFactory(email=EMAIL)


@pytest.fixture
def tokens(user):
    return pair(SignInFactory(user=user))


def call(path, body=None, *, bearer=None, method="post", **headers):
    client = APIClient()
    if bearer:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {bearer}")
    return getattr(client, method)(f"/api/v1/auth/{path}", body, headers=headers)


def told(response):
    """The status, and the code of a problem."""
    return response.status_code, response.json().get("code")


def read_mail():
    """Deliver what is owed; returns the last mail's token, if it has one."""
    deliver()
    found = re.search(r"/account/\w+/(\S+)/\n", mail.outbox[-1].body)
    return found and found[1]


def deliver():
    for pk in AccountMail.objects.due().values_list("pk", flat=True):
        deliver_mail(pk)


def confirm(token, password=PASSWORD):
    return call("verify-email", {"token": token, "password": password})


def login(password=PASSWORD, email=EMAIL, **headers):
    return call("login", {"email": email, "password": password}, **headers)


# --- registration ---


def test_a_newcomer_registers_confirms_and_signs_in():
    registered = call("register", {**NEWCOMER, "email": "Erika@Example.org"})
    before = login()
    confirmed = confirm(read_mail())
    after = login()

    user = User.objects.get()
    assert [r.status_code for r in (registered, before, confirmed, after)] == [
        *(202, 401, 204, 200)
    ]
    assert (user.email, user.name, user.is_staff) == (EMAIL, "Erika Mustermann", False)
    assert user.email_verified_at is not None
    assert mail.outbox[0].to == [EMAIL]


def test_registering_tells_nobody_who_has_an_account(user):
    taken = call("register", NEWCOMER)
    free = call("register", {**NEWCOMER, "email": "nobody@example.org"})

    assert (taken.status_code, taken.content) == (free.status_code, free.content)


def test_who_has_an_account_is_told_so_by_mail(user):
    call("register", {**NEWCOMER, "password": NEW})

    assert read_mail() is None
    assert "already have an account" in mail.outbox[-1].subject
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


STRANGERS = "the password of a stranger"


def test_whoever_registers_another_s_address_gets_nothing_of_it():
    """Neither a password that opens the account, nor a phone that is told of it."""
    phone = "+49 89 23300"
    call("register", {**NEWCOMER, "password": STRANGERS, "phone": phone})

    confirmed = confirm(read_mail(), NEW)

    statuses = [login(password).status_code for password in (STRANGERS, NEW)]
    assert (confirmed.status_code, statuses) == (204, [401, 200])
    assert User.objects.get().phone == ""


def test_who_confirms_with_the_password_of_the_registration_keeps_its_phone():
    call("register", {**NEWCOMER, "phone": "+49 89 23300"})

    confirm(read_mail())

    assert User.objects.get().phone == "+498923300"


def test_the_first_confirmed_registration_wins():
    call("register", {**NEWCOMER, "password": STRANGERS})
    strangers = read_mail()
    call("register", NEWCOMER)
    mine = read_mail()

    assert confirm(mine).status_code == 204
    assert told(confirm(strangers, STRANGERS)) == (409, "already_confirmed")
    assert login(STRANGERS).status_code == 401
    assert login().status_code == 200


def test_a_link_that_has_confirmed_sets_no_other_password():
    call("register", NEWCOMER)
    token = read_mail()

    first = confirm(token, NEW)
    again = confirm(token)

    assert (first.status_code, told(again)) == (204, (409, "already_confirmed"))
    assert User.objects.get().check_password(NEW)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "required"),
        ({"password": ""}, "blank"),
        ({"password": "12345678"}, "password_too_common"),
        ({"password": EMAIL}, "password_too_similar"),
    ],
)
def test_nothing_is_confirmed_without_a_good_password(given, code):
    call("register", NEWCOMER)

    response = call("verify-email", {"token": read_mail(), **given})

    codes = [error["code"] for error in response.json()["errors"]["password"]]
    assert (response.status_code, code in codes) == (400, True)
    assert User.objects.count() == 0


@pytest.mark.parametrize("hours", [1, 25])
def test_who_asks_for_a_password_before_confirming_is_sent_the_link_again(hours):
    """Its page has a password chosen, so nothing else is needed; for a day."""
    call("register", {**NEWCOMER, "password": STRANGERS})
    deliver()

    with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False):
        call("password/reset", {"email": EMAIL})
        answers = [confirm(read_mail(), NEW).status_code, login(NEW).status_code]

    assert len(mail.outbox) == (2 if hours == 1 else 1)
    assert answers == ([204, 200] if hours == 1 else [409, 401])


def test_a_confirmation_is_good_for_a_day():
    call("register", NEWCOMER)
    token = read_mail()

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        response = confirm(token)

    assert told(response) == (409, "link_invalid")


@pytest.mark.parametrize("forge", ["", "x", "{}x", "{}:x"])
def test_a_forged_confirmation_is_refused(forge):
    registration = RegistrationFactory()

    response = confirm(forge.format(registration.pk.hex) or "-")

    assert told(response) == (409, "link_invalid")
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"email": "erika"}, "email", "invalid"),
        ({"password": "12345678"}, "password", "password_too_common"),
        ({"password": "erika@example.org"}, "password", "password_too_similar"),
        ({"password": "a\0" * 8}, "password", "null_characters_not_allowed"),
        ({"name": ""}, "name", "blank"),
        ({"language": "xx"}, "language", "invalid_choice"),
    ],
)
def test_a_registration_is_looked_over(change, field, code):
    response = call("register", {**NEWCOMER, **change})

    errors = response.json()["errors"]
    assert (response.status_code, list(errors)) == (400, [field])
    assert code in [error["code"] for error in errors[field]]
    assert Registration.objects.count() == 0


def test_only_some_domains_may_register(settings):
    settings.ALLOWED_EMAIL_DOMAINS = ["town.example"]

    refused = call("register", {**NEWCOMER, "email": "a@sub.town.example"})
    taken = call("register", {**NEWCOMER, "email": "a@Town.example"})

    assert refused.json()["errors"]["email"][0]["code"] == "domain_not_allowed"
    assert taken.status_code == 202


# --- sign-in ---


def test_signing_in_gives_tokens(user):
    response = login(email="ERIKA@example.org")

    tokens = response.json()
    me = call("me", bearer=tokens["access"], method="get").json()
    assert me["email"] == EMAIL
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert response["Cache-Control"] == "no-store"
    assert "ETag" not in response
    user.refresh_from_db()
    assert user.last_login is not None


def test_the_same_is_said_whoever_it_is(user):
    UserFactory(email="gone@example.org", is_active=False)
    RegistrationFactory(email="waiting@example.org")

    responses = [
        login("wrong", email=email)
        for email in [
            EMAIL,
            "gone@example.org",
            "waiting@example.org",
            "no@example.org",
        ]
    ]
    responses += [login(email="gone@example.org")]
    responses += [login(email="waiting@example.org")]
    answers = {str({**each.json(), "request_id": None}) for each in responses}

    assert len(answers) == 1
    assert told(login("wrong")) == (401, "wrong_credentials")
    assert login("wrong")["WWW-Authenticate"] == 'Bearer realm="api"'


def test_five_wrong_passwords_lock_the_account_for_this_address(user):
    statuses = [login("wrong").status_code for _ in range(5)]

    locked = login()
    elsewhere = APIClient(REMOTE_ADDR="10.1.1.1").post(
        "/api/v1/auth/login", {"email": EMAIL, "password": PASSWORD}
    )

    assert statuses == [401, 401, 401, 401, 429]
    assert told(locked) == (429, "locked_out")
    assert locked["Retry-After"] == "900"
    assert locked["Content-Type"] == "application/problem+json"
    assert elsewhere.status_code == 200


def test_an_account_that_does_not_exist_locks_alike(user):
    answers = [
        [told(login("wrong", email=email)) for _ in range(6)]
        for email in [EMAIL, "nobody@example.org"]
    ]

    assert answers[0] == answers[1]


def test_the_lock_opens_after_a_quarter_of_an_hour(user):
    for _ in range(5):
        login("wrong")

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert login().status_code == 200


def test_a_key_for_safe_repetition_does_not_spare_the_lock(user):
    statuses = [
        login("wrong", **{"Idempotency-Key": f"key-{number}"}).status_code
        for number in range(6)
    ]

    assert statuses == [401, 401, 401, 401, 429, 429]


def test_a_repeated_sign_in_is_one(user):
    first = login(**{"Idempotency-Key": "once"})

    again = login(**{"Idempotency-Key": "once"})

    assert again.content == first.content
    assert SignIn.objects.count() == 1


def test_no_token_is_kept_whole(user):
    tokens = login(**{"Idempotency-Key": "once"}).json()

    kept = str(list(IdempotencyKey.objects.values()))
    assert tokens["access"] not in kept
    assert tokens["refresh"] not in kept


# --- tokens ---


def forged(token, key="another key, that is as long as it needs to be", **changes):
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode({**claims, **changes}, key, "HS256")


def unsigned(token):
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode())
    return ".".join([header.decode().rstrip("="), token.split(".")[1], ""])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-4] + "AAAA",
        lambda token: token[:10],
        forged,
        unsigned,
        lambda token: "x",
    ],
)
def test_a_forged_token_opens_nothing(tokens, spoil):
    response = call("me", bearer=spoil(tokens["access"]), method="get")

    assert told(response) == (401, "token_not_valid")
    assert told(call("refresh", {"refresh": spoil(tokens["refresh"])})) == (
        401,
        "token_not_valid",
    )


def test_a_token_is_good_for_its_own_purpose_alone(tokens):
    assert call("me", bearer=tokens["refresh"], method="get").status_code == 401
    assert call("refresh", {"refresh": tokens["access"]}).status_code == 401


def test_an_access_token_expires(tokens):
    with time_machine.travel(timezone.now() + project.ACCESS_TOKEN_LIFETIME):
        response = call("me", bearer=tokens["access"], method="get")

    assert told(response) == (401, "token_not_valid")


def test_lifetimes_follow_the_settings(user, settings):
    settings.REFRESH_TOKEN_LIFETIME = timedelta(days=3)

    tokens = login().json()

    claims = jwt.decode(tokens["refresh"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == pytest.approx(3 * 86400, abs=2)


def test_a_user_who_is_blocked_is_out_at_once(user, tokens):
    user.is_active = False
    user.save()

    assert call("me", bearer=tokens["access"], method="get").status_code == 401
    assert call("refresh", {"refresh": tokens["refresh"]}).status_code == 401


def test_refreshing_replaces_the_refresh_token(tokens):
    fresh = call("refresh", {"refresh": tokens["refresh"]}).json()

    assert fresh["refresh"] != tokens["refresh"]
    assert call("me", bearer=fresh["access"], method="get").status_code == 200
    assert call("refresh", {"refresh": fresh["refresh"]}).status_code == 200


def test_a_refresh_token_used_twice_ends_the_sign_in(tokens):
    fresh = call("refresh", {"refresh": tokens["refresh"]}).json()

    stolen = call("refresh", {"refresh": tokens["refresh"]})

    assert told(stolen) == (401, "token_not_valid")
    assert call("refresh", {"refresh": fresh["refresh"]}).status_code == 401
    assert call("me", bearer=fresh["access"], method="get").status_code == 401


def test_a_reused_token_ends_no_other_sign_in(user, tokens):
    other = pair(SignInFactory(user=user))
    for _ in range(2):
        call("refresh", {"refresh": tokens["refresh"]})

    assert call("refresh", {"refresh": other["refresh"]}).status_code == 200


def test_a_lost_answer_can_be_asked_for_again(tokens):
    body, key = {"refresh": tokens["refresh"]}, {"Idempotency-Key": "once"}
    first = call("refresh", body, **key)

    again = call("refresh", body, **key)

    assert again.content == first.content
    assert call("refresh", {"refresh": again.json()["refresh"]}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_who_refresh_with_one_token_one_gets_another(user):
    tokens = pair(SignInFactory(user=user))

    answers = at_once(*[partial(call, "refresh", {"refresh": tokens["refresh"]})] * 8)

    assert sorted(a.status_code for a in answers) == [200] + [401] * 7


def test_signing_out_ends_the_tokens(tokens):
    for _ in range(2):
        assert call("logout", {"refresh": tokens["refresh"]}).status_code == 204

    assert call("refresh", {"refresh": tokens["refresh"]}).status_code == 401
    assert call("me", bearer=tokens["access"], method="get").status_code == 401


# --- one's account ---


def test_strangers_have_no_account():
    response = call("me", method="get")

    assert told(response) == (401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_one_changes_what_is_one_s_own(user, tokens):
    response = call(
        "me",
        {"name": "E. M.", "email": "x@example.org", "is_staff": True},
        bearer=tokens["access"],
        method="patch",
    )

    user.refresh_from_db()
    assert response.json()["name"] == user.name == "E. M."
    assert (user.email, user.is_staff) == (EMAIL, False)


def test_a_browser_s_cookie_needs_its_csrf_token(user):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(user)

    read = browser.get("/api/v1/auth/me")
    forged = browser.patch("/api/v1/auth/me", {"name": "Forged"})
    browser.cookies["csrftoken"] = token = "a" * 32
    meant = browser.patch(
        "/api/v1/auth/me", {"name": "Meant"}, headers={"X-CSRFToken": token}
    )

    assert read.json()["email"] == EMAIL
    assert told(forged) == (403, "csrf_failed")
    assert (meant.status_code, meant.json()["name"]) == (200, "Meant")


# --- passwords ---


def test_changing_the_password_ends_every_sign_in(user, tokens):
    other = pair(SignInFactory(user=user))

    response = call(
        "password/change",
        {"current_password": PASSWORD, "new_password": NEW},
        bearer=tokens["access"],
    )

    assert response.status_code == 204
    for pair_ in (tokens, other):
        assert call("refresh", {"refresh": pair_["refresh"]}).status_code == 401
        assert call("me", bearer=pair_["access"], method="get").status_code == 401
    assert (login().status_code, login(NEW).status_code) == (401, 200)
    assert read_mail() is None
    assert "was changed" in mail.outbox[-1].subject


@pytest.mark.parametrize(
    ("current", "new", "field", "code"),
    [
        ("wrong", NEW, "current_password", "wrong"),
        (PASSWORD, "password", "new_password", "password_too_common"),
    ],
)
def test_a_password_is_not_changed_lightly(user, tokens, current, new, field, code):
    response = call(
        "password/change",
        {"current_password": current, "new_password": new},
        bearer=tokens["access"],
    )

    errors = response.json()["errors"]
    assert (response.status_code, errors[field][0]["code"]) == (400, code)
    assert login().status_code == 200


def test_who_forgot_the_password_chooses_another_by_mail(user, tokens):
    for _ in range(6):
        login("wrong")
    asked = call("password/reset", {"email": EMAIL})

    reset = call("password/reset/confirm", {"token": read_mail(), "new_password": NEW})

    assert (asked.status_code, reset.status_code) == (202, 204)
    assert login(NEW).status_code == 200  # the lock is gone, too
    assert call("refresh", {"refresh": tokens["refresh"]}).status_code == 401
    user.refresh_from_db()
    assert user.email_verified_at is not None


def test_a_reset_works_once_and_for_an_hour(user):
    call("password/reset", {"email": EMAIL})
    body = {"token": read_mail(), "new_password": NEW}

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        late = call("password/reset/confirm", body)
    first = call("password/reset/confirm", body)
    again = call("password/reset/confirm", body)

    assert told(late) == told(again) == (409, "link_invalid")
    assert first.status_code == 204


@pytest.mark.parametrize("token", ["x", "1-", "{}-x", "²-x", "9" * 30 + "-x", "-1-x"])
def test_a_forged_reset_is_refused(user, token):
    response = call(
        "password/reset/confirm", {"token": token.format(user.pk), "new_password": NEW}
    )

    assert told(response) == (409, "link_invalid")


def test_asking_for_a_reset_tells_nobody_who_has_an_account(
    user, django_assert_num_queries
):
    answers = set()
    for email in [EMAIL, "nobody@example.org"]:
        with django_assert_num_queries(3):  # savepoint, insert, release
            answers.add(call("password/reset", {"email": email}).content)
    deliver()

    assert len(answers) == 1
    assert [message.to for message in mail.outbox] == [[EMAIL]]


def test_nobody_s_box_is_flooded(user):
    for _ in range(8):
        call("password/reset", {"email": EMAIL})

    deliver()

    assert len(mail.outbox) == 5


def change(current, bearer, address="1.1.1.1"):
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {bearer}", REMOTE_ADDR=address)
    body = {"current_password": current, "new_password": NEW}
    return client.post("/api/v1/auth/password/change", body)


def test_guessing_the_present_password_locks_as_a_sign_in_does(user, tokens):
    tried = [change("wrong", tokens["access"]) for _ in range(5)]
    right = change(PASSWORD, tokens["access"])

    assert [r.status_code for r in tried] == [400, 400, 400, 400, 429]
    assert told(right) == (429, "locked_out")
    assert change(PASSWORD, tokens["access"], address="2.2.2.2").status_code == 204


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("", ""), ("+49 89 2330", "+49892330"), ("+33 1 42 76 40 40", "+33142764040")],
)
def test_a_phone_number_is_kept_in_one_form(user, tokens, typed, kept):
    response = call("me", {"phone": typed}, bearer=tokens["access"], method="patch")

    assert (response.status_code, response.json()["phone"]) == (200, kept)


@pytest.mark.parametrize("typed", ["089 233 00", "+49", "abc"])
@pytest.mark.parametrize("path", ["me", "register"])
def test_what_is_no_phone_number_is_refused(user, tokens, typed, path):
    method, body = ("patch", {}) if path == "me" else ("post", NEWCOMER)
    bearer = tokens["access"] if path == "me" else None

    response = call(path, {**body, "phone": typed}, bearer=bearer, method=method)

    [error] = response.json()["errors"]["phone"]
    assert response.status_code == 400
    assert error["message"].startswith("Enter a phone number with its country")


def test_a_token_that_is_none_is_told_its_limit(user):
    response = call("me", bearer="x", method="get")

    assert response.status_code == 401
    assert "RateLimit-Remaining" in response.headers


@pytest.mark.parametrize("phone", [{}, [], True, "\0"])
def test_what_is_no_text_is_no_phone_number_either(tokens, phone):
    response = call("me", {"phone": phone}, bearer=tokens["access"], method="patch")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["phone"]
