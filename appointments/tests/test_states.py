"""Each operation at each point of an appointment's life."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine

from appointments import operations
from appointments.exceptions import TransitionRefused
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.states import (
    CLOSE_OUT,
    MOVABLE,
    OPEN,
    TAKES_TIME,
    TRANSITIONS,
    UNDO,
    EventKind,
    Status,
)
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.history import last_line, listening
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import OfficeServiceFactory

NINE = datetime(2030, 3, 4, 8, tzinfo=UTC)  # in Berlin

# Which operation leads from where to where.
STEPS = {
    "approve": {Status.PENDING: Status.CONFIRMED},
    "deny": {Status.PENDING: Status.DENIED},
    "cancel": {
        Status.PENDING: Status.CANCELLED,
        Status.CONFIRMED: Status.CANCELLED,
        Status.CHECKED_IN: Status.CANCELLED,
    },
    "check_in": {Status.CONFIRMED: Status.CHECKED_IN},
    "start": {Status.CHECKED_IN: Status.IN_PROGRESS},
    "complete": {Status.IN_PROGRESS: Status.COMPLETED},
    "mark_no_show": {
        Status.CONFIRMED: Status.NO_SHOW,
        Status.CHECKED_IN: Status.NO_SHOW,
    },
    "undo": {
        Status.NO_SHOW: Status.CONFIRMED,
        Status.CHECKED_IN: Status.CONFIRMED,
        Status.IN_PROGRESS: Status.CHECKED_IN,
        Status.COMPLETED: Status.IN_PROGRESS,
    },
}
# Where the same step leads to another status: a no-show who had checked in, and what
# was completed only when the day was closed.
ELSEWHERE = {
    (Status.NO_SHOW, Status.CHECKED_IN),
    (Status.COMPLETED, Status.CHECKED_IN),
    (Status.COMPLETED, Status.CONFIRMED),
}

# What changes its time or host, and where that leaves it.
MOVES = {
    "reschedule": {status: status for status in MOVABLE},
    "postpone": {status: status for status in MOVABLE},
    "reassign": {status: status for status in [*MOVABLE, Status.CHECKED_IN]},
    "call": {Status.CHECKED_IN: Status.CHECKED_IN},
}

KINDS = {
    "approve": EventKind.APPROVED,
    "deny": EventKind.DENIED,
    "cancel": EventKind.CANCELLED,
    "check_in": EventKind.CHECKED_IN,
    "call": EventKind.CALLED,
    "start": EventKind.STARTED,
    "complete": EventKind.COMPLETED,
    "mark_no_show": EventKind.NO_SHOW,
    "undo": EventKind.UNDONE,
    "reschedule": EventKind.RESCHEDULED,
    "postpone": EventKind.POSTPONED,
    "reassign": EventKind.REASSIGNED,
}

# How an appointment gets into each status, step by step.
PATHS = {
    Status.PENDING: [],
    Status.CONFIRMED: ["approve"],
    Status.CHECKED_IN: ["approve", "check_in"],
    Status.IN_PROGRESS: ["approve", "check_in", "start"],
    Status.COMPLETED: ["approve", "check_in", "start", "complete"],
    Status.CANCELLED: ["cancel"],
    Status.DENIED: ["deny"],
    Status.NO_SHOW: ["approve", "mark_no_show"],
}


def perform(name, appointment, by=None):
    """Call an operation with what it needs besides."""
    operation = partial(getattr(operations, name), appointment, by=by)
    if name == "deny":
        return operation(reason="No")
    if name in ("reschedule", "postpone"):
        return operation(NINE + 8 * QUARTER)
    if name == "reassign":
        return operation(appointment.office.hosts.exclude(pk=appointment.host_id).get())
    return operation()


@pytest.fixture
def requested(db):
    """A request for nine o'clock of this Monday, seen at five past nine."""
    with time_machine.travel(NINE - timedelta(hours=1), tick=False) as traveller:
        offered = OfficeServiceFactory(office__approval_required=True)
        OpenHostFactory.create_batch(2, office=offered.office)
        citizen = CitizenFactory()
        appointment = AppointmentFactory(
            offered=offered, citizen=citizen, by=citizen, starts_at=NINE
        )
        traveller.move_to(NINE + timedelta(minutes=5))
        yield appointment


def test_every_step_is_taken_by_some_operation_and_no_other():
    taken = {
        (before, after) for steps in STEPS.values() for before, after in steps.items()
    }

    assert taken | ELSEWHERE == {
        (before, after)
        for before, following in TRANSITIONS.items()
        for after in following
    }


def test_what_is_undone_was_a_step():
    led = {(before, after) for before, found in UNDO.items() for after in found}

    assert {*STEPS["undo"].items(), *ELSEWHERE} == led
    assert all(
        before in TRANSITIONS[after] | CLOSE_OUT.get(after, set())
        for before, after in led
    )


def test_what_is_open_takes_time_and_what_is_over_leads_nowhere():
    over = {Status.CANCELLED, Status.DENIED}

    assert set(Status) - set(TRANSITIONS) == over
    assert set(TAKES_TIME) == {*OPEN, Status.COMPLETED}
    assert set(MOVABLE) < set(OPEN)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", [*STEPS, *MOVES])
def test_an_operation_is_possible_exactly_where_the_life_allows_it(
    requested, status, name
):
    appointment = requested
    for step in PATHS[status]:
        appointment = perform(step, appointment)
    before = Appointment.objects.values().get()
    allowed = {**STEPS, **MOVES}[name]

    with listening() as heard:
        if status not in allowed:
            with pytest.raises(TransitionRefused):
                perform(name, appointment)
        else:
            changed = perform(name, appointment)

    if status in allowed:
        assert changed.status == Appointment.objects.get().status == allowed[status]
        assert heard == [(KINDS[name], allowed[status])]
        assert last_line(appointment)[:2] == (KINDS[name], "system")
    else:
        assert Appointment.objects.values().get() == before
        assert heard == []
    assert broken() == {}


@pytest.mark.parametrize("name", [*STEPS, *MOVES])
def test_an_old_copy_is_read_again(requested, name):
    """A cancelled one stays so, whatever the caller still believes."""
    allowed = next(iter({**STEPS, **MOVES}[name]))
    copy = requested
    for step in PATHS[allowed]:
        copy = perform(step, copy)
    Appointment.objects.filter(pk=copy.pk).update(status=Status.CANCELLED)

    with pytest.raises(TransitionRefused):
        perform(name, copy)
