"""Changing hours and settling what becomes of whom that hurts, in one operation."""

import uuid
from datetime import time, timedelta
from functools import partial

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from appointments import operations
from appointments.exceptions import Changed
from appointments.impact.decisions import CANCEL, LEAVE, Decision, Fate
from appointments.impact.exceptions import DecisionRefused, Undecided
from appointments.invariants import broken
from appointments.operations.hours import change_hours
from appointments.states import Channel, Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.impact import (
    away,
    change_of,
    everything,
    history,
    member_of,
    of,
    owed,
)
from appointments.tests.pages import NOW, town_hall, utc
from availability import operations as availability
from availability.models import AvailabilityException, Hold
from availability.quarters import QUARTER
from availability.slots import slot_at
from offices.models import Closure
from offices.roles import Role

NINE = utc("2030-03-13T08:00")
TEN = utc("2030-03-13T09:00")
THURSDAY_NINE = NINE + timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(clock):
    """A quarter of an hour with two counters, every day from 8 to 16."""
    return town_hall(hosts=2)


@pytest.fixture
def hosts(offered):
    return list(offered.office.hosts.order_by("pk"))


@pytest.fixture
def manager(offered):
    return member_of(offered.office)


@pytest.fixture
def appointment(offered, hosts):
    """Tomorrow at nine with the first counter."""
    return AppointmentFactory(offered=offered, host=hosts[0], starts_at=NINE)


@pytest.fixture
def settle(offered, hosts, manager):
    """Have the first counter away tomorrow; {appointment: decision} as arguments."""

    def change(decisions, **how):
        decisions = {each.pk: decision for each, decision in decisions.items()}
        how = {"by": manager, "reason": "We are ill.", **how}
        return change_hours(change_of(offered.office, away(hosts[0])), decisions, **how)

    return change


def keep(offered, host, starts_at, holder="me"):
    """Hold a time of one host, as the page does with what it proposes."""
    slot = slot_at(offered, starts_at)
    wanted = [(host.pk, slot, offered.service_id, 1)]
    return availability.keep_all(
        wanted, holder=holder, until=NOW + timedelta(minutes=20)
    )


# What can become of an appointment. -------------------------------------------------


def test_a_change_that_hurts_nobody_is_saved(offered, settle):
    outcome = settle({})

    assert AvailabilityException.objects.count() == 1
    assert outcome.counts == {}
    assert broken() == {}


@pytest.mark.parametrize("held", [True, False])
def test_it_is_moved(offered, hosts, appointment, settle, held):
    if held:
        keep(offered, hosts[1], TEN)

    outcome = settle({appointment: Decision(Fate.MOVE, hosts[1].pk, TEN)}, holder="me")

    moved = of(appointment)
    assert (moved.starts_at, moved.host, moved.sequence) == (TEN, hosts[1], 1)
    event = moved.events.last()
    assert (event.kind, event.previous_start) == ("postponed", NINE)
    assert event.reason == "We are ill."
    assert owed(moved) == [("postponed", "queued")]
    assert outcome.counts == {Fate.MOVE: 1}
    assert not Hold.objects.exists()
    assert broken() == {}


@pytest.mark.parametrize("held", [True, False])
def test_it_is_given_to_a_colleague(offered, hosts, appointment, settle, held):
    if held:
        keep(offered, hosts[1], NINE)

    outcome = settle({appointment: Decision(Fate.GIVE, hosts[1].pk)}, holder="me")

    given = of(appointment)
    assert (given.starts_at, given.host, given.sequence) == (NINE, hosts[1], 0)
    assert history(given) == ["reassigned"]
    assert owed(given) == []  # the citizen comes at the same time
    assert outcome.counts == {Fate.GIVE: 1}
    assert not Hold.objects.exists()
    assert broken() == {}


def test_it_is_cancelled(appointment, settle):
    outcome = settle({appointment: CANCEL})

    cancelled = of(appointment)
    assert (cancelled.status, cancelled.sequence) == (Status.CANCELLED, 1)
    assert cancelled.events.last().reason == "We are ill."
    assert owed(cancelled) == [("cancelled", "queued")]
    assert outcome.counts == {Fate.CANCEL: 1}
    assert broken() == {}


def test_it_is_left_as_it_is(appointment, settle):
    before = of(appointment)

    settle({appointment: LEAVE})

    assert (history(before), owed(before)) == ([], [])
    assert of(appointment).updated_at == before.updated_at
    assert list(type(before).objects.unsupported()) == [before]


def test_all_are_settled_together(offered, hosts, settle):
    book = partial(AppointmentFactory, offered=offered, host=hosts[0])
    given, moved, gone, left = (
        book(starts_at=NINE + n * QUARTER, citizen__email=email)
        for n, email in enumerate(["a@b.org", "c@d.org", "", "e@f.org"])
    )

    outcome = settle(
        {
            given: Decision(Fate.GIVE, hosts[1].pk),
            moved: Decision(Fate.MOVE, hosts[0].pk, THURSDAY_NINE),
            gone: CANCEL,
            left: LEAVE,
        }
    )

    assert outcome.counts == dict.fromkeys(Fate, 1)
    assert [owed(each) for each in (given, moved, gone, left)] == [
        [],
        [("postponed", "queued")],
        [],  # somebody has to call
        [],
    ]
    assert broken() == {}


