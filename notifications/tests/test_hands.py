"""An appointment goes to another host, and both of them are told; nobody else is."""

from datetime import timedelta

import pytest

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from availability.tests.factories import OpenHostFactory
from notifications import texts
from notifications.models import Message
from notifications.operations import deliver, owe, send_again
from notifications.states import Kind
from notifications.tests.factories import NoticeFactory
from offices.operations import end_membership
from offices.roles import Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db

ADA, BEN, EVE = "ada@example.org", "ben@example.org", "eve@example.org"


@pytest.fixture
def office():
    """One that has its hosts told."""
    office = OfficeFactory()
    NoticeFactory(office=office, kind=Kind.REASSIGNED, audience="host")
    return office


def host_at(office, email, role=Role.MANAGER, language=""):
    """A person who works there, by the name that the address begins with."""
    user = UserFactory(email=email, language=language)
    MembershipFactory(office=office, user=user, role=role)
    name = email.partition("@")[0].capitalize()
    return OpenHostFactory(office=office, user=user, name=name)


@pytest.fixture
def ada(office):
    return host_at(office, ADA)


@pytest.fixture
def ben(office):
    return host_at(office, BEN)


@pytest.fixture
def visit(office, ada):
    """Ada's appointment."""
    offered = OfficeServiceFactory(office=office, service__name="Passport")
    return AppointmentFactory(offered=offered, host=ada)


def told(visit, **about):
    """(who, address) of what is queued for hosts, in the order it was owed."""
    rows = visit.messages.queued().filter(**{"kind": Kind.REASSIGNED, **about})
    return list(rows.order_by("pk").values_list("audience", "recipient"))


def letter(visit, audience):
    rows = Message.objects.with_details()
    return texts.write(rows.get(appointment=visit, audience=audience))


def later(visit):
    return visit.starts_at + timedelta(hours=1)


BOTH = [("host", BEN), ("former", ADA)]


def test_both_hosts_are_told(visit, ben):
    operations.reassign(visit, ben, by=None)

    assert told(visit) == BOTH


@pytest.mark.parametrize("verb", ["reschedule", "postpone"])
def test_a_move_to_another_host_tells_both_too(visit, ben, verb):
    getattr(operations, verb)(visit, later(visit), by=None, host=ben)

    assert told(visit) == BOTH


def test_a_request_that_is_granted_with_another_host_tells_both(office, ada, ben):
    office.approval_required = True
    office.save()
    citizen = CitizenFactory()
    offered = OfficeServiceFactory(office=office)
    visit = AppointmentFactory(offered=offered, host=ada, citizen=citizen, by=citizen)

    operations.grant_at(visit, later(visit), by=None, host=ben)

    assert told(visit) == BOTH


def test_an_office_that_has_not_chosen_it_tells_nobody(office, visit, ben):
    office.notices.all().delete()

    operations.reassign(visit, ben, by=None)

    assert told(visit) == []


def test_nobody_is_told_where_it_stays_in_the_same_hands(visit, ada):
    operations.reschedule(visit, later(visit), by=None, host=ada)

    assert told(visit) == []


def test_the_new_host_is_not_told_twice_of_a_move(office, visit, ben):
    NoticeFactory(office=office, kind=Kind.POSTPONED, audience="host")

    operations.postpone(visit, later(visit), by=None, host=ben)

    assert told(visit) == [("former", ADA)]
    assert told(visit, kind=Kind.POSTPONED, audience="host") == [("host", BEN)]


def test_who_takes_it_himself_is_not_told_so(visit, ben):
    operations.reassign(visit, ben, by=ben.user)

    assert told(visit) == [("former", ADA)]


def test_who_gives_it_away_himself_is_not_told_so(visit, ada, ben):
    operations.reassign(visit, ben, by=ada.user)

    assert told(visit) == [("host", BEN)]


def test_a_counter_is_told_nothing(office, visit, ada):
    counters = [OpenHostFactory(office=office) for _ in range(2)]

    operations.reassign(visit, counters[0], by=None)
    to_a_counter = told(visit)
    visit.messages.all().delete()
    operations.reassign(visit, counters[1], by=None)
    between_counters = told(visit)
    operations.reassign(visit, ada, by=None)

    assert (to_a_counter, between_counters) == ([("former", ADA)], [])
    assert told(visit) == [("host", ADA)]


def test_who_has_left_the_office_is_told_nothing(visit, ada, ben):
    end_membership(ada.user.memberships.get(), by=None)
    MembershipFactory(user=ada.user)  # of another office

    operations.reassign(visit, ben, by=None)

    assert told(visit) == [("host", BEN)]


def test_whose_account_is_off_is_told_nothing(visit, ada, ben):
    ada.user.is_active = False
    ada.user.save()

    operations.reassign(visit, ben, by=None)

    assert told(visit) == [("host", BEN)]


def test_who_has_it_no_more_by_then_is_not_told_that_he_has(office, visit, ben):
    eve = host_at(office, EVE)
    operations.reassign(visit, ben, by=None)

    operations.reassign(visit, eve, by=None)

    assert told(visit) == [("former", ADA), ("host", EVE), ("former", BEN)]
    assert told(visit, recipient=BEN) == [("former", BEN)]


def test_who_has_it_again_is_told_that_alone(visit, ada, ben):
    operations.reassign(visit, ben, by=None)

    operations.reassign(visit, ada, by=None)

    assert told(visit) == [("host", ADA), ("former", BEN)]


