"""Where somebody is signed in: listed, noted once an hour, and ended."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import devices, operations, sessions
from accounts.models import SignIn
from accounts.querysets import SignInKind
from accounts.tasks import purge
from accounts.tests.factories import (
    PASSWORD,
    AdminFactory,
    SignInFactory,
    UserFactory,
)
from config.sessions import SessionStore

pytestmark = pytest.mark.django_db

ACCOUNT = reverse("accounts:account")
OTHERS = reverse("accounts:end-others")
PASSWORD_PAGE = reverse("accounts:change-password")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = "staple battery horse correct"


@pytest.fixture
def user(client):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def phone(user):
    """The same person in another browser."""
    other = Client()
    other.force_login(user)
    return other


def is_signed_in(client):
    return client.get(ACCOUNT).status_code == 200


def end(sign_in):
    return reverse("accounts:end-sign-in", args=[sign_in.pk])


def row_of(client):
    return SignIn.objects.get(token=client.session.session_key)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox, Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 "
            "(KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
            "Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge, Windows",
        ),
        ("okhttp/4.9.3", "okhttp"),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_a_device_is_told_in_words(rf, agent, words):
    assert devices.words(rf.get("/", headers={"User-Agent": agent})) == words


def test_signing_in_is_listed(client):
    user = UserFactory()
    about = {"username": user.email, "password": PASSWORD}
    client.post("/sign-in/", about, headers={"User-Agent": FIREFOX})

    page = client.get(ACCOUNT)

    row = SignIn.objects.get()
    assert (row.kind, row.device, row.user) == (
        SignInKind.BROWSER,
        "Firefox, Linux",
        user,
    )
    assert "Firefox, Linux" in page.text
    assert page.text.count("this browser") == 1


def test_signing_in_again_as_somebody_else_is_listed_as_theirs(client, user):
    other = UserFactory()

    client.force_login(other)

    assert row_of(client).user == other


def test_signing_out_ends_it(client, user):
    client.post(reverse("accounts:logout"))

    assert SignIn.objects.get().ended_at is not None


def test_one_is_signed_out_at_once(client, user, phone):
    client.post(end(row_of(phone)))

    assert (is_signed_in(phone), is_signed_in(client)) == (False, True)


def test_all_others_are_signed_out_apps_too(client, user, phone):
    app = SignInFactory(user=user)

    client.post(OTHERS)

    app.refresh_from_db()
    assert (is_signed_in(phone), is_signed_in(client)) == (False, True)
    assert app.ended_at is not None


def test_nobody_ends_another_s(client, user):
    other = SignInFactory()

    response = client.post(end(other))

    other.refresh_from_db()
    assert (response.status_code, other.ended_at) == (404, None)
    with pytest.raises(PermissionDenied):
        sessions.end_all(other.user, by=user)


def test_ending_takes_a_post(client, user):
    assert client.get(end(row_of(client))).status_code == 405
    assert client.get(OTHERS).status_code == 405


def test_a_list_is_one_query_however_long(client, user, django_assert_num_queries):
    client.get(ACCOUNT)
    with django_assert_num_queries(3):
        client.get(ACCOUNT)
    SignInFactory.create_batch(30, user=user)

    with django_assert_num_queries(3):
        client.get(ACCOUNT)


def test_use_is_noted_once_an_hour(client, user, django_assert_num_queries):
    client.get(ACCOUNT)
    later = timezone.now() + timedelta(hours=2)
    with time_machine.travel(later, tick=False):
        client.get(ACCOUNT)
        noted = SignIn.objects.get().last_seen_at
        with django_assert_num_queries(3):
            client.get(ACCOUNT)

    assert noted == later


def test_what_has_ended_is_found_out_even_if_its_session_was_revived(client, user):
    SignIn.objects.update(ended_at=timezone.now())

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        client.get(ACCOUNT)

        assert not is_signed_in(client)


def test_a_copy_in_redis_is_believed_for_a_minute(client, user, monkeypatch):
    kept = {}
    store = SessionStore(client.session.session_key)
    monkeypatch.setattr(
        store._cache._cache, "set", lambda key, value, timeout: kept.update(t=timeout)
    )
    store["a"] = 1
    store.save()

    assert kept == {"t": 60}


def test_a_new_password_signs_out_everywhere(client, user, phone):
    app = SignInFactory(user=user)

    wrong = client.post(PASSWORD_PAGE, {"current_password": "x", "new_password": NEW})
    right = {"current_password": PASSWORD, "new_password": NEW}
    done = client.post(PASSWORD_PAGE, right)

    app.refresh_from_db()
    assert (wrong.status_code, done.status_code) == (422, 302)
    assert (is_signed_in(phone), is_signed_in(client)) == (False, False)
    assert app.ended_at is not None


def test_the_admin_s_own_page_leads_to_ours(client):
    client.force_login(AdminFactory())

    assert client.get(reverse("admin:password_change")).url == PASSWORD_PAGE


def test_a_password_that_an_admin_sets_signs_out_everywhere(client, user, phone):
    app = SignInFactory(user=user)
    client.force_login(AdminFactory())
    path = reverse("admin:auth_user_password_change", args=[user.pk])

    client.post(path, {"usable_password": "true", "password1": NEW, "password2": NEW})

    app.refresh_from_db()
    assert not is_signed_in(phone)
    assert app.ended_at is not None


def test_a_closed_account_is_signed_out_everywhere(user, phone):
    operations.deactivate(user, by=None)
    operations.reactivate(user, by=None)

    assert not is_signed_in(phone)


def test_an_admin_signs_somebody_out(client, user, phone):
    client.force_login(AdminFactory())

    client.post(
        reverse("admin:accounts_user_changelist"),
        {"action": "sign_out", "_selected_action": [user.pk]},
    )

    assert not is_signed_in(phone)
    assert not user.sign_ins.live().exists()


def test_no_page_of_the_admin_shows_the_key_of_a_session(client, user):
    client.force_login(AdminFactory())
    row = row_of(client)

    page = client.get(reverse("admin:accounts_signin_change", args=[row.pk]))

    assert page.status_code == 200
    assert row.token not in page.text


def test_a_session_s_key_is_no_refresh_token(user, client):
    row = row_of(client)

    assert operations.refresh(row.pk, row.token) is None


def test_old_sessions_are_forgotten(user, client):
    key = client.session.session_key

    with time_machine.travel(timezone.now() + timedelta(days=30)):
        purge()

    assert not SignIn.objects.exists()
    assert not SessionStore.get_model_class().objects.filter(pk=key).exists()
