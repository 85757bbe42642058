"""Giving one person's data out, and away: commands, pages, and what lies below them."""

import json
import stat
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from rest_framework.test import APIClient

from accounts import codes, tokens
from accounts.models import AccountMail, SignIn, User
from accounts.tasks import deliver_mail
from accounts.tests.factories import (
    PASSWORD,
    AdminFactory,
    RegistrationFactory,
    SecondFactorFactory,
    SignInFactory,
    UserFactory,
)
from appointments import operations
from appointments.exceptions import NothingKept, StillMember, StillOpen
from appointments.models import Access, Appointment, Citizen
from appointments.privacy import columns, erasing, subjects, telling
from appointments.states import Status
from appointments.tasks import purge_personal_data
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.pages import own_path, words
from availability.tests.factories import OpenHostFactory
from config.models import IdempotencyKey
from notifications.models import Block
from notifications.states import Status as Owed
from notifications.tests.factories import BlockFactory, MessageFactory
from offices.roles import Role
from offices.tests.factories import (
    InvitationFactory,
    MembershipFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 3, 12, 7, tzinfo=UTC)
AFTER = NOW + timedelta(days=2)
MARK = "zebedee"
ADDRESS = f"{MARK}@example.org"
NUMBER = "+493090182777"
MINE = reverse("appointments:account_data")


@pytest.fixture
def offered():
    with time_machine.travel(NOW, tick=False):
        offered = OfficeServiceFactory(office__booking_horizon_days=3)
        OpenHostFactory(office=offered.office)
        return offered


@pytest.fixture
def manager(offered):
    return MembershipFactory(office=offered.office, role=Role.MANAGER).user


def book(offered, hour=9, citizen=None, **kwargs):
    """Somebody whose every word has the mark in it, on the 13th."""
    with time_machine.travel(NOW, tick=False):
        return AppointmentFactory(
            offered=offered,
            citizen=citizen
            or CitizenFactory(name=f"Ada {MARK}", email=ADDRESS, phone=NUMBER),
            starts_at=NOW.replace(hour=hour - 1) + timedelta(days=1),
            purpose=f"About {MARK}",
            access_needs=f"A ramp for {MARK}",
            **kwargs,
        )


def account(**kwargs):
    return UserFactory(
        email=ADDRESS,
        name=f"Ada {MARK}",
        phone=NUMBER,
        email_verified_at=NOW,
        **kwargs,
    )


def over(*visits):
    Appointment.objects.filter(pk__in=[v.pk for v in visits]).update(
        status=Status.COMPLETED
    )


def left():
    """{table: columns} in which something still says who it was."""
    found = {}
    with connection.cursor() as cursor:
        for column in columns.columns().values():
            cursor.execute(
                f"SELECT 1 FROM {column.table} WHERE "  # noqa: S608
                f"lower({column.name}::text) ~ '{MARK}|182777' LIMIT 1"
            )
            if cursor.fetchone():
                found.setdefault(column.table, []).append(column.name)
    return found


def run(name, *args):
    told = StringIO()
    call_command(name, *args, stdout=told)
    return told.getvalue()


# --- erasing ---


@time_machine.travel(AFTER, tick=False)
def test_nothing_of_an_account_is_left(offered):
    user = account()
    visit = book(offered, citizen=operations.own_citizen(user))
    guest = book(offered, 10)
    over(visit, guest)
    MessageFactory(
        appointment=visit, status=Owed.SENT, body=f"Dear {MARK}", sent_at=NOW
    )
    SignInFactory(user=user)
    RegistrationFactory(email=ADDRESS, name=MARK)
    InvitationFactory(email=ADDRESS, name=MARK)
    BlockFactory(address=ADDRESS)
    BlockFactory(address=NUMBER, channel="sms")
    IdempotencyKey.objects.create(
        caller=f"user {user.pk}", key="1", fingerprint="", status=201, body=MARK
    )

    erasing.erase(subjects.of_account(user), by=user)

    # The mail that tells of it is owed to the address; sent, it is forgotten, too.
    assert left() == {"accounts_accountmail": ["email"]}
    [owed] = AccountMail.objects.all()
    deliver_mail(owed.pk)
    assert left() == {}
    counts = User.objects.filter(pk=user.pk), Block.objects, SignIn.objects
    assert [rows.count() for rows in counts] == [0, 0, 0]
    assert Appointment.objects.filter(status=Status.COMPLETED).count() == 2


@time_machine.travel(AFTER, tick=False)
def test_the_person_is_told_once(offered, mailoutbox):
    over(book(offered))

    erasing.erase(subjects.of_email(ADDRESS, by=None), by=None)
    for owed in AccountMail.objects.all():
        deliver_mail(owed.pk)
        deliver_mail(owed.pk)

    [mail] = mailoutbox
    assert mail.to == [ADDRESS]
    assert "One appointment no longer says whose it was." in mail.body
    assert MARK not in mail.body


