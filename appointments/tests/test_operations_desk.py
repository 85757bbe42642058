from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.exceptions import NotToday, NotYetDue
from appointments.invariants import broken
from appointments.models import Appointment, Citizen
from appointments.states import Channel, EventKind, Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.history import history, last_line, listening
from availability.exceptions import HostRefused, QuantityRefused, SlotTaken
from availability.models import HostDay
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeServiceFactory,
)

NINE = datetime(2030, 3, 5, 8, tzinfo=UTC)  # of a Tuesday, in Berlin
MIDNIGHT = datetime(2030, 3, 4, 23, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NINE - DAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def appointment(clock):
    """For nine o'clock; it is five past."""
    appointment = AppointmentFactory(starts_at=NINE)
    clock.move_to(NINE + timedelta(minutes=5))
    return appointment


@pytest.fixture
def colleague(appointment):
    return MembershipFactory(office=appointment.office, role=Role.HOST).user


# The desk's day. ---------------------------------------------------------------------


def test_a_visit_runs_its_course(appointment, colleague):
    with listening() as heard:
        for operation in (
            operations.check_in,
            operations.start,
            operations.complete,
        ):
            appointment = operation(appointment, by=colleague)

    assert heard == [
        (EventKind.CHECKED_IN, Status.CHECKED_IN),
        (EventKind.STARTED, Status.IN_PROGRESS),
        (EventKind.COMPLETED, Status.COMPLETED),
    ]
    assert history(appointment) == [
        (EventKind.BOOKED, "system", None, ""),
        (EventKind.CHECKED_IN, "staff", colleague.pk, ""),
        (EventKind.STARTED, "staff", colleague.pk, ""),
        (EventKind.COMPLETED, "staff", colleague.pk, ""),
    ]
    assert appointment.sequence == 0
    assert broken() == {}


@pytest.mark.parametrize(
    ("now", "is_today"),
    [
        (MIDNIGHT - MOMENT, False),
        (MIDNIGHT, True),
        (MIDNIGHT + DAY - MOMENT, True),
        (MIDNIGHT + DAY, False),
    ],
)
@pytest.mark.parametrize("operation", [operations.check_in, operations.undo])
def test_checking_in_and_undoing_are_for_the_day_itself(
    appointment, clock, operation, now, is_today
):
    if operation is operations.undo:
        appointment = operations.check_in(appointment, by=None)
    clock.move_to(now)

    if is_today:
        operation(appointment, by=None)
    else:
        with pytest.raises(NotToday):
            operation(appointment, by=None)


# No-shows. ---------------------------------------------------------------------------


def test_who_does_not_come_gives_back_the_time(appointment, colleague):
    with listening() as heard:
        missed = operations.mark_no_show(appointment, by=colleague)

    assert (missed.status, missed.sequence) == (Status.NO_SHOW, 0)
    assert last_line(missed) == (EventKind.NO_SHOW, "staff", colleague.pk, "")
    assert heard == [(EventKind.NO_SHOW, Status.NO_SHOW)]
    assert not HostDay.objects.exclude(claimed=0).exists()


def test_nobody_is_late_before_the_start(appointment, clock):
    clock.move_to(NINE - MOMENT)
    with pytest.raises(NotYetDue):
        operations.mark_no_show(appointment)

    clock.move_to(NINE)
    missed = operations.mark_no_show(appointment)

    assert last_line(missed) == (EventKind.NO_SHOW, "system", None, "")


def test_who_comes_after_all_is_confirmed_again(appointment, colleague):
    missed = operations.mark_no_show(appointment, by=colleague)

    with listening() as heard:
        back = operations.undo(missed, by=colleague)

    assert back.status == Status.CONFIRMED
    assert last_line(back) == (EventKind.UNDONE, "staff", colleague.pk, "")
    assert heard == [(EventKind.UNDONE, Status.CONFIRMED)]
    assert broken() == {}


def test_a_check_in_is_undone_without_a_claim(appointment):
    operations.check_in(appointment, by=None)

    assert operations.undo(appointment, by=None).status == Status.CONFIRMED
    assert broken() == {}


def test_a_no_show_comes_back_even_where_the_hours_have_gone(appointment):
    missed = operations.mark_no_show(appointment)
    HostDay.objects.update(open=0)

    assert operations.undo(missed, by=None).status == Status.CONFIRMED
    assert broken() == {}


def test_time_that_has_gone_to_somebody_else_does_not_come_back(appointment):
    missed = operations.mark_no_show(appointment)
    walk_in(appointment.office.offered.get())

    with pytest.raises(SlotTaken):
        operations.undo(missed, by=None)

    assert Appointment.objects.get(pk=missed.pk).status == Status.NO_SHOW
    assert broken() == {}


def test_a_person_who_is_busy_elsewhere_by_now_does_not_come_back(clock):
    person = UserFactory()
    here, elsewhere = OfficeServiceFactory.create_batch(2)
    OpenHostFactory(office=here.office, user=person)
    HostFactory(office=elsewhere.office, user=person)
    long = AppointmentFactory(
        offered=here,
        starts_at=NINE - 2 * QUARTER,
        quantity=1,
    )
    clock.move_to(NINE - 2 * QUARTER)
    missed = operations.mark_no_show(long)
    Appointment.objects.filter(pk=missed.pk).update(
        ends_at=NINE + QUARTER, busy_until=NINE + QUARTER
    )
    AppointmentFactory(offered=elsewhere, starts_at=NINE, by=None, override="Fair")

    with pytest.raises(SlotTaken):
        operations.undo(missed, by=None)


# Walk-ins. ---------------------------------------------------------------------------


@pytest.fixture
def offered(clock):
    """A quarter of an hour with one counter, from 9:00 to 10:00; it is 9:05."""
    offered = OfficeServiceFactory()
    OpenHostFactory(office=offered.office, hours=(time(9), time(10)))
    clock.move_to(NINE + timedelta(minutes=5))
    return offered


def walk_in(offered, **kwargs):
    citizen = Citizen(name="Ada")
    return operations.walk_in(offered, **{"citizen": citizen, "by": None, **kwargs})


def test_who_walks_in_is_given_the_running_quarter_and_checked_in(offered):
    colleague = MembershipFactory(office=offered.office, role=Role.RECEPTION).user

    with listening() as heard:
        appointment = walk_in(offered, by=colleague, purpose="A passport")

    assert appointment.starts_at == NINE
    assert (appointment.status, appointment.channel) == (
        Status.CHECKED_IN,
        Channel.WALK_IN,
    )
    assert appointment.purpose == "A passport"
    assert history(appointment) == [
        (EventKind.BOOKED, "staff", colleague.pk, ""),
        (EventKind.CHECKED_IN, "staff", colleague.pk, ""),
    ]
    assert heard == [
        (EventKind.BOOKED, Status.CHECKED_IN),
        (EventKind.CHECKED_IN, Status.CHECKED_IN),
    ]
    assert broken() == {}


@pytest.mark.parametrize(
    ("now", "starts_at"),
    [
        (NINE - timedelta(hours=1), NINE),
        (NINE, NINE),
        (NINE + QUARTER - MOMENT, NINE),
        (NINE + QUARTER, NINE + QUARTER),
    ],
)
def test_who_walks_in_begins_with_the_quarter_that_is_running(
    offered, clock, now, starts_at
):
    clock.move_to(now)

    assert walk_in(offered).starts_at == starts_at


def test_who_walks_in_later_waits_longer_until_the_day_is_full(offered):
    waits = [walk_in(offered).starts_at - NINE for _ in range(4)]

    assert waits == [n * QUARTER for n in range(4)]
    with pytest.raises(SlotTaken, match="Nobody is free any more today"):
        walk_in(offered)


def test_who_walks_in_needs_as_long_as_anybody(offered):
    AppointmentFactory(offered=offered, starts_at=NINE + QUARTER, override="x")
    offered.own_duration = timedelta(minutes=10)
    offered.own_max_quantity = 3

    assert walk_in(offered, quantity=3).starts_at == NINE + 2 * QUARTER
    with pytest.raises(QuantityRefused):
        walk_in(offered, quantity=4)


def test_who_walks_in_can_ask_for_a_host(offered):
    wanted = OpenHostFactory(office=offered.office)
    walk_in(offered, host=wanted)

    appointment = walk_in(offered, host=wanted)

    assert (appointment.host, appointment.starts_at) == (wanted, NINE + QUARTER)
    with pytest.raises(HostRefused):
        walk_in(offered, host=OpenHostFactory())


def test_the_rules_for_the_public_do_not_bind_the_door(offered):
    offered.is_public = False
    offered.office.lead_time = DAY
    offered.office.max_open_appointments = 0

    assert walk_in(offered).starts_at == NINE


def test_tomorrow_is_no_walk_in(offered, clock):
    clock.move_to(NINE + timedelta(hours=1))

    with pytest.raises(SlotTaken):
        walk_in(offered)


def test_a_stranger_lets_nobody_in(offered):
    stranger = MembershipFactory(role=Role.MANAGER).user

    with pytest.raises(PermissionDenied):
        walk_in(offered, by=stranger)

    assert not Citizen.objects.exists()
