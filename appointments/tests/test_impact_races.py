"""Changes of hours with many appointments, at the same moment as everything else."""

from collections import Counter
from datetime import time, timedelta
from functools import partial

import pytest
import time_machine
from django.db import transaction

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.impact import showing
from appointments.impact.changes import HoursChange
from appointments.impact.decisions import CANCEL, Decision, Fate
from appointments.invariants import broken
from appointments.models import Appointment, Citizen
from appointments.operations.hours import change_hours
from appointments.states import Channel, Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.impact import away, change_of, member_of, of
from appointments.tests.pages import NOW, town_hall, utc
from availability import claims, locks
from availability import operations as availability
from availability.models import AvailabilityRule, Hold
from availability.quarters import QUARTER
from availability.tests.races import (
    at_once,
    no_deadlocks,
    start_and_wait,
    would_wait,
)
from offices.tests.factories import HostFactory

NINE = utc("2030-03-13T08:00")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(transactional_db):
    return town_hall(hosts=2, office__max_open_appointments=1000)


@pytest.fixture
def hosts(offered):
    return list(offered.office.hosts.order_by("pk"))


def book(offered, starts_at, host=None):
    citizen = Citizen(name="Ada", email="ada@example.org")
    return operations.book(
        offered,
        starts_at,
        citizen=citizen,
        by=citizen,
        host=host,
        channel=Channel.WEB,
    )


def settle(change, decisions, **how):
    decisions = {each.pk: decision for each, decision in decisions.items()}
    return change_hours(change, decisions, by=None, **how)


# One holds a lock, the other is seen to wait. ---------------------------------------


def test_it_waits_for_whoever_has_a_day_that_it_needs(offered, hosts):
    appointment = AppointmentFactory(offered=offered, host=hosts[0], starts_at=NINE)
    give = partial(
        settle,
        change_of(offered.office, away(hosts[0])),
        {appointment: Decision(Fate.GIVE, hosts[1].pk)},
    )

    with transaction.atomic():
        claims.lock([(hosts[1].pk, NINE.date())])

        assert would_wait(give)


def test_it_waits_for_another_change_at_the_office(offered, hosts):
    with transaction.atomic():
        locks.lock_office(offered.office)

        assert would_wait(partial(settle, change_of(offered.office), {}))


def test_a_booking_that_comes_while_it_runs_finds_the_time_gone(offered, hosts):
    with transaction.atomic():
        settle(change_of(offered.office, away(hosts[0]), away(hosts[1])), {})
        booking = start_and_wait(partial(book, offered, NINE))

    assert booking.result() == "slot_closed"


def test_it_finds_what_was_booked_while_it_waited(offered, hosts):
    with transaction.atomic():
        book(offered, NINE, hosts[0])
        change = start_and_wait(
            partial(settle, change_of(offered.office, away(hosts[0])), {})
        )

    assert change.result() == "undecided"
    assert broken() == {}


def test_it_finds_what_was_called_off_while_it_waited(offered, hosts):
    appointment = AppointmentFactory(offered=offered, host=hosts[0], starts_at=NINE)
    with transaction.atomic():
        operations.cancel(appointment, by=None)
        change = start_and_wait(
            partial(
                settle,
                change_of(offered.office, away(hosts[0])),
                {appointment: CANCEL},
            )
        )

    assert change.result() == "decision_refused"


def test_days_and_persons_are_locked_before_appointments(offered, hosts):
    """Who approves has an appointment, and then wants the person it is with."""
    hosts[0].user = UserFactory()
    availability.save_host(hosts[0], by=None)
    appointment = AppointmentFactory(offered=offered, host=hosts[1], starts_at=NINE)
    give = partial(
        settle,
        change_of(offered.office, away(hosts[1])),
        {appointment: Decision(Fate.GIVE, hosts[0].pk)},
    )

    with transaction.atomic():
        Appointment.objects.select_for_update().get(pk=appointment.pk)
        change = start_and_wait(give)
        operations.steps.lock_person(hosts[0].user_id)  # would be a deadlock

    assert change.result().counts == {Fate.GIVE: 1}


# Many at once. ----------------------------------------------------------------------


def test_two_changes_with_bookings_moves_and_sweeps(offered, hosts):
    """Each counter's morning goes to the other's afternoon; and everybody is busy."""
    users = [member_of(offered.office) for _ in hosts]
    mornings = [
        [
            AppointmentFactory(offered=offered, host=host, starts_at=NINE + n * QUARTER)
            for n in range(6)
        ]
        for host in hosts
    ]
    afternoon = NINE + timedelta(hours=4)
    others = [
        AppointmentFactory(
            offered=offered, host=hosts[n % 2], starts_at=NINE + DAY + n * QUARTER
        )
        for n in range(6)
    ]
    calls = []
    for user, host, other, rows in zip(
        users, hosts, reversed(hosts), mornings, strict=True
    ):
        change = change_of(offered.office, away(host, time(8), time(12)))
        showing.hurt_by(change, by=user)
        decisions = {
            row: Decision(Fate.MOVE, other.pk, afternoon + n * QUARTER)
            for n, row in enumerate(rows)
        }
        calls.append(partial(settle, change, decisions, holder=showing.holder_of(user)))
    moves = [
        partial(
            operations.reschedule,
            row,
            afternoon + n * QUARTER,
            host=hosts[(n + 1) % 2],
            by=row.citizen,
        )
        for n, row in enumerate(others)
    ]
    bookings = [partial(book, offered, NINE + n * QUARTER) for n in range(8)]

    with no_deadlocks():
        outcomes = at_once(*calls, *moves, *bookings, claims.sweep)

    for user in users:
        availability.release(holder=showing.holder_of(user))
    assert broken() == {}
    assert not Hold.objects.exists()
    for outcome, rows in zip(outcomes[:2], mornings, strict=True):
        if isinstance(outcome, str):
            assert outcome in ("decision_refused", "undecided")
            assert [of(row).starts_at for row in rows] == [r.starts_at for r in rows]
        else:
            assert outcome.counts == {Fate.MOVE: 6}


def test_the_two_persons_of_two_offices(transactional_db):
    """Whose hours depend on each other: each office gives from one to the other."""
    people = [UserFactory(), UserFactory()]
    changes = []
    for slug, order in [("north", [0, 1]), ("south", [1, 0])]:
        offered = town_hall(hosts=0, office__slug=slug, service__code=slug)
        hosts = [HostFactory(office=offered.office, user=people[n]) for n in order]
        start = time(8) if slug == "north" else time(12)
        for host in hosts:
            rule = AvailabilityRule(
                weekdays=[3],
                start_time=start,
                end_time=start.replace(hour=start.hour + 4),
            )
            availability.set_hours(host, save=[rule], by=None)
        at = utc(f"2030-03-13T{start.hour - 1:02}:00")
        rows = [
            AppointmentFactory(
                offered=offered, host=hosts[0], starts_at=at + n * QUARTER
            )
            for n in range(5)
        ]
        changes.append((offered.office, hosts, rows))
    calls = [
        partial(
            settle,
            HoursChange(office, "A change.", [away(hosts[0])]),
            dict.fromkeys(rows, Decision(Fate.GIVE, hosts[1].pk)),
        )
        for office, hosts, rows in changes
    ]

    with no_deadlocks():
        outcomes = at_once(*calls)

    assert [outcome.counts for outcome in outcomes] == [Counter({Fate.GIVE: 5})] * 2
    assert broken() == {}
    assert set(Appointment.objects.values_list("status", flat=True)) == {
        Status.CONFIRMED
    }