@time_machine.travel(AFTER, tick=False)
def test_who_has_worked_leaves_a_number(offered):
    user = account()
    member = MembershipFactory(
        office=offered.office, user=user, position=MARK, role=Role.HOST
    )
    offered.office.hosts.update(user=user)
    member.ended_at = AFTER
    member.save()

    erasing.erase(subjects.of_account(user), by=user)

    user.refresh_from_db()
    assert user.email == f"{user.pk}@erased.invalid"
    assert (user.name, user.is_active, user.has_usable_password()) == ("", False, False)
    assert left() == {
        "accounts_accountmail": ["email"],
        "offices_settingchange": ["name", "after"],  # for the law: docs/privacy.md
    }


@time_machine.travel(AFTER, tick=False)
def test_who_works_at_an_office_must_leave_it_first(offered, manager):
    for user in (manager, AdminFactory()):
        with pytest.raises(StillMember):
            erasing.erase(subjects.of_account(user), by=user)


@time_machine.travel(NOW, tick=False)
def test_not_while_an_appointment_is_to_come(offered):
    visit = book(offered)
    subject = subjects.of_visit(visit)

    with pytest.raises(StillOpen, match=visit.reference):
        erasing.erase(subject, by=visit.citizen)

    operations.cancel(visit, by=visit.citizen)
    assert erasing.erase(subject, by=visit.citizen) == 1


def test_not_on_its_day_while_it_has_no_outcome(offered):
    visit = book(offered)
    evening = visit.ends_at + timedelta(hours=8)

    with time_machine.travel(evening, tick=False), pytest.raises(StillOpen):
        erasing.erase(subjects.of_visit(visit), by=visit.citizen)


@time_machine.travel(AFTER, tick=False)
def test_twice_finds_nothing(offered):
    visit = book(offered)
    subject = subjects.of_visit(visit)
    erasing.erase(subject, by=visit.citizen)

    with pytest.raises(NothingKept):
        erasing.erase(subject, by=visit.citizen)


@time_machine.travel(AFTER, tick=False)
def test_a_manager_reaches_the_own_offices_alone(offered, manager):
    here = book(offered)
    with time_machine.travel(NOW, tick=False):
        other = OfficeServiceFactory(office__booking_horizon_days=3)
        OpenHostFactory(office=other.office)
    there = book(other)
    user = account()

    subject = subjects.of_email(ADDRESS, by=manager)
    told = telling.tell(subject, by=manager)
    erasing.erase(subject, by=manager)

    assert [visit["reference"] for visit in told["appointments"]] == [here.reference]
    assert told["account"] is None
    assert not told["about"]["is_all_that_is_kept"]
    assert list(Appointment.objects.unpurged()) == [there]
    assert User.objects.filter(pk=user.pk).exists()
    lines = Access.objects.values_list("by", "office", "kind")
    assert set(lines) == {
        (manager.pk, offered.office_id, "exported"),
        (manager.pk, offered.office_id, "erased"),
    }


@time_machine.travel(AFTER, tick=False)
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.MANAGER}))
def test_no_other_role_reaches_anybody(offered, role):
    visit = book(offered)
    member = MembershipFactory(office=offered.office, role=role).user
    everything = subjects.of_email(ADDRESS, by=None)

    with pytest.raises(PermissionDenied):
        subjects.of_email(ADDRESS, by=member)
    with pytest.raises(PermissionDenied):
        subjects.of_reference(visit.reference, by=member)
    with pytest.raises(PermissionDenied):
        telling.tell(everything, by=member)
    with pytest.raises(PermissionDenied):
        erasing.erase(everything, by=member)


@time_machine.travel(AFTER, tick=False)
def test_a_stranger_reaches_nothing(offered):
    visit = book(offered)
    for by in (UserFactory(), AnonymousUser(), CitizenFactory()):
        with pytest.raises(PermissionDenied):
            erasing.erase(subjects.of_visit(visit), by=by)


@time_machine.travel(AFTER, tick=False)
def test_an_address_that_is_not_confirmed_is_no_proof(offered):
    book(offered)
    user = account()
    User.objects.filter(pk=user.pk).update(email_verified_at=None)
    user.refresh_from_db()

    told = telling.tell(subjects.of_account(user), by=user)

    assert told["appointments"] == []


