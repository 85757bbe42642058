"""The doctor finds each thing that is broken by hand, and mends what is safe."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import User
from accounts.tests.factories import AccountMailFactory, UserFactory
from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from availability import operations as availability
from availability.models import AvailabilityRule, Hold, HostDay
from availability.tests.factories import OpenHostFactory
from availability.tests.races import start_and_wait
from config.doctor import checks
from notifications.tests.factories import (
    DayListFactory,
    MessageFactory,
    WebhookDeliveryFactory,
)
from offices.models import Office
from offices.tests.factories import ApiKeyFactory, MembershipFactory, OfficeFactory

HOUR = timedelta(hours=1)


def doctor(*arguments):
    """What it prints, and whether it ended well."""
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out, no_color=True)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def wrong():
    """What each check finds, where it finds anything."""
    return {check.name: found for check in checks() if (found := check.find())}


@pytest.fixture
def member(db):
    return MembershipFactory()


def held():
    """An appointment, and a hold of the time after it."""
    appointment = AppointmentFactory()
    offered = appointment.office.offered.get()
    availability.hold(offered, appointment.busy_until, holder="me")


# Each breaks one thing, and returns the checks that must find it.


def a_lost_group(member):
    member.user.groups.clear()
    return {"memberships"}


def a_group_too_many(member):
    group = Group.objects.create(name=f"office {member.office_id}: host")
    member.user.groups.add(group)
    return {"memberships", "roles"}


def a_permission_too_few(member):
    group = member.user.groups.get()
    remove_perm("offices.view_appointments", group, member.office)
    return {"roles"}


def a_permission_at_another_office(member):
    other = OfficeFactory()
    assign_perm("offices.view_appointments", member.user.groups.get(), other)
    return {"roles"}


def somebody_shut_out(member):
    User.objects.filter(pk=member.user_id).update(is_staff=False)
    return {"staff"}


def days_missing(member):
    host = OpenHostFactory(office=member.office)
    HostDay.objects.filter(
        host=host, day__gt=timezone.now() + 30 * timedelta(1)
    ).delete()
    return {"slot_horizon"}


def hours_that_nobody_precomputed(member):
    host = OpenHostFactory(office=member.office)
    AvailabilityRule.objects.filter(host=host).update(weekdays=[1])
    return {"slots"}


def an_old_hold(member):
    held()
    Hold.objects.update(expires_at=timezone.now() - HOUR)
    return {"holds"}


def a_claim_of_nobody(member):
    appointment = AppointmentFactory()
    Appointment.objects.update(status=Status.CANCELLED)
    assert appointment.messages.exists()
    return {"claims"}


def a_day_that_is_gone(member):
    appointment = AppointmentFactory()
    HostDay.objects.filter(host=appointment.host, day=appointment.day).delete()
    return {"claims", "slots"}


def a_guest_left_over(member):
    CitizenFactory()
    return {"citizens"}


def a_message_that_waits(member):
    MessageFactory(due_at=timezone.now() - HOUR)
    return {"messages"}


def a_list_that_waits(member):
    DayListFactory(due_at=timezone.now() - HOUR)
    return {"lists"}


def a_webhook_that_waits(member):
    WebhookDeliveryFactory(due_at=timezone.now() - HOUR)
    return {"webhook_deliveries"}


def mail_that_waits(member):
    AccountMailFactory(due_at=timezone.now() - HOUR)
    return {"account_mail"}


MENDED = [
    *(a_lost_group, a_group_too_many, a_permission_too_few),
    *(somebody_shut_out, days_missing, hours_that_nobody_precomputed, an_old_hold),
    *(a_claim_of_nobody, a_day_that_is_gone, a_guest_left_over),
    *(a_message_that_waits, a_list_that_waits, a_webhook_that_waits, mail_that_waits),
]


@pytest.mark.parametrize("broken", MENDED)
def test_what_is_broken_is_found_and_mended(member, broken):
    names = broken(member)

    assert set(wrong()) == names
    said, end = doctor("--fix")
    assert end == ""
    assert {
        line.split()[1].strip(":") for line in said.splitlines() if "mended" in line
    }
    assert wrong() == {}


# What cannot be put right without knowing why it is so.


def somebody_with_a_grant_of_their_own(member):
    assign_perm("offices.manage_office", UserFactory(), member.office)
    return {"other_grants"}


def a_group_of_no_role(member):
    group = Group.objects.create(name="friends")
    assign_perm("offices.manage_office", group, member.office)
    return {"other_grants"}


def a_lost_constraint(member):
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE appointments_appointment "
            "DROP CONSTRAINT appointment_host_not_double_booked"
        )
    return {"constraints"}


def a_trigger_off(member):
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE offices_settingchange "
            "DISABLE TRIGGER offices_settingchange_stays"
        )
    return {"triggers"}


def an_appointment_elsewhere(member):
    AppointmentFactory()
    Appointment.objects.update(office=member.office)
    return {"offices"}


def a_ticket_lost(member):
    AppointmentFactory()
    Appointment.objects.update(status=Status.CHECKED_IN)
    return {"desk_times"}


def a_time_taken_twice(member):
    held()
    taken = Appointment.objects.get()
    when = {"starts_at": taken.starts_at, "busy_until": taken.busy_until}
    Hold.objects.update(**when, quarters=taken.quarters)
    HostDay.objects.filter(host=taken.host, day=taken.day).update(
        claimed=taken.quarters
    )
    return {"claims"}


@pytest.mark.parametrize(
    "broken",
    [
        *(somebody_with_a_grant_of_their_own, a_group_of_no_role, a_lost_constraint),
        *(a_trigger_off, an_appointment_elsewhere, a_ticket_lost),
        *(a_permission_at_another_office, a_time_taken_twice),
    ],
)
def test_what_nobody_can_mend_unasked_is_found_and_left(member, broken):
    names = broken(member)
    before = wrong()

    _said, end = doctor("--fix")

    assert set(before) == names
    assert end == f"1 of the checks found something wrong: {names.copy().pop()}."
    assert wrong() == before


def test_it_says_what_is_wrong_and_ends_with_an_error(member):
    for _ in range(7):
        CitizenFactory()

    said, end = doctor("--only", "citizens", "--only", "holds")

    lines = said.splitlines()
    assert lines[0] == (
        "wrong  citizens: Nobody's name is kept who has no appointment and no account. "
        "(--fix can mend this)"
    )
    assert lines[6:] == [
        "       … and 2 more",
        "ok     holds: No hold outlives its time.",
    ]
    assert end == "1 of the checks found something wrong: citizens."


def test_programs_read_it_as_json(member):
    citizen = CitizenFactory()

    said, _end = doctor("--json", "--only", "citizens")

    assert json.loads(said) == [
        {
            "check": "citizens",
            "rule": "Nobody's name is kept who has no appointment and no account.",
            "wrong": [f"citizen {citizen.pk}"],
            "mended": 0,
        }
    ]


def test_an_unknown_check_is_named():
    _said, end = doctor("--only", "nonsense")

    assert end.startswith("There is no check nonsense; there are: migrations, ")


def test_all_is_well_where_people_work(member):
    held()
    ApiKeyFactory()

    said, end = doctor()

    assert (said.splitlines()[-1], end) == (f"{len(checks())} checks, all well.", "")


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_is_being_made_is_not_taken_for_a_mistake():
    """Who repairs waits for who books, and counts what was booked."""
    appointment = AppointmentFactory()
    HostDay.objects.filter(host=appointment.host).update(claimed=0)
    office = Office.objects.get()
    later = appointment.starts_at + HOUR
    claims = next(check for check in checks() if check.name == "claims")

    with transaction.atomic():
        AppointmentFactory(offered=office.offered.get(), starts_at=later)
        mending = start_and_wait(claims.mend)
    mending.result()

    assert wrong() == {}
