from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.exceptions import SameTime, TooLateToMove
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.states import EventKind, Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.history import history, last_line, listening
from availability import operations as availability
from availability import quarters
from availability.exceptions import (
    HostRefused,
    NotOffered,
    SlotClosed,
    SlotPast,
    SlotTaken,
    SlotTooFar,
)
from availability.models import Hold, HostDay
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from availability.tests.races import start_and_wait
from offices.models import OfficeService
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeServiceFactory,
)

NOW = datetime(2030, 3, 4, 7, tzinfo=UTC)  # a Monday, 8:00 in Berlin
NINE = datetime(2030, 3, 5, 8, tzinfo=UTC)
TEN = NINE + 4 * QUARTER
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def appointment(db, clock):
    """A guest's, tomorrow at nine, with the one counter of an office."""
    appointment = AppointmentFactory()
    clock.shift(timedelta(minutes=1))
    return appointment


def move(appointment, starts_at=TEN, *, by="the citizen", **kwargs):
    by = appointment.citizen if by == "the citizen" else by
    return operations.reschedule(appointment, starts_at, by=by, **kwargs)


def member(office, role):
    return MembershipFactory(office=office, role=role).user


def claimed(host, at=NINE):
    return HostDay.objects.get(host=host, day=at.date()).claimed


def change_office(appointment, **fields):
    for name, value in fields.items():
        setattr(appointment.office, name, value)
    appointment.office.save()


def change_offer(appointment, **fields):
    OfficeService.objects.filter(office=appointment.office).update(**fields)


# Reschedule. -------------------------------------------------------------------------


def test_a_citizen_moves_an_appointment(appointment):
    before = Appointment.objects.values().get()

    with listening() as heard:
        moved = move(appointment, TEN + DAY)

    assert Appointment.objects.values().get() == {
        **before,
        "day": (TEN + DAY).date(),
        "quarters": quarters.span(40, 1),
        "starts_at": TEN + DAY,
        "ends_at": TEN + DAY + QUARTER,
        "busy_until": TEN + DAY + QUARTER,
        "sequence": 1,
        "updated_at": NOW + timedelta(minutes=1),
    }
    assert last_line(moved) == (EventKind.RESCHEDULED, "citizen", None, "")
    assert moved.events.last().previous_start == NINE
    assert heard == [(EventKind.RESCHEDULED, Status.CONFIRMED)]
    assert claimed(moved.host, NINE) == 0
    assert claimed(moved.host, NINE + DAY) == quarters.span(40, 1)


def test_the_old_time_is_free_at_once(appointment):
    move(appointment)

    again = AppointmentFactory(offered=appointment.office.offered.get(), starts_at=NINE)

    assert again.starts_at == NINE
    assert broken() == {}


@pytest.mark.parametrize("by", [-QUARTER, QUARTER])
def test_it_can_move_onto_time_of_its_own(appointment, by):
    change_offer(appointment, own_duration=timedelta(minutes=30))
    long = AppointmentFactory(offered=appointment.office.offered.get(), starts_at=TEN)

    moved = move(long, TEN + by)

    assert moved.starts_at == TEN + by
    assert broken() == {}


def test_any_host_will_do(appointment):
    other = OpenHostFactory(office=appointment.office)
    AppointmentFactory(
        offered=appointment.office.offered.get(),
        host=appointment.host,
        starts_at=TEN,
    )

    moved = move(appointment)

    assert moved.host == other
    assert broken() == {}


def test_a_host_can_be_asked_for(appointment):
    person = UserFactory()
    wanted = OpenHostFactory(office=appointment.office, user=person)

    moved = move(appointment, host=wanted)

    assert (moved.host, moved.person) == (wanted, person)


def test_another_host_at_the_same_time_is_a_move(appointment):
    wanted = OpenHostFactory(office=appointment.office)

    moved = move(appointment, NINE, host=wanted)

    assert (moved.host, moved.starts_at) == (wanted, NINE)
    assert broken() == {}


