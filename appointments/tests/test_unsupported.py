"""Appointments whose hours have gone: they stay, and staff are told."""

from datetime import UTC, datetime, time, timedelta
from importlib import import_module

import pytest
import time_machine
from django.db import connection

from appointments import operations
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory
from availability import operations as availability
from availability.models import AvailabilityException, HostDay
from availability.tests.factories import OpenHostFactory
from offices.models import OfficeStatus

NOW = datetime(2030, 3, 4, 7, tzinfo=UTC)
NINE = datetime(2030, 3, 5, 8, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def appointment(clock):
    """Half an hour tomorrow at nine, with a counter open from 8:00 to 16:00."""
    appointment = AppointmentFactory(offered__own_duration=timedelta(minutes=30))
    clock.shift(timedelta(minutes=1))
    return appointment


def unsupported():
    return list(Appointment.objects.unsupported())


def lose_hours(appointment, start=None, end=None):
    away = AvailabilityException(
        kind="away",
        day=appointment.day,
        start_time=start or time(),
        end_time=end or time(),
    )
    availability.set_hours(appointment.host, save=[away], by=None)
    return away


def test_what_is_within_the_hours_is_supported(appointment):
    assert unsupported() == []


def test_an_appointment_that_loses_its_hours_stays_and_is_listed(appointment):
    before = Appointment.objects.values().get()

    lose_hours(appointment)

    assert Appointment.objects.values().get() == before
    assert unsupported() == [appointment]
    assert broken() == {}


@pytest.mark.parametrize(
    ("start", "end", "lost"),
    [
        (time(8), time(9), False),
        (time(8), time(9, 15), True),
        (time(9, 15), time(9, 30), True),
        (time(9, 30), time(16), False),
    ],
)
def test_a_part_of_it_is_enough(appointment, start, end, lost):
    lose_hours(appointment, start, end)

    assert unsupported() == ([appointment] if lost else [])


def deactivate(appointment):
    appointment.host.is_active = False
    availability.save_host(appointment.host, by=None)


def close(appointment):
    availability.close(
        appointment.office, starts_at=NINE, ends_at=NINE + timedelta(hours=1), by=None
    )


def close_for_good(appointment):
    appointment.office.status = OfficeStatus.CLOSED
    availability.save_office(appointment.office, by=None)


def forget_the_day(appointment):
    HostDay.objects.all().delete()


@pytest.mark.parametrize("lose", [deactivate, close, forget_the_day, close_for_good])
def test_however_the_hours_are_lost(appointment, lose):
    lose(appointment)

    assert unsupported() == [appointment]


def test_hours_that_come_back_support_it_again(appointment):
    away = lose_hours(appointment)

    availability.set_hours(appointment.host, delete=[away], by=None)

    assert unsupported() == []


EVENING = NINE + timedelta(hours=9)


def book_in_the_evening(appointment):
    offered = appointment.office.offered.get()
    return AppointmentFactory(
        offered=offered, starts_at=EVENING, override="An emergency"
    )


def suspend(appointment):
    appointment.office.status = OfficeStatus.SUSPENDED
    availability.save_office(appointment.office, by=None)


def close_the_evening(appointment, host=None):
    ends_at = EVENING + timedelta(hours=1)
    return availability.close(
        appointment.office, starts_at=EVENING, ends_at=ends_at, host=host, by=None
    )


def close_the_evening_of_its_host(appointment):
    close_the_evening(appointment, host=appointment.host)


def test_what_was_put_outside_the_hours_on_purpose_is_not_listed(appointment):
    evening = book_in_the_evening(appointment)

    assert unsupported() == []
    assert (evening.outside_hours, evening.despite_closure) == (True, False)


@pytest.mark.parametrize(
    "lose",
    [close_for_good, close_the_evening, close_the_evening_of_its_host, deactivate],
)
def test_it_is_listed_when_something_new_is_in_its_way(appointment, lose):
    evening = book_in_the_evening(appointment)

    lose(evening)

    assert evening in unsupported()


def test_neither_the_morning_nor_another_host_is_in_its_way(appointment):
    book_in_the_evening(appointment)
    other = OpenHostFactory(office=appointment.office)

    close_the_evening(appointment, host=other)
    close(appointment)

    assert unsupported() == [appointment]


def test_a_closure_that_was_known_is_not_in_its_way(appointment):
    close_the_evening(appointment)
    evening = book_in_the_evening(appointment)
    before = unsupported()

    close_for_good(appointment)

    assert (evening.outside_hours, evening.despite_closure) == (True, True)
    assert (before, unsupported()) == ([], [appointment, evening])


def test_moved_into_the_hours_it_is_like_any_other(appointment, clock):
    evening = book_in_the_evening(appointment)
    clock.shift(timedelta(minutes=1))
    ten = NINE + timedelta(hours=1)

    moved = operations.postpone(evening, ten, by=None, override="An emergency")
    lose_hours(moved, time(10), time(11))

    moved.refresh_from_db()
    assert (moved.outside_hours, moved.despite_closure) == (False, False)
    assert unsupported() == [moved]


def test_moved_out_of_the_hours_on_purpose_it_is_not_listed(appointment):
    moved = operations.postpone(appointment, EVENING, by=None, override="An emergency")

    moved.refresh_from_db()
    assert moved.outside_hours
    assert unsupported() == []


def test_an_office_that_is_suspended_keeps_its_hours(appointment):
    suspend(appointment)

    assert unsupported() == []


def test_an_office_that_opens_again_has_its_hours_again(appointment):
    close_for_good(appointment)
    before = unsupported()
    appointment.office.status = OfficeStatus.OPEN

    availability.save_office(appointment.office, by=None)

    assert (before, unsupported()) == ([appointment], [])
    assert broken() == {}


def test_the_upgrade_marks_what_was_put_outside_the_hours(appointment):
    evening = book_in_the_evening(appointment)
    lose_hours(appointment)
    Appointment.objects.update(outside_hours=False)
    before = unsupported()

    with connection.cursor() as cursor:
        cursor.execute(import_module("appointments.migrations.0010_outside_hours").MARK)

    assert (before, unsupported()) == ([appointment, evening], [appointment])


def test_the_upgrade_takes_the_hours_of_closed_offices(appointment):
    type(appointment.office).objects.update(status=OfficeStatus.CLOSED)
    before = unsupported()

    with connection.cursor() as cursor:
        cursor.execute(
            import_module("appointments.migrations.0010_outside_hours").CLOSE
        )

    assert (before, unsupported()) == ([], [appointment])


@pytest.mark.parametrize("status", Status)
def test_only_what_can_still_be_moved_is_listed(appointment, status):
    lose_hours(appointment)
    Appointment.objects.update(status=status)

    assert unsupported() == (
        [appointment] if status in (Status.PENDING, Status.CONFIRMED) else []
    )


def test_only_what_is_to_come_is_listed(appointment, clock):
    lose_hours(appointment)
    clock.move_to(NINE - timedelta(seconds=1))
    before = unsupported()
    clock.move_to(NINE)

    assert (before, unsupported()) == ([appointment], [])


def test_another_host_or_another_time_helps(appointment, clock):
    other = OpenHostFactory(office=appointment.office)
    later = AppointmentFactory(
        offered=appointment.office.offered.get(),
        host=appointment.host,
        starts_at=NINE + timedelta(hours=1),
    )
    lose_hours(appointment)
    assert unsupported() == [appointment, later]
    clock.shift(timedelta(minutes=1))

    operations.reassign(appointment, other, by=None)
    operations.postpone(later, NINE + timedelta(days=1), by=None)

    assert unsupported() == []
    assert broken() == {}


def test_it_can_be_cancelled_and_its_time_is_not_offered(appointment):
    lose_hours(appointment)

    operations.cancel(appointment, by=appointment.citizen)

    day = HostDay.objects.get(host=appointment.host, day=appointment.day)
    assert (day.claimed, day.free) == (0, 0)


def test_the_list_is_one_query(appointment, django_assert_num_queries):
    lose_hours(appointment)

    with django_assert_num_queries(1):
        assert unsupported() == [appointment]
