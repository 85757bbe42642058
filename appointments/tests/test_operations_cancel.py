from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.exceptions import TooLateToCancel, TransitionRefused
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.states import EventKind, Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.history import history, last_line, listening
from availability.models import HostDay
from offices.roles import Role
from offices.tests.factories import MembershipFactory

NOW = datetime(2030, 3, 4, 7, tzinfo=UTC)
NINE = datetime(2030, 3, 5, 8, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def appointment(clock):
    appointment = AppointmentFactory()
    clock.shift(timedelta(minutes=1))
    return appointment


def cut_off(appointment, **length):
    appointment.office.cancellation_cutoff = timedelta(**length)
    appointment.office.save()


def test_a_citizen_cancels_and_the_time_is_free(appointment):
    before = Appointment.objects.values().get()

    with listening() as heard:
        cancelled = operations.cancel(
            appointment, by=appointment.citizen, reason="No need"
        )

    assert Appointment.objects.values().get() == {
        **before,
        "status": Status.CANCELLED,
        "sequence": 1,
        "updated_at": NOW + timedelta(minutes=1),
    }
    assert last_line(cancelled) == (EventKind.CANCELLED, "citizen", None, "No need")
    assert heard == [(EventKind.CANCELLED, Status.CANCELLED)]
    assert not HostDay.objects.exclude(claimed=0).exists()


def test_the_time_is_booked_again(appointment):
    operations.cancel(appointment, by=None)

    again = AppointmentFactory(offered=appointment.office.offered.get())

    assert again.starts_at == appointment.starts_at
    assert broken() == {}


def test_an_account_cancels_its_own():
    user = UserFactory()
    appointment = AppointmentFactory(citizen=CitizenFactory(user=user))

    cancelled = operations.cancel(appointment, by=user)

    assert last_line(cancelled) == (EventKind.CANCELLED, "citizen", user.pk, "")


@pytest.mark.parametrize("length", [{"hours": 0}, {"hours": 12}])
def test_until_the_cut_off_a_citizen_cancels(appointment, clock, length):
    cut_off(appointment, **length)
    last = NINE - timedelta(**length)

    clock.move_to(last + MOMENT)
    with pytest.raises(TooLateToCancel):
        operations.cancel(appointment, by=appointment.citizen)
    clock.move_to(last)
    cancelled = operations.cancel(appointment, by=appointment.citizen)

    assert cancelled.status == Status.CANCELLED


def test_after_the_cut_off_staff_cancel(appointment, clock):
    cut_off(appointment, days=2)
    colleague = MembershipFactory(office=appointment.office, role=Role.RECEPTION).user

    cancelled = operations.cancel(appointment, by=colleague, reason="Ill")

    assert last_line(cancelled) == (EventKind.CANCELLED, "staff", colleague.pk, "Ill")


def test_a_refusal_changes_nothing(appointment):
    cut_off(appointment, days=2)
    before = Appointment.objects.values().get()

    with pytest.raises(TooLateToCancel):
        operations.cancel(appointment, by=appointment.citizen)

    assert Appointment.objects.values().get() == before
    assert len(history(appointment)) == 1
    assert broken() == {}


def test_what_is_cancelled_is_not_cancelled_again(appointment):
    old = Appointment.objects.get()
    operations.cancel(appointment, by=appointment.citizen)
    AppointmentFactory(offered=appointment.office.offered.get())

    with pytest.raises(TransitionRefused, match="“Cancelled”"):
        operations.cancel(old, by=old.citizen)

    assert broken() == {}


def test_pages_can_ask_before(appointment, clock):
    operations.check_cancellable(appointment)
    operations.check_movable(appointment)

    clock.move_to(NINE + MOMENT)

    with pytest.raises(TooLateToCancel):
        operations.check_cancellable(appointment)
    operations.check_cancellable(appointment, staff=True)