def test_it_takes_as_long_as_the_service_does_now(appointment):
    change_offer(appointment, own_duration=timedelta(minutes=40))

    moved = move(appointment)

    assert moved.ends_at == TEN + timedelta(minutes=40)
    assert claimed(moved.host) == quarters.span(40, 3)


def test_its_account_moves_it(db):
    user = UserFactory()
    appointment = AppointmentFactory(citizen=CitizenFactory(user=user))

    moved = move(appointment, by=user)

    assert last_line(moved) == (EventKind.RESCHEDULED, "citizen", user.pk, "")


def test_a_held_time_is_moved_to(appointment):
    offered = appointment.office.offered.get()
    hold = availability.hold(offered, TEN, holder="me")

    moved = move(appointment, hold=hold.pk, holder="me")

    assert moved.starts_at == TEN
    assert not Hold.objects.exists()
    assert broken() == {}


@pytest.mark.parametrize("hold", [None, ""])
def test_without_a_hold_the_time_is_claimed(appointment, hold):
    assert move(appointment, hold=hold, holder="me").starts_at == TEN


def test_a_hold_of_somebody_else_is_no_help(appointment):
    offered = appointment.office.offered.get()
    hold = availability.hold(offered, TEN, holder="you")

    with pytest.raises(SlotTaken):
        move(appointment, hold=hold.pk, holder="me")

    assert list(Hold.objects.all()) == [hold]
    assert broken() == {}


def test_a_refused_move_keeps_the_hold(appointment, clock):
    offered = appointment.office.offered.get()
    hold = availability.hold(offered, TEN, holder="me")
    change_office(appointment, cancellation_cutoff=2 * DAY)

    with pytest.raises(TooLateToMove):
        move(appointment, hold=hold.pk, holder="me")

    assert list(Hold.objects.all()) == [hold]


@pytest.mark.parametrize(
    ("refusal", "starts_at"),
    [
        (SameTime, NINE),
        (SlotPast, NOW - DAY),
        (SlotPast, NOW + timedelta(minutes=45)),
        (SlotTooFar, NINE + 60 * DAY),
        (SlotClosed, NINE + timedelta(hours=9)),
        (SlotClosed, TEN + timedelta(minutes=5)),
    ],
)
def test_a_time_the_office_does_not_allow_is_refused(appointment, refusal, starts_at):
    before = Appointment.objects.values().get()

    with pytest.raises(refusal):
        move(appointment, starts_at)

    assert Appointment.objects.values().get() == before
    assert len(history(appointment)) == 1
    assert broken() == {}


def test_a_taken_time_is_refused_and_the_old_one_kept(appointment):
    AppointmentFactory(offered=appointment.office.offered.get(), starts_at=TEN)

    with pytest.raises(SlotTaken):
        move(appointment)

    assert Appointment.objects.get(pk=appointment.pk).starts_at == NINE
    assert broken() == {}


def test_a_foreign_host_is_refused(appointment):
    with pytest.raises(HostRefused):
        move(appointment, host=OpenHostFactory())


def test_until_the_cut_off_a_citizen_moves_it(appointment, clock):
    change_office(appointment, cancellation_cutoff=timedelta(hours=12))
    clock.move_to(NINE - timedelta(hours=12))

    moved = move(appointment, TEN + DAY)

    clock.move_to(moved.starts_at - timedelta(hours=12) + timedelta(microseconds=1))
    with pytest.raises(TooLateToMove):
        move(moved, TEN + 2 * DAY)


def test_after_the_cut_off_staff_move_it(appointment, clock):
    change_office(appointment, cancellation_cutoff=2 * DAY)

    moved = move(appointment, by=member(appointment.office, Role.RECEPTION))

    assert moved.starts_at == TEN


