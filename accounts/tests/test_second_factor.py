"""The second step of a sign-in: on pages, in the admin, by API; on, off and lost."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts import codes, second_factor
from accounts.account import SEED
from accounts.exceptions import NoSecondFactor, OwnSecondFactor
from accounts.models import AccountMail, MailKind, SecondFactor, SignIn
from accounts.tests.factories import (
    PASSWORD,
    AdminFactory,
    SecondFactorFactory,
    SignInFactory,
    UserFactory,
)
from accounts.tokens import pair
from offices.roles import Role
from offices.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

SIGN_IN = reverse("accounts:login")
ADMIN_SIGN_IN = reverse("admin:login")
CODE = reverse("accounts:second-step")
SET_UP = reverse("accounts:second-factor")
OFF = reverse("accounts:second-factor-off")
RENEW = reverse("accounts:recovery-codes")
DESK = reverse("admin:desk")
LOGIN = "/api/v1/auth/login"


def code_of(factor, *, later=0):
    """What the phone shows now, or some time steps later."""
    step = int(timezone.now().timestamp()) // codes.STEP
    return codes.code_at(factor.seed, step + later)


def give_password(client, user, path=SIGN_IN, **fields):
    return client.post(path, {"username": user.email, "password": PASSWORD, **fields})


def give_code(client, code):
    return client.post(CODE, {"code": code})


def is_signed_in(client):
    return "_auth_user_id" in client.session


def call_login(client, user, **fields):
    about = {"email": user.email, "password": PASSWORD, **fields}
    response = client.post(LOGIN, about, content_type="application/json")
    return response.status_code, response.json().get("code")


def mails(kind):
    return AccountMail.objects.filter(kind=kind).count()


@pytest.fixture
def factor():
    return SecondFactorFactory(user=AdminFactory())


@pytest.fixture
def member():
    return MembershipFactory(role=Role.MANAGER).user


# --- the code ---


def test_the_codes_are_those_of_the_standard(monkeypatch):
    """RFC 6238, appendix B, of which we show six digits."""
    monkeypatch.setattr(codes, "secret_of", lambda seed: b"12345678901234567890")

    found = {second: codes.code_at("", second // 30) for second in (59, 1111111109)}

    assert found == {59: "287082", 1111111109: "081804"}


def test_the_database_alone_makes_no_codes(settings):
    seed = codes.new_seed()
    before = codes.secret_of(seed)

    settings.SECOND_FACTOR_KEY = "00" * 32

    assert codes.secret_of(seed) != before


@pytest.mark.parametrize("later", [-1, 0, 1])
def test_a_code_is_good_a_step_before_and_after_its_time(client, factor, later):
    give_password(client, factor.user)

    give_code(client, code_of(factor, later=later))

    assert is_signed_in(client)


@pytest.mark.parametrize("later", [-2, 2])
def test_a_code_of_another_time_is_refused(client, factor, later):
    give_password(client, factor.user)

    response = give_code(client, code_of(factor, later=later))

    assert (response.status_code, is_signed_in(client)) == (409, False)


# --- signing in on pages ---


@pytest.mark.parametrize("path", [SIGN_IN, ADMIN_SIGN_IN])
def test_after_the_password_comes_the_code(client, factor, path):
    first = give_password(client, factor.user, path, next=DESK)
    between = is_signed_in(client), client.get(DESK).status_code
    second = give_code(client, code_of(factor))

    assert (first.url, between, second.url) == (CODE, (False, 302), DESK)
    assert is_signed_in(client)


def test_without_the_code_nobody_gets_in(client, factor):
    give_password(client, factor.user)

    responses = [give_code(client, code) for code in ["", "12345", "ärger", "1" * 40]]

    assert [each.status_code for each in responses] == [422, 409, 409, 409]
    assert not is_signed_in(client)


def test_a_code_works_once(client, factor):
    code = code_of(factor)
    give_password(client, factor.user)
    give_code(client, code)
    client.logout()
    give_password(client, factor.user)

    response = give_code(client, code)

    assert (response.status_code, is_signed_in(client)) == (409, False)
    assert "has been used already" in response.text


def test_a_recovery_code_works_once_however_it_is_typed(client, factor):
    code, *_ = codes.new_recovery_codes()
    factor.recovery_codes = [codes.digest(code)]
    factor.save()
    for _ in range(2):
        client.logout()
        give_password(client, factor.user)
        response = give_code(client, f" {code.lower().replace('-', ' ')}")

    assert (response.status_code, is_signed_in(client)) == (409, False)


def test_the_page_for_the_code_is_for_whose_password_was_right(client, factor):
    assert client.get(CODE).url == SIGN_IN
    assert give_code(client, code_of(factor)).url == SIGN_IN


def test_the_password_is_good_for_ten_minutes(client, factor):
    give_password(client, factor.user)

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        response = give_code(client, code_of(factor))

    assert (response.url, is_signed_in(client)) == (SIGN_IN, False)


def test_a_password_that_has_changed_meanwhile_is_none(client, factor):
    give_password(client, factor.user)
    factor.user.set_password("another one")
    factor.user.save()

    response = give_code(client, code_of(factor))

    assert (response.url, is_signed_in(client)) == (SIGN_IN, False)


def test_five_wrong_codes_cost_a_wait_and_tell_the_owner(client, factor):
    give_password(client, factor.user)
    for _ in range(5):
        wrong = give_code(client, "000000")

    right = give_code(client, code_of(factor))
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        later = give_code(client, code_of(factor))

    assert (wrong.status_code, right.status_code, later.status_code) == (409, 409, 302)
    assert "Try again in 1 minute." in right.text
    assert mails(MailKind.ATTACK) == 1


def test_the_wait_doubles_up_to_a_quarter_of_an_hour(factor):
    waits = []
    for factor.failures in (4, 5, 6, 40):
        factor.failed_at = timezone.now()
        waits.append(round(second_factor._wait(factor) / timedelta(minutes=1)))

    assert waits == [0, 1, 2, 15]


# --- by API ---


def test_the_api_asks_for_the_code(client, factor):
    factor.user.set_password(PASSWORD)
    told = [
        call_login(client, factor.user),
        call_login(client, factor.user, otp="000000"),
        call_login(client, factor.user, otp=code_of(factor)),
        call_login(client, factor.user, otp=code_of(factor)),
    ]

    assert told == [
        (409, "second_factor_required"),
        (409, "wrong_code"),
        (200, None),
        (409, "wrong_code"),
    ]


def test_the_api_counts_wrong_codes_too(client, factor):
    told = [call_login(client, factor.user, otp="000000") for _ in range(6)]

    assert told[-1] == (409, "too_many_codes")


def test_a_wrong_password_is_told_before_any_code(client, factor):
    told = call_login(client, factor.user, password="wrong", otp=code_of(factor))

    assert told == (401, "wrong_credentials")


def test_a_role_that_requires_it_gets_no_tokens_without(client, member, settings):
    settings.TOTP_REQUIRED_ROLES = ["manager"]

    assert call_login(client, member) == (409, "second_factor_required")


def test_tokens_are_refreshed_no_more_once_it_is_required(client, member, settings):
    refresh = pair(SignInFactory(user=member))["refresh"]
    settings.TOTP_REQUIRED_ROLES = ["manager"]

    response = client.post(
        "/api/v1/auth/refresh", {"refresh": refresh}, content_type="application/json"
    )

    assert response.status_code == 401
    assert SignIn.objects.get().ended_at is not None


# --- required by role ---


def test_every_role_can_be_required(settings):
    assert sorted([*Role.values, second_factor.SUPERUSER]) == settings.TOTP_ROLES


@pytest.mark.parametrize("role", Role)
def test_whose_role_requires_it_sets_it_up_first(client, settings, role):
    settings.TOTP_REQUIRED_ROLES = ["manager", "superuser"]
    client.force_login(MembershipFactory(role=role).user)

    responses = [client.get(path) for path in (reverse("admin:index"), DESK)]
    by_api = client.get("/api/v1/auth/me")

    if role == Role.MANAGER:
        assert [response.url for response in responses] == [SET_UP, SET_UP]
        assert by_api.json()["code"] == "second_factor_required"
    else:
        assert by_api.status_code == 200
        assert SET_UP not in [getattr(each, "url", "") for each in responses]


def test_superusers_are_led_there_and_can_sign_out(client, settings):
    settings.TOTP_REQUIRED_ROLES = ["superuser"]
    client.force_login(AdminFactory())

    refused = client.post(reverse("admin:accounts_user_add"), {})
    signed_out = client.post(reverse("admin:logout"))

    assert refused.url == SET_UP
    assert signed_out.url != SET_UP
    assert not is_signed_in(client)


def test_after_setting_it_up_work_goes_on(client, settings):
    settings.TOTP_REQUIRED_ROLES = ["superuser"]
    client.force_login(AdminFactory())
    client.get(SET_UP)
    seed = client.session[SEED]

    given = {"code": code_of(SecondFactor(seed=seed)), "password": PASSWORD}
    shown = client.post(SET_UP, given)

    assert len(re.findall(r"\w{4}-\w{4}-\w{4}-\w{4}", shown.text)) == 10
    assert shown.headers["Cache-Control"].count("no-store") == 1
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_session_that_was_asked_for_no_code_ends(client, settings, factor):
    settings.TOTP_REQUIRED_ROLES = ["superuser"]
    client.force_login(factor.user)

    assert client.get(DESK).url == SIGN_IN
    assert not is_signed_in(client)


# --- turning it on ---


def set_up(client, **fields):
    """Show the page, then answer it with the code of the key on it."""
    secret = re.search(r'<code dir="ltr">([A-Z2-7 ]+)<', client.get(SET_UP).text)[1]
    seed = client.session[SEED]
    assert secret == codes.as_text(seed)
    given = {"code": code_of(SecondFactor(seed=seed)), "password": PASSWORD}
    return client.post(SET_UP, given | fields)


def test_turning_it_on_signs_out_everywhere_else(client):
    user = UserFactory()
    by_api = SignInFactory(user=user)
    client.force_login(user)

    response = set_up(client)

    by_api.refresh_from_db()
    assert (response.status_code, by_api.ended_at is None) == (200, False)
    assert client.get(reverse("accounts:account")).status_code == 200
    assert mails(MailKind.SECOND_FACTOR_ON) == 1


def test_recovery_codes_are_kept_as_digests(client):
    client.force_login(UserFactory())

    shown = re.findall(r"\w{4}-\w{4}-\w{4}-\w{4}", set_up(client).text)

    kept = SecondFactor.objects.get().recovery_codes
    assert kept == [codes.digest(code) for code in shown]


@pytest.mark.parametrize("field", ["code", "password"])
def test_what_is_wrong_turns_nothing_on(client, field):
    client.force_login(UserFactory())

    response = set_up(client, **{field: "000000"})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not SecondFactor.objects.exists()


def test_another_phone_takes_a_code_of_the_one_until_now(client, factor):
    client.force_login(factor.user)

    refused = set_up(client, current="000000")
    done = set_up(client, current=code_of(factor))

    assert (refused.status_code, done.status_code) == (409, 200)
    seeds = SecondFactor.objects.order_by("pk").values_list("seed", flat=True)
    assert [bool(seed) for seed in seeds] == [False, True]


def test_strangers_are_sent_to_sign_in(client):
    paths = [SET_UP, OFF, RENEW, reverse("accounts:account")]

    assert {client.get(path).url.partition("?")[0] for path in paths} == {SIGN_IN}


# --- and off ---


def proof(factor, **fields):
    return {"code": code_of(factor), "password": PASSWORD} | fields


def test_it_is_turned_off_by_password_and_code(client, factor):
    client.force_login(factor.user)

    no_code = client.post(OFF, proof(factor, code="000000"))
    no_password = client.post(OFF, proof(factor, password="wrong"))
    before = second_factor.of(factor.user)
    done = client.post(OFF, proof(factor))

    statuses = [each.status_code for each in (no_code, no_password, done)]
    assert (statuses, before) == ([409, 422, 302], factor)
    factor.refresh_from_db()
    assert (factor.seed, factor.ended_by) == ("", factor.user)
    assert mails(MailKind.SECOND_FACTOR_OFF) == 1


def test_who_must_have_it_cannot_turn_it_off(client, factor, settings):
    settings.TOTP_REQUIRED_ROLES = ["superuser"]
    client.force_login(factor.user)

    response = client.post(OFF, proof(factor))

    assert response.status_code == 409
    assert second_factor.of(factor.user) == factor


def test_new_recovery_codes_replace_the_old(client, factor):
    factor.recovery_codes = ["old"]
    factor.save()
    client.force_login(factor.user)

    refused = client.post(RENEW, proof(factor, code="000000"))
    client.post(RENEW, proof(factor))

    factor.refresh_from_db()
    assert refused.status_code == 409
    assert (len(factor.recovery_codes), "old" in factor.recovery_codes) == (10, False)


# --- when the phone is lost ---


def test_the_command_takes_it_away_and_records_it(factor, capsys):
    sign_in = SignInFactory(user=factor.user)

    call_command("reset_second_factor", factor.user.email.upper())

    factor.refresh_from_db()
    sign_in.refresh_from_db()
    assert (factor.seed, factor.recovery_codes, factor.ended_by) == ("", [], None)
    assert None not in (factor.ended_at, sign_in.ended_at)
    assert mails(MailKind.SECOND_FACTOR_OFF) == 1


@pytest.mark.parametrize(
    ("email", "sentence"),
    [("nobody@example.org", "no account"), ("plain@example.org", "no second step")],
)
def test_the_command_says_whom_it_does_not_know(email, sentence):
    UserFactory(email="plain@example.org")

    with pytest.raises(CommandError, match=sentence):
        call_command("reset_second_factor", email)


def test_an_admin_takes_it_away_on_the_page_of_users(client, factor):
    admin = AdminFactory()
    client.force_login(admin)

    client.post(
        reverse("admin:accounts_user_changelist"),
        {"action": "reset_second_factor", "_selected_action": [factor.user.pk]},
    )

    factor.refresh_from_db()
    assert factor.ended_by == admin


def test_a_manager_may_where_all_of_the_offices_are_theirs(member):
    office = member.memberships.get().office
    colleague = MembershipFactory(office=office).user
    elsewhere = MembershipFactory(office=office).user
    MembershipFactory(user=elsewhere)
    superuser = MembershipFactory(office=office, user=AdminFactory()).user
    for user in (colleague, elsewhere, superuser):
        SecondFactorFactory(user=user)

    second_factor.reset(colleague, by=member)
    for user in (elsewhere, superuser):
        with pytest.raises(PermissionDenied):
            second_factor.reset(user, by=member)

    assert second_factor.of(colleague) is None


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION, Role.SECRETARY])
def test_nobody_else_may(role, factor):
    other = MembershipFactory(role=role).user
    MembershipFactory(office=other.memberships.get().office, user=factor.user)

    with pytest.raises(PermissionDenied):
        second_factor.reset(factor.user, by=other)


def test_nobody_takes_away_their_own(factor):
    with pytest.raises(OwnSecondFactor):
        second_factor.reset(factor.user, by=factor.user)


def test_there_may_be_nothing_to_take_away(member):
    with pytest.raises(NoSecondFactor):
        second_factor.reset(member, by=AdminFactory())


def test_the_admin_shows_no_secret(client, factor):
    client.force_login(factor.user)

    page = client.get(reverse("admin:accounts_secondfactor_change", args=[factor.pk]))

    assert page.status_code == 200
    assert factor.seed not in page.text