def test_it_may_go_where_only_the_change_opens(offered, hosts, appointment, manager):
    evening = utc("2030-03-13T17:00")
    change = change_of(
        offered.office,
        away(hosts[0]),
        AvailabilityException(
            host=hosts[1],
            kind="extra",
            day=evening.date(),
            start_time=time(18),
            end_time=time(19),
        ),
    )
    keep(offered, hosts[1], evening)

    change_hours(
        change,
        {appointment.pk: Decision(Fate.MOVE, hosts[1].pk, evening)},
        by=manager,
        holder="me",
    )

    assert of(appointment).starts_at == evening
    assert broken() == {}


def test_a_closure_of_the_office_hurts_all(offered, hosts, manager):
    day = Closure(office=offered.office, starts_at=NINE, ends_at=TEN, reason="Flood")
    both = [AppointmentFactory(offered=offered, host=h, starts_at=NINE) for h in hosts]

    change_hours(
        change_of(offered.office, day),
        dict.fromkeys([a.pk for a in both], CANCEL),
        by=manager,
    )

    assert [of(each).status for each in both] == [Status.CANCELLED] * 2


def test_what_had_lost_its_hours_before_needs_no_decision(
    offered, hosts, appointment, settle
):
    availability.set_hours(hosts[0], save=[away(hosts[0], time(9), time(10))], by=None)

    settle({})

    assert list(type(appointment).objects.unsupported()) == [appointment]


def test_what_has_lost_its_hours_is_dealt_with_by_itself(
    offered, hosts, appointment, manager
):
    availability.set_hours(hosts[0], save=[away(hosts[0])], by=None)
    nothing = change_of(offered.office)

    with pytest.raises(Undecided):
        change_hours(nothing, {}, by=manager)
    change_hours(
        nothing, {appointment.pk: Decision(Fate.GIVE, hosts[1].pk)}, by=manager
    )

    assert list(type(appointment).objects.unsupported()) == []
    assert broken() == {}


def test_a_request_stays_one_when_it_is_moved(hosts, appointment, settle):
    type(appointment).objects.update(status=Status.PENDING)

    settle({appointment: Decision(Fate.MOVE, hosts[1].pk, TEN)})

    assert of(appointment).status == Status.PENDING


# What is refused, as a whole. -------------------------------------------------------


def refused(settle, decisions, refusal=DecisionRefused, **how):
    """What is said; nothing has been changed."""
    before = everything()

    with pytest.raises(refusal) as caught:
        settle(decisions, **how)

    assert everything() == before
    return str(caught.value)


def test_who_is_hurt_needs_a_decision(appointment, settle):
    assert "Decide about these, too" in refused(settle, {}, Undecided)


def test_one_that_was_booked_meanwhile_needs_a_decision(
    offered, hosts, appointment, settle
):
    AppointmentFactory(offered=offered, host=hosts[0], starts_at=TEN)

    refused(settle, {appointment: CANCEL}, Undecided)


def test_a_time_that_is_taken(offered, hosts, appointment, settle):
    AppointmentFactory(offered=offered, host=hosts[1], starts_at=TEN)
    other = AppointmentFactory(offered=offered, host=hosts[0], starts_at=NINE + QUARTER)

    said = refused(
        settle,
        {appointment: Decision(Fate.MOVE, hosts[1].pk, TEN), other: CANCEL},
    )

    assert said == (
        f"{appointment.reference}, {appointment.citizen}: That time has just been "
        "taken. Please choose another. Nothing has been saved."
    )


def test_a_time_that_somebody_else_keeps(offered, hosts, appointment, settle):
    keep(offered, hosts[1], TEN, holder="somebody else")

    said = refused(settle, {appointment: Decision(Fate.MOVE, hosts[1].pk, TEN)})

    assert "has just been taken" in said


@pytest.mark.parametrize("held", [True, False])
def test_a_time_that_the_change_itself_takes_away(
    offered, hosts, appointment, settle, held
):
    if held:
        keep(offered, hosts[0], TEN)

    said = refused(
        settle, {appointment: Decision(Fate.MOVE, hosts[0].pk, TEN)}, holder="me"
    )

    assert "outside the opening hours" in said


def test_a_colleague_who_is_busy(offered, hosts, appointment, settle):
    AppointmentFactory(offered=offered, host=hosts[1], starts_at=NINE)

    said = refused(settle, {appointment: Decision(Fate.GIVE, hosts[1].pk)})

    assert "has just been taken" in said