def test_what_the_office_no_longer_offers_is_moved_by_nobody(appointment):
    appointment.office.offered.all().delete()

    for by in ("the citizen", None):
        with pytest.raises(NotOffered):
            move(appointment, by=by)


def test_what_is_no_longer_public_is_moved_by_staff_alone(appointment):
    change_offer(appointment, is_public=False)

    with pytest.raises(NotOffered):
        move(appointment)

    assert move(appointment, by=None).starts_at == TEN


def test_a_citizens_move_waits_for_approval_again(appointment):
    change_office(appointment, approval_required=True)

    with listening() as heard:
        moved = move(appointment)

    assert moved.status == Appointment.objects.get().status == Status.PENDING
    assert heard == [(EventKind.RESCHEDULED, Status.PENDING)]
    assert operations.approve(moved, by=None).status == Status.CONFIRMED


@pytest.mark.parametrize("status", [Status.PENDING, Status.CONFIRMED])
def test_staffs_move_leaves_approval_as_it_is(appointment, status):
    change_office(appointment, approval_required=True)
    Appointment.objects.update(status=status)

    moved = move(appointment, by=member(appointment.office, Role.SECRETARY))

    assert moved.status == status


def test_a_manager_moves_beyond_the_rules_and_says_why(appointment):
    manager = member(appointment.office, Role.MANAGER)
    evening = NINE + timedelta(hours=9)

    moved = move(appointment, evening, by=manager, override="An emergency")

    assert moved.starts_at == evening
    assert last_line(moved) == (EventKind.RESCHEDULED, "staff", manager.pk, "")
    assert moved.events.last().override == "An emergency"
    assert broken() == {}


def test_nobody_moves_over_another_appointment(appointment):
    AppointmentFactory(offered=appointment.office.offered.get(), starts_at=TEN)

    with pytest.raises(SlotTaken):
        move(appointment, by=None, override="An emergency")


@pytest.mark.parametrize("operation", [operations.reschedule, operations.postpone])
@pytest.mark.parametrize("role", [Role.SECRETARY, Role.RECEPTION])
def test_others_do_not_move_beyond_the_rules(appointment, operation, role):
    by = member(appointment.office, role)

    with pytest.raises(PermissionDenied):
        operation(appointment, TEN, by=by, override="An emergency")


def test_an_old_copy_moves_from_where_it_is_now(appointment, clock):
    old = Appointment.objects.get()
    move(appointment, TEN)
    clock.shift(timedelta(minutes=1))

    moved = move(old, NINE + DAY)

    assert moved.events.last().previous_start == TEN
    assert moved.sequence == 2
    assert broken() == {}


def test_a_move_back_to_where_an_old_copy_is_does_happen(appointment, clock):
    old = Appointment.objects.get()
    move(appointment, TEN)
    clock.shift(timedelta(minutes=1))

    assert move(old, NINE).starts_at == NINE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change",
    [
        operations.cancel,
        operations.mark_no_show,
        operations.undo,
        partial(operations.deny, reason="No"),
        lambda appointment, by: move(appointment, by=by),
        lambda appointment, by: operations.postpone(appointment, TEN, by=by),
    ],
)
def test_what_moved_while_one_waited_for_its_day_has_changed(change):
    appointment = AppointmentFactory()
    with transaction.atomic():
        operations.reschedule(appointment, NINE + DAY, by=None)

        waiting = start_and_wait(partial(change, appointment, by=None))

    assert waiting.result() == "changed"
    assert broken() == {}


# Postpone. ---------------------------------------------------------------------------


def test_the_office_postpones_an_appointment_and_says_why(appointment):
    colleague = member(appointment.office, Role.RECEPTION)
    change_office(appointment, cancellation_cutoff=2 * DAY, approval_required=True)

    with listening() as heard:
        moved = operations.postpone(appointment, TEN, by=colleague, reason="Ill")

    assert (moved.starts_at, moved.sequence, moved.status) == (TEN, 1, "confirmed")
    assert last_line(moved) == (EventKind.POSTPONED, "staff", colleague.pk, "Ill")
    assert moved.events.last().previous_start == NINE
    assert heard == [(EventKind.POSTPONED, Status.CONFIRMED)]
    assert broken() == {}