@time_machine.travel(AFTER, tick=False)
def test_an_account_that_nobody_uses_goes(offered, settings):
    settings.INACTIVE_ACCOUNT_DAYS = 30
    long_ago = {"date_joined": NOW - timedelta(days=60)}
    unused, signed_in, working, booked = (UserFactory(**long_ago) for _ in range(4))
    SignInFactory(user=signed_in)
    MembershipFactory(office=offered.office, user=working)
    book(offered, citizen=operations.own_citizen(booked))
    UserFactory(date_joined=NOW)

    purge_personal_data()

    gone = [u for u in (unused, signed_in, working, booked) if not exists(u)]
    assert gone == [unused]
    settings.INACTIVE_ACCOUNT_DAYS = 0
    assert erasing.erase_inactive() == 0


def exists(user):
    return User.objects.filter(pk=user.pk).exists()


# --- by command ---


@time_machine.travel(AFTER, tick=False)
def test_the_command_exports_all_of_it(offered):
    user = account()
    visit = book(offered, citizen=operations.own_citizen(user))
    book(offered, 10)
    MessageFactory(appointment=visit, status=Owed.SENT, body="Dear Ada", sent_at=NOW)

    told = json.loads(run("export_person", ADDRESS.upper()))

    assert told["account"]["name"] == f"Ada {MARK}"
    assert [row["purpose"] for row in told["appointments"]] == [f"About {MARK}"] * 2
    assert told["appointments"][0]["history"][0]["kind"] == "booked"
    assert "Dear Ada" in [row["body"] for row in told["messages"]]
    assert {line.by for line in Access.objects.all()} == {None}


@time_machine.travel(AFTER, tick=False)
def test_a_file_is_the_operators_own(offered, tmp_path):
    visit = book(offered)
    path = tmp_path / "ada.json"

    run("export_person", "--reference", visit.reference, "--output", str(path))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["appointments"][0]["purpose"]
    with pytest.raises(CommandError, match="File exists"):
        run("export_person", ADDRESS, "--output", str(path))


@time_machine.travel(AFTER, tick=False)
def test_the_command_erases_only_when_it_is_told_to(offered):
    visit = book(offered)

    dry = run("erase_person", ADDRESS)
    assert Appointment.objects.unpurged().count() == 1
    done = run("erase_person", "--reference", visit.reference, "--apply")

    assert visit.reference in dry
    assert dry.endswith("Nothing is deleted yet: run it with --apply.\n")
    assert done == "Deleted. 1 appointments are nobody's now.\n"
    assert not Citizen.objects.filter(email=ADDRESS).exists()


def test_the_commands_refuse(offered):
    visit = book(offered)

    with time_machine.travel(NOW, tick=False):
        for args in ([ADDRESS], [ADDRESS, "--apply"]):
            with pytest.raises(CommandError, match=visit.reference):
                run("erase_person", *args)
    with pytest.raises(CommandError, match="Say an e-mail address, or --reference"):
        run("erase_person")
    with pytest.raises(CommandError, match="Nothing is kept about nobody"):
        run("export_person", "nobody@example.org")
    with pytest.raises(CommandError, match="Nothing is kept about K7M4-QX2P"):
        run("export_person", "--reference", "K7M4-QX2P")


# --- on the pages ---


@time_machine.travel(AFTER, tick=False)
def test_a_guest_takes_and_deletes_the_own_data(client, offered):
    visit = book(offered)
    page = own_path("data", visit)

    shown = client.get(page)
    file = client.get(own_path("data_file", visit))
    unsure = client.post(page, {})
    done = client.post(page, {"sure": "on"})

    assert f"About {MARK}" in words(shown)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(file.content)["appointments"][0]["purpose"] == f"About {MARK}"
    assert (unsure.status_code, done.status_code) == (422, 303)
    assert client.get(done.url).status_code == 410
    assert client.get(own_path("data_file", visit)).status_code == 410
    assert Access.objects.count() == 0


@time_machine.travel(NOW, tick=False)
def test_a_guest_is_told_to_cancel_first(client, offered):
    visit = book(offered)

    shown = client.get(own_path("data", visit))
    refused = client.post(own_path("data", visit), {"sure": "on"})

    assert "Cancel it first" in words(shown)
    assert "Delete my data" not in words(shown)
    assert refused.status_code == 409
    assert Appointment.objects.unpurged().count() == 1


@time_machine.travel(AFTER, tick=False)
def test_somebody_with_an_account_takes_and_deletes_it(client, offered):
    user = account()
    over(book(offered, citizen=operations.own_citizen(user)))
    client.force_login(user)

    shown = client.get(MINE)
    file = client.get(reverse("appointments:account_file"))
    wrong = client.post(MINE, {"password": "wrong", "sure": "on"})
    assert exists(user)
    done = client.post(MINE, {"password": PASSWORD, "sure": "on"})

    assert offered.service.name in words(shown)
    assert json.loads(file.content)["account"]["email"] == ADDRESS
    assert wrong.status_code == 422
    assert done.status_code == 303
    assert not exists(user)
    assert client.get(MINE).status_code == 302
    assert Session.objects.filter(session_data__contains=MARK).count() == 0


