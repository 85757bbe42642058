"""Tickets, and who is called next."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from appointments import operations
from appointments.exceptions import (
    AlreadyCalled,
    NobodyWaits,
    NotToday,
    NotYetDue,
    StillCalled,
    TransitionRefused,
)
from appointments.invariants import broken
from appointments.models import Appointment, Citizen
from appointments.states import EventKind, Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.history import last_line, listening
from availability.exceptions import HostRefused
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from offices.models.office import QueueRule
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeServiceFactory,
    ServiceFactory,
)

NINE = datetime(2030, 3, 5, 8, tzinfo=UTC)  # of a Tuesday, in Berlin
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NINE - DAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(clock):
    """A town hall with two counters."""
    offered = OfficeServiceFactory()
    OpenHostFactory.create_batch(2, office=offered.office)
    return offered


@pytest.fixture
def host(offered):
    return offered.office.hosts.first()


def book(offered, minutes=0, **kwargs):
    """The day before, for some minutes after nine."""
    starts_at = NINE + minutes * MINUTE
    with time_machine.travel(NINE - DAY, tick=False):
        return AppointmentFactory(offered=offered, starts_at=starts_at, **kwargs)


def arrive(clock, minutes, appointment):
    """Check somebody in some minutes after nine."""
    clock.move_to(NINE + minutes * MINUTE)
    return operations.check_in(appointment, by=None)


def walk_in(clock, minutes, offered):
    clock.move_to(NINE + minutes * MINUTE)
    return operations.walk_in(offered, citizen=Citizen(name="Ada"), by=None)


def called_in_turn(host):
    """All whom a host calls and begins to serve, one after the other."""
    found = []
    while True:
        try:
            found.append(operations.call_next(host, by=None))
            operations.start(found[-1], by=None)
        except NobodyWaits:
            return found


# Tickets. ----------------------------------------------------------------------------


def test_tickets_count_who_comes_to_an_office_on_a_day(clock, offered):
    first, second = book(offered), book(offered)
    elsewhere = book(OfficeServiceFactory())
    tomorrow = book(offered, minutes=24 * 60)

    assert arrive(clock, 0, second).ticket == 1
    assert walk_in(clock, 1, offered).ticket == 2
    assert arrive(clock, 2, first).ticket == 3
    assert arrive(clock, 3, elsewhere).ticket == 1
    assert arrive(clock, 24 * 60, tomorrow).ticket == 1
    assert broken() == {}


def test_a_ticket_stays_with_whose_check_in_is_undone(clock, offered):
    first, second = book(offered), book(offered)
    back = operations.undo(arrive(clock, 0, first), by=None)

    assert (back.ticket, back.checked_in_at) == (1, None)
    assert arrive(clock, 1, second).ticket == 2
    assert arrive(clock, 2, back).ticket == 1


def test_a_ticket_is_not_kept_for_another_day(clock, offered):
    back = operations.undo(arrive(clock, 0, book(offered)), by=None)

    moved = operations.postpone(back, NINE + DAY, by=None)

    assert Appointment.objects.get(pk=moved.pk).ticket is None
    assert arrive(clock, 24 * 60, moved).ticket == 1


def test_the_database_gives_no_ticket_twice(clock, offered):
    arrive(clock, 0, book(offered))
    other = book(offered)

    with pytest.raises(IntegrityError, match="ticket_once_a_day"), transaction.atomic():
        Appointment.objects.filter(pk=other.pk).update(ticket=1)


# Who is next. ------------------------------------------------------------------------


def test_appointments_come_first_then_who_has_waited_longest(clock, offered, host):
    """Early for 10:00, a walk-in, late for 9:00, on time for 9:15, early for 10:15."""
    early, nine, quarter_past, earlier = (book(offered, m) for m in (60, 0, 15, 75))
    arrive(clock, -10, earlier)
    passer_by = walk_in(clock, -5, offered)
    arrive(clock, -2, early)
    arrive(clock, 14, quarter_past)
    arrive(clock, 20, nine)

    clock.move_to(NINE + 25 * MINUTE)

    assert called_in_turn(host) == [quarter_past, nine, earlier, passer_by, early]


def test_an_appointment_is_due_at_its_start(clock, offered, host):
    due, passer_by = book(offered, 15), walk_in(clock, 0, offered)
    arrive(clock, 1, due)

    clock.move_to(NINE + QUARTER - timedelta(microseconds=1))
    with transaction.atomic():
        assert operations.call_next(host, by=None) == passer_by
        transaction.set_rollback(True)
    clock.move_to(NINE + QUARTER)

    assert operations.call_next(host, by=None) == due


def test_who_comes_early_is_called_when_nobody_else_waits(clock, offered, host):
    early = arrive(clock, 0, book(offered, 60))

    assert operations.call_next(host, by=None) == early


def test_an_office_may_go_by_waiting_time_alone(clock, offered, host):
    office = offered.office
    office.queue_rule = QueueRule.WAITING_TIME
    office.save()
    appointment = book(offered)
    passer_by = walk_in(clock, -1, offered)
    arrive(clock, 0, appointment)
    host.refresh_from_db()

    assert called_in_turn(host) == [passer_by, appointment]


def test_one_queue_leads_to_any_host_that_can_serve(clock, offered, host):
    service = ServiceFactory()
    own = OfficeServiceFactory(office=offered.office, service=service)
    other = offered.office.hosts.last()
    other.services.add(service)
    passport = arrive(clock, 0, book(offered, host=host))
    special = arrive(clock, 1, book(own, 15, host=other))

    assert called_in_turn(other) == [special]
    assert called_in_turn(host) == [passport]


def test_who_comes_to_a_host_is_served_there_whatever_it_can_serve(
    clock, offered, host
):
    appointment = arrive(clock, 0, book(offered, host=host))
    host.services.add(ServiceFactory())

    assert called_in_turn(host) == [appointment]


def test_with_queues_apart_a_host_calls_only_its_own(clock, offered, host):
    offered.office.one_queue = False
    offered.office.save()
    host.refresh_from_db()
    arrive(clock, 0, book(offered, host=offered.office.hosts.last()))
    own = arrive(clock, 1, book(offered, host=host))

    assert called_in_turn(host) == [own]


def test_nobody_is_called_who_is_not_here_today(clock, offered, host):
    book(offered)
    operations.undo(arrive(clock, 0, book(offered)), by=None)
    operations.start(arrive(clock, 0, book(offered, 15)), by=None)
    arrive(clock, 0, book(OfficeServiceFactory()))

    with pytest.raises(NobodyWaits):
        operations.call_next(host, by=None)

    arrive(clock, 1, book(offered, 30))
    clock.move_to(NINE + DAY)
    with pytest.raises(NobodyWaits):
        operations.call_next(host, by=None)


def test_a_call_says_where_to_go(clock, offered, host):
    colleague = MembershipFactory(office=offered.office, role=Role.HOST).user
    arrive(clock, 0, book(offered, host=offered.office.hosts.last()))

    with listening() as heard:
        called = operations.call_next(host, by=colleague)

    assert (called.called_at, called.called_to) == (NINE, host)
    assert heard == [(EventKind.CALLED, Status.CHECKED_IN)]
    assert last_line(called) == (EventKind.CALLED, "staff", colleague.pk, "")
    assert broken() == {}


def test_who_may_not_run_the_desk_calls_nobody(clock, offered, host):
    stranger = MembershipFactory(role=Role.MANAGER).user
    waits = arrive(clock, 0, book(offered))

    for by in (stranger, waits.citizen):
        with pytest.raises(PermissionDenied):
            operations.call_next(host, by=by)
        with pytest.raises(PermissionDenied):
            operations.call(waits, by=by)


def test_a_host_calls_one_at_a_time(clock, offered, host):
    other = offered.office.hosts.last()
    first, second = (arrive(clock, 0, book(offered)) for _ in range(2))
    called = operations.call_next(host, by=None)

    with pytest.raises(StillCalled, match=called.citizen.name):
        operations.call_next(host, by=None)

    [left] = {first, second} - {called}
    assert operations.call_next(other, by=None) == left
    assert operations.undo(called, by=None) == operations.call_next(host, by=None)
    clock.move_to(NINE + DAY)
    with pytest.raises(NobodyWaits):
        operations.call_next(host, by=None)


# One person. -------------------------------------------------------------------------


def test_one_person_is_called_as_planned_or_to_a_host(clock, offered, host):
    other = offered.office.hosts.last()
    first = arrive(clock, 0, book(offered, host=host))
    second = arrive(clock, 0, book(offered, 15, host=host))

    assert operations.call(first, by=None).called_to == host
    assert operations.call(second, host=other, by=None).called_to == other


def test_the_same_host_may_call_again(clock, offered, host):
    called = operations.call(arrive(clock, 0, book(offered)), host=host, by=None)
    clock.move_to(NINE + MINUTE)

    again = operations.call(called, by=None)

    assert (again.called_at, again.called_to) == (NINE + MINUTE, host)


@pytest.mark.parametrize("operation", [operations.call, operations.start])
def test_no_other_host_takes_who_has_been_called(clock, offered, host, operation):
    other = offered.office.hosts.last()
    called = operations.call(arrive(clock, 0, book(offered)), host=host, by=None)

    with pytest.raises(AlreadyCalled, match=host.name):
        operation(called, host=other, by=None)

    back = operations.undo(called, by=None)
    assert operation(back, host=other, by=None).called_to == other


@pytest.mark.parametrize("operation", [operations.call, operations.start])
def test_nobody_is_called_to_another_office(clock, offered, operation):
    waits = arrive(clock, 0, book(offered))

    with pytest.raises(HostRefused):
        operation(waits, host=HostFactory(), by=None)


@pytest.mark.parametrize("operation", [operations.call, operations.start])
def test_a_host_takes_whom_it_serves_or_who_comes_to_it(
    clock, offered, host, operation
):
    other = offered.office.hosts.last()
    planned, elsewhere = (
        arrive(clock, 0, book(offered, host=each)) for each in (host, other)
    )
    host.services.add(ServiceFactory())

    with pytest.raises(HostRefused):
        operation(elsewhere, host=host, by=None)

    assert operation(planned, host=host, by=None).called_to == host


def test_only_who_waits_is_called_and_only_today(clock, offered):
    appointment = book(offered)
    clock.move_to(NINE)
    with pytest.raises(TransitionRefused):
        operations.call(appointment, by=None)

    waits = operations.check_in(appointment, by=None)
    clock.move_to(NINE + DAY)
    with pytest.raises(NotToday):
        operations.call(waits, by=None)


# What follows. -----------------------------------------------------------------------


def test_each_step_says_when_it_was_taken(clock, offered, host):
    waits = arrive(clock, -5, book(offered))
    for minutes, operation in enumerate(
        (operations.call, operations.start, operations.complete)
    ):
        clock.move_to(NINE + minutes * MINUTE)
        waits = operation(waits, by=None)

    saved = Appointment.objects.get(pk=waits.pk)
    assert saved.checked_in_at == NINE - 5 * MINUTE
    assert saved.called_at == NINE
    assert saved.started_at == NINE + MINUTE
    assert saved.completed_at == NINE + 2 * MINUTE
    assert broken() == {}


def test_who_starts_without_a_call_is_served_by_the_host_named(clock, offered):
    other = offered.office.hosts.last()
    waits = arrive(clock, 0, book(offered, host=offered.office.hosts.first()))

    begun = operations.start(waits, host=other, by=None)

    assert (begun.called_to, begun.called_at) == (other, None)


def test_undo_takes_back_one_step_after_the_other(clock, offered, host):
    waits = arrive(clock, 0, book(offered))
    begun = operations.start(operations.call(waits, by=None), by=None)
    seen = []

    for _ in range(3):
        begun = operations.undo(begun, by=None)
        seen.append((begun.status, begun.called_at, begun.checked_in_at))
        assert broken() == {}

    assert seen == [
        (Status.CHECKED_IN, NINE, NINE),
        (Status.CHECKED_IN, None, NINE),
        (Status.CONFIRMED, None, None),
    ]
    with pytest.raises(TransitionRefused):
        operations.undo(begun, by=None)


def test_undoing_a_start_without_a_call_has_the_person_wait_again(clock, offered):
    begun = operations.start(arrive(clock, 0, book(offered)), by=None)

    back = operations.undo(begun, by=None)

    assert (back.called_to, back.started_at) == (None, None)
    assert called_in_turn(back.host) == [back]


def test_who_is_put_back_keeps_the_place_in_the_queue(clock, offered, host):
    first = arrive(clock, 0, book(offered))
    second = arrive(clock, 1, book(offered, 15))
    operations.undo(operations.call_next(host, by=None), by=None)

    assert called_in_turn(host) == [first, second]


def test_who_was_called_and_is_gone_did_not_come(clock, offered, host):
    early = arrive(clock, -20, book(offered))
    with pytest.raises(NotYetDue):
        operations.mark_no_show(early)

    gone = operations.mark_no_show(operations.call(early, by=None))

    assert gone.status == Status.NO_SHOW
    assert broken() == {}


def test_who_was_gone_and_comes_back_waits_again(clock, offered, host):
    waits = arrive(clock, 0, book(offered))
    gone = operations.mark_no_show(operations.call(waits, by=None))

    back = operations.undo(gone, by=None)

    assert (back.status, back.ticket) == (Status.CHECKED_IN, 1)
    assert called_in_turn(host) == [back]
    assert broken() == {}


def test_who_is_given_to_another_host_waits_there(clock, offered, host):
    other = offered.office.hosts.last()
    waits = arrive(clock, 0, book(offered, host=host))
    called = operations.call(waits, by=None)

    given = operations.reassign(called, other, by=None)

    assert (given.called_at, given.called_to) == (None, None)
    assert operations.call(given, by=None).called_to == other
    assert broken() == {}