def test_a_citizen_postpones_nothing(appointment):
    with pytest.raises(PermissionDenied):
        operations.postpone(appointment, TEN, by=appointment.citizen)


def test_why_the_office_moves_it_and_why_beyond_the_rules_are_told_apart(appointment):
    evening = NINE + timedelta(hours=9)

    moved = operations.postpone(
        appointment, evening, by=None, reason="Ill", override="The mayor asks for it"
    )

    assert last_line(moved) == (EventKind.POSTPONED, "system", None, "Ill")
    assert moved.events.last().override == "The mayor asks for it"


def test_a_taken_time_is_not_postponed_to(appointment):
    AppointmentFactory(offered=appointment.office.offered.get(), starts_at=TEN)

    with pytest.raises(SlotTaken):
        operations.postpone(appointment, TEN, by=None)


# Reassign. ---------------------------------------------------------------------------


def test_another_host_takes_it_at_the_same_time(appointment):
    colleague = member(appointment.office, Role.RECEPTION)
    person = UserFactory()
    before = appointment.host
    other = OpenHostFactory(office=appointment.office, user=person)

    with listening() as heard:
        given = operations.reassign(appointment, other, by=colleague, reason="Ill")

    assert (given.host, given.person, given.starts_at) == (other, person, NINE)
    assert given.sequence == 0
    assert last_line(given) == (EventKind.REASSIGNED, "staff", colleague.pk, "Ill")
    assert heard == [(EventKind.REASSIGNED, Status.CONFIRMED)]
    assert [claimed(before), claimed(other)] == [0, quarters.span(36, 1)]


def busy(appointment):
    host = OpenHostFactory(office=appointment.office)
    offered = appointment.office.offered.get()
    return AppointmentFactory(offered=offered, host=host, starts_at=NINE).host


@pytest.mark.parametrize(
    ("refusal", "make_host"),
    [
        (SameTime, lambda appointment: appointment.host),
        (SlotTaken, busy),
        (SlotClosed, lambda appointment: HostFactory(office=appointment.office)),
        (HostRefused, lambda appointment: OpenHostFactory()),
        (
            HostRefused,
            lambda appointment: OpenHostFactory(
                office=appointment.office, is_active=False
            ),
        ),
    ],
)
def test_a_host_who_cannot_take_it_is_refused(appointment, refusal, make_host):
    host = make_host(appointment)

    with pytest.raises(refusal):
        operations.reassign(appointment, host, by=None)

    assert Appointment.objects.get(pk=appointment.pk).host == appointment.host
    assert broken() == {}


def test_a_citizen_reassigns_nothing(appointment):
    other = OpenHostFactory(office=appointment.office)

    with pytest.raises(PermissionDenied):
        operations.reassign(appointment, other, by=appointment.citizen)


def test_an_old_copy_is_reassigned_where_it_is_now(appointment):
    old = Appointment.objects.get()
    other = OpenHostFactory(office=appointment.office)
    move(appointment, TEN + DAY, host=appointment.host)

    given = operations.reassign(old, other, by=None)

    assert (given.host, given.starts_at) == (other, TEN + DAY)
    assert broken() == {}


def test_a_person_busy_at_another_office_is_taken(db):
    person = UserFactory()
    elsewhere = OfficeServiceFactory()
    HostFactory(office=elsewhere.office, user=person)
    AppointmentFactory(
        offered=elsewhere, starts_at=NINE, override="An emergency", by=None
    )
    appointment = AppointmentFactory(starts_at=NINE)
    here = OpenHostFactory(office=appointment.office, user=person)

    with pytest.raises(SlotTaken):
        operations.reassign(appointment, here, by=None)

    assert broken() == {}