def test_two_who_go_to_one_time(offered, hosts, appointment, settle):
    other = AppointmentFactory(offered=offered, host=hosts[0], starts_at=NINE + QUARTER)
    to_ten = Decision(Fate.MOVE, hosts[1].pk, TEN)
    keep(offered, hosts[1], TEN)

    said = refused(settle, {appointment: to_ten, other: to_ten}, holder="me")

    assert said.startswith(other.reference)


def test_a_host_who_cannot_serve_it(offered, appointment, settle):
    elsewhere = town_hall(
        office__slug="elsewhere", service__code="elsewhere"
    ).office.hosts.get()

    said = refused(settle, {appointment: Decision(Fate.GIVE, elsewhere.pk)})

    assert "does not serve this service" in said


@pytest.mark.parametrize(
    ("starts_at", "words"),
    [
        (NOW - timedelta(hours=1), "is over or too soon"),
        (NOW + timedelta(days=4000), "cannot be booked yet"),
        (TEN + timedelta(minutes=5), "outside the opening hours"),
    ],
)
def test_a_time_outside_the_policy(hosts, appointment, settle, starts_at, words):
    said = refused(settle, {appointment: Decision(Fate.MOVE, hosts[1].pk, starts_at)})

    assert words in said


def test_the_time_it_has(hosts, appointment, settle):
    said = refused(settle, {appointment: Decision(Fate.MOVE, hosts[0].pk, NINE)})

    assert "already is at that time" in said


def test_the_host_it_has(hosts, appointment, settle):
    said = refused(settle, {appointment: Decision(Fate.GIVE, hosts[0].pk)})

    assert "already is at that time" in said


def cancelled(appointment, hosts):
    operations.cancel(appointment, by=appointment.citizen)


def moved_away(appointment, hosts):
    operations.reschedule(appointment, TEN, host=hosts[1], by=appointment.citizen)


@pytest.mark.parametrize("what_happened", [cancelled, moved_away])
def test_an_appointment_that_has_changed_meanwhile(
    hosts, appointment, settle, what_happened
):
    what_happened(appointment, hosts)

    said = refused(settle, {appointment: CANCEL})

    assert "Somebody has just changed this appointment" in said


def test_an_appointment_that_has_begun(appointment, settle, clock):
    clock.move_to(NINE)

    refused(settle, {appointment: CANCEL})


def test_an_appointment_of_another_office(appointment, settle):
    elsewhere = AppointmentFactory()

    refused(settle, {appointment: CANCEL, elsewhere: CANCEL}, Changed)


def test_an_appointment_that_does_not_exist(offered, hosts, manager, appointment):
    change = change_of(offered.office, away(hosts[0]))

    with pytest.raises(Changed):
        change_hours(change, {appointment.pk: CANCEL, uuid.uuid4(): CANCEL}, by=manager)


def test_hours_that_are_wrong(offered, hosts, manager):
    wrong = away(hosts[0], time(10), time(9))
    before = everything()

    with pytest.raises(ValidationError):
        change_hours(change_of(offered.office, wrong), {}, by=manager)

    assert everything() == before


def test_hours_of_another_office(offered, manager):
    host = AppointmentFactory().host
    rows = [
        away(host),
        Closure(office=host.office, starts_at=NINE, ends_at=TEN),
    ]

    for row in rows:
        with pytest.raises(PermissionDenied):
            change_hours(change_of(offered.office, row), {}, by=manager)


# Who may. ---------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SECRETARY])
def test_who_may_do_both(offered, appointment, settle, role):
    settle({appointment: CANCEL}, by=member_of(offered.office, role))

    assert of(appointment).status == Status.CANCELLED


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION])
def test_who_may_not_change_hours(offered, appointment, settle, role):
    user = member_of(offered.office, role)

    refused(settle, {appointment: CANCEL}, PermissionDenied, by=user)
    refused(settle, {appointment: LEAVE}, PermissionDenied, by=user)


def test_a_manager_of_another_office_may_not(appointment, settle):
    user = member_of(AppointmentFactory().office)

    refused(settle, {appointment: CANCEL}, PermissionDenied, by=user)


@pytest.mark.parametrize(("role", "may"), [(Role.RECEPTION, True), (Role.HOST, False)])
def test_what_has_lost_its_hours_is_for_who_may_book(
    offered, hosts, appointment, role, may
):
    availability.set_hours(hosts[0], save=[away(hosts[0])], by=None)
    decide = partial(
        change_hours,
        change_of(offered.office),
        {appointment.pk: CANCEL},
        by=member_of(offered.office, role),
    )

    if may:
        decide()
    else:
        with pytest.raises(PermissionDenied):
            decide()

    assert (of(appointment).status == Status.CANCELLED) == may


# How much it asks of the database. --------------------------------------------------


def book_many(offered, host, many):
    return [
        operations.book(
            offered,
            NINE + n * QUARTER,
            citizen=CitizenFactory(email=f"c{n}@example.org"),
            by=None,
            host=host,
            channel=Channel.STAFF,
        )
        for n in range(many)
    ]