def test_a_change_drops_what_the_new_host_was_to_be_told(visit, ben):
    operations.reassign(visit, ben, by=None)

    operations.cancel(visit, by=None)

    assert told(visit) == [("former", ADA)]  # whom nothing else tells


@pytest.mark.parametrize("verb", ["complete", "mark_no_show"])
def test_an_outcome_drops_both(visit, ben, time_machine, verb):
    operations.reassign(visit, ben, by=None)
    time_machine.move_to(visit.starts_at + timedelta(minutes=5))
    if verb == "complete":
        operations.check_in(visit, by=None)
        operations.start(visit, by=None)

    getattr(operations, verb)(visit, by=None)

    assert told(visit) == []


def test_it_is_of_no_use_when_the_appointment_is_over(
    visit, ben, time_machine, mailoutbox
):
    operations.reassign(visit, ben, by=None)
    time_machine.move_to(visit.ends_at)

    for message in visit.messages.filter(kind=Kind.REASSIGNED):
        deliver(message.pk)

    dropped = visit.messages.filter(kind=Kind.REASSIGNED, dropped_because="over")
    assert (dropped.count(), mailoutbox) == (2, [])


def test_what_failed_is_sent_again_as_long_as_it_holds(office, visit, ada, ben):
    operations.reassign(visit, ben, by=None)
    rows = Message.objects.filter(kind=Kind.REASSIGNED)
    rows.update(status="failed")
    to_ben, to_ada = rows.order_by("pk")

    at_first = [to_ben.still_holds, to_ada.still_holds]
    operations.reassign(visit, host_at(office, EVE), by=None)
    then = [to_ben.still_holds, to_ada.still_holds]
    operations.reassign(visit, ada, by=None)

    assert (at_first, then) == ([True, True], [False, True])
    assert not to_ada.still_holds


def test_what_a_host_was_told_before_is_not_sent_again_to_him(office, visit, ben):
    NoticeFactory(office=office, kind=Kind.BOOKED, audience="host")
    booked = AppointmentFactory(
        offered=office.offered.get(), host=visit.host, starts_at=later(visit)
    )
    booked.messages.update(status="failed")
    to_host = booked.messages.get(audience="host")
    to_citizen = booked.messages.get(audience="citizen")

    operations.reassign(booked, ben, by=None)

    assert not to_host.still_holds
    assert send_again(to_citizen, by=ben.user).status == "queued"


def test_the_new_host_reads_that_it_is_his(office, visit, ben):
    operations.reassign(visit, ben, by=None, reason="Ada & I have agreed")

    written = letter(visit, "host")

    assert written.subject.startswith("Now yours: appointment on ")
    assert written.text.split("\n\n")[0] == "An appointment is now yours"
    assert "What: Passport\nWith: Ben\n" in written.text
    assert f"Reference: {visit.reference}\n" in written.text
    assert "Reason: Ada & I have agreed\n" in written.text
    assert f"/admin/appointments/appointment/{visit.pk}/change/" in written.text
    assert (written.html, written.calendar) == ("", "")


def test_the_former_host_reads_who_has_it(visit, ben):
    operations.reassign(visit, ben, by=None)

    written = letter(visit, "former")

    assert written.subject.startswith("No longer yours: appointment on ")
    assert written.text.split("\n\n")[:2] == [
        "An appointment is no longer yours",
        "Ben has it now.",
    ]
    assert visit.reference in written.subject
    assert f"/admin/appointments/appointment/{visit.pk}/change/" in written.text


def test_the_former_host_reads_that_it_was_moved_by_the_time_he_knew(visit, ben):
    operations.postpone(visit, later(visit), by=None, host=ben)

    written = letter(visit, "former")

    assert " at 09:00 (" in written.subject
    assert "It has been moved, and Ben has it now." in written.text
    assert ", 10:00 to 10:15\nBefore: " in written.text


def test_nobody_has_what_was_cancelled_meanwhile(visit, ben):
    operations.reassign(visit, ben, by=None)
    operations.cancel(visit, by=None)

    written = letter(visit, "former")

    assert "has it now" not in written.text
    assert written.text.startswith("An appointment is no longer yours\n\nWhen: ")


@pytest.mark.parametrize("audience", ["host", "former"])
def test_of_a_sensitive_service_it_says_nothing(visit, ben, audience):
    visit.service.is_sensitive = True
    visit.service.save()
    operations.reassign(visit, ben, by=None, reason="Knows about passports")

    written = letter(visit, audience)

    assert "assport" not in written.subject + written.text


def test_each_is_written_to_in_his_own_language(office):
    ada = host_at(office, ADA, language="fr")
    ben = host_at(office, BEN, language="es")
    visit = AppointmentFactory(offered=OfficeServiceFactory(office=office), host=ada)

    operations.reassign(visit, ben, by=None)

    rows = visit.messages.filter(kind=Kind.REASSIGNED)
    assert dict(rows.values_list("audience", "language")) == {
        "host": "es",
        "former": "fr",
    }


def test_what_it_costs(office, visit, ben, django_assert_num_queries):
    """Two look-ups more for its own, where hosts are told: who had it, and is there."""
    operations.reassign(visit, ben, by=None)
    event = visit.events.select_related("actor").latest("pk")
    Message.objects.filter(event=event).delete()
    event.appointment = visit.__class__.objects.with_details().get(pk=visit.pk)

    with django_assert_num_queries(6):
        owe(event)

    office.notices.all().delete()
    with django_assert_num_queries(2):
        owe(event)