@time_machine.travel(AFTER, tick=False)
def test_who_has_a_second_step_takes_it(client):
    factor = SecondFactorFactory(user=account())
    client.force_login(factor.user)
    sure = {"password": PASSWORD, "sure": "on"}

    without = client.post(MINE, sure)
    wrong = client.post(MINE, {**sure, "code": "000000"})
    assert exists(factor.user)
    step = int(AFTER.timestamp()) // codes.STEP
    done = client.post(MINE, {**sure, "code": codes.code_at(factor.seed, step)})

    assert (without.status_code, wrong.status_code) == (422, 409)
    assert done.status_code == 303
    assert not exists(factor.user)


@time_machine.travel(AFTER, tick=False)
def test_staff_are_told_why_theirs_stays(client, manager):
    client.force_login(manager)

    shown = client.get(MINE)
    refused = client.post(MINE, {"password": PASSWORD, "sure": "on"})

    assert "Its role must end first" in words(shown)
    assert refused.status_code == 409
    assert exists(manager)


def test_nobody_sees_it_without_a_sign_in(client):
    for name in ("account_data", "account_file"):
        response = client.get(reverse(f"appointments:{name}"))
        assert response.url.startswith(reverse("accounts:login"))


# --- in the admin ---

STAFF = reverse("admin:personal_data")


@time_machine.travel(AFTER, tick=False)
def test_a_manager_answers_who_asks(client, offered, manager):
    visit = book(offered)
    client.force_login(manager)

    found = client.post(STAFF, {"who": ADDRESS, "do": "find"})
    file = client.post(STAFF, {"who": visit.reference, "do": "export"})
    unsure = client.post(STAFF, {"who": ADDRESS, "do": "erase"})
    done = client.post(STAFF, {"who": ADDRESS, "do": "erase", "sure": "on"})

    assert visit.reference in words(found)
    assert f"Ada {MARK}" in words(found)
    assert json.loads(file.content)["appointments"][0]["reference"] == visit.reference
    assert (unsure.status_code, done.status_code) == (422, 302)
    assert Appointment.objects.get().purged_at == AFTER
    kinds = Access.objects.filter(by=manager, page="personal_data")
    assert set(kinds.values_list("kind", flat=True)) == {"exported", "erased"}


@time_machine.travel(NOW, tick=False)
def test_a_manager_is_told_why_not(client, offered, manager):
    book(offered)
    client.force_login(manager)

    shown = client.post(STAFF, {"who": ADDRESS})
    refused = client.post(STAFF, {"who": ADDRESS, "do": "erase", "sure": "on"})

    assert "Cancel it first" in words(shown)
    assert "Delete for good" not in words(shown)
    assert refused.status_code == 409
    assert Appointment.objects.get().purged_at is None


@time_machine.travel(AFTER, tick=False)
def test_somebody_of_another_office_is_nobody(client, offered):
    visit = book(offered)
    client.force_login(MembershipFactory(role=Role.MANAGER).user)

    told = {
        words(client.post(STAFF, {"who": who, "do": "export"})).replace(who, "")
        for who in (ADDRESS, visit.reference, "nobody@example.org", "K7M4-QX2P")
    }

    [same] = told
    assert "Nothing is kept about this person here." in same


@time_machine.travel(AFTER, tick=False)
def test_an_admin_deletes_the_account_as_well(client, offered):
    user = account()
    over(book(offered, citizen=operations.own_citizen(user)))
    client.force_login(AdminFactory())

    client.post(STAFF, {"who": ADDRESS, "do": "erase", "sure": "on"})

    assert not exists(user)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.MANAGER}))
def test_the_page_is_for_managers(client, offered, role):
    client.force_login(MembershipFactory(office=offered.office, role=role).user)

    assert client.get(STAFF).status_code == 403
    assert client.post(STAFF, {"who": ADDRESS, "do": "export"}).status_code == 403


# --- by API ---


@time_machine.travel(AFTER, tick=False)
def test_an_account_is_taken_and_deleted_by_api(offered):
    user = account()
    over(book(offered, citizen=operations.own_citizen(user)))
    access = tokens.pair(SignInFactory(user=user))["access"]
    client = APIClient(headers={"Authorization": f"Bearer {access}"})

    told = client.get("/api/v1/auth/me/data")
    wrong = client.post("/api/v1/auth/me/delete", {"password": "wrong"})
    done = client.post("/api/v1/auth/me/delete", {"password": PASSWORD})

    assert told.json()["account"]["email"] == ADDRESS
    assert len(told.json()["appointments"]) == 1
    assert told.headers["Cache-Control"] == "no-store"
    assert wrong.status_code == 400
    assert done.status_code == 204
    assert client.get("/api/v1/auth/me").status_code == 401
    assert not exists(user)
