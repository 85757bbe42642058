"""Clerks who act at the same moment, and the deterministic twins of it."""

from datetime import UTC, datetime
from functools import partial

import pytest
import time_machine
from django.db import transaction

from appointments import operations
from appointments.invariants import broken
from appointments.models import Appointment, AppointmentEvent, Citizen
from appointments.states import EventKind, Status
from appointments.tests.factories import AppointmentFactory
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from availability.tests.races import (
    at_once,
    in_threads,
    no_deadlocks,
    start_and_wait,
    would_wait,
)
from offices.tests.factories import OfficeServiceFactory

MONDAY = datetime(2030, 3, 4, 6, 30, tzinfo=UTC)  # 7:30 in Berlin
EIGHT = datetime(2030, 3, 4, 7, tzinfo=UTC)
CLERKS = 8


@pytest.fixture
def offered(transactional_db):
    """Eight counters; it is eight o'clock."""
    with time_machine.travel(MONDAY) as traveller:
        offered = OfficeServiceFactory(office__max_open_appointments=1000)
        OpenHostFactory.create_batch(CLERKS, office=offered.office)
        booked = [
            AppointmentFactory(offered=offered, starts_at=EIGHT + n * QUARTER)
            for n in (4, 5, 6, 7)
            for _ in range(6)
        ]
        traveller.move_to(EIGHT)
        offered.booked = booked
        yield offered


def calls(offered):
    """One `call_next` for each counter."""
    return [
        partial(operations.call_next, host, by=None)
        for host in offered.office.hosts.select_related("office")
    ]


def check_in(offered, many):
    return [operations.check_in(each, by=None) for each in offered.booked[:many]]


@pytest.mark.parametrize("many", [2, CLERKS])
def test_clerks_who_call_at_once_call_different_people(offered, many):
    check_in(offered, 24)
    called = []

    with no_deadlocks():
        for _ in range(24 // CLERKS):
            outcomes = at_once(*calls(offered)[:many])
            called += [operations.start(each, by=None).pk for each in outcomes]

    assert len(called) == len(set(called)) == many * (24 // CLERKS)
    lines = AppointmentEvent.objects.filter(kind=EventKind.CALLED)
    assert lines.count() == len(called)
    assert broken() == {}


def test_a_second_click_calls_nobody(offered):
    check_in(offered, 8)

    outcomes = at_once(*calls(offered)[:1] * 4)

    assert outcomes.count("still_called") == 3
    assert AppointmentEvent.objects.filter(kind=EventKind.CALLED).count() == 1


def test_of_eight_clerks_three_call_the_three_who_wait(offered):
    check_in(offered, 3)

    outcomes = at_once(*calls(offered))

    assert outcomes.count("nobody_waits") == CLERKS - 3
    assert len({each.pk for each in outcomes if each != "nobody_waits"}) == 3


def test_a_clerk_passes_over_whom_another_is_calling(offered):
    first, second = check_in(offered, 2)
    with transaction.atomic():
        one, other = calls(offered)[:2]
        assert one() == first

        assert in_threads([other]) == [second]


@pytest.mark.parametrize("stands", [True, False])
def test_who_is_the_only_one_is_waited_for(offered, stands):
    [only] = check_in(offered, 1)
    one, other = calls(offered)[:2]
    with transaction.atomic():
        one()
        waiting = start_and_wait(other)
        transaction.set_rollback(not stands)

    assert waiting.result() == ("nobody_waits" if stands else only)


def test_one_person_is_called_by_one_of_many(offered):
    [only] = check_in(offered, 1)
    hosts = list(offered.office.hosts.all())

    outcomes = at_once(
        *[partial(operations.call, only, host=host, by=None) for host in hosts]
    )

    assert outcomes.count("already_called") == CLERKS - 1
    assert broken() == {}


def test_tickets_of_those_who_come_at_once_are_all_different(offered):
    check_ins = [partial(operations.check_in, a, by=None) for a in offered.booked[:6]]
    walk_ins = [
        partial(operations.walk_in, offered, citizen=Citizen(name=f"{n}"), by=None)
        for n in range(6)
    ]

    with no_deadlocks():
        outcomes = at_once(*check_ins, *walk_ins)

    assert sorted(each.ticket for each in outcomes) == list(range(1, 13))
    assert broken() == {}


def test_a_ticket_waits_for_the_one_before_it(offered):
    first, second = offered.booked[:2]
    with transaction.atomic():
        operations.check_in(first, by=None)

        assert would_wait(partial(operations.check_in, second, by=None))


def test_whatever_clerks_do_nobody_is_called_twice(offered):
    """Calls and steps back; each call that stands is the only one."""
    check_in(offered, 12)

    def work(call):
        done = []
        for n in range(6):
            called = call()
            done.append(called.pk)
            if n % 3 == 2:
                operations.undo(called, by=None)
                done.pop()
            else:
                operations.start(called, by=None)
        return done

    with no_deadlocks():
        outcomes = at_once(*[partial(work, call) for call in calls(offered)[:3]])

    standing = [pk for done in outcomes if isinstance(done, list) for pk in done]
    assert len(standing) == len(set(standing))
    at_desk = Appointment.objects.filter(
        status__in=[Status.CHECKED_IN, Status.IN_PROGRESS], called_at__isnull=False
    )
    assert set(standing) <= set(at_desk.values_list("pk", flat=True))
    assert broken() == {}
