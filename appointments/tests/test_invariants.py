"""The check finds what is broken: each test breaks one thing by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory
from availability import operations as availability
from availability import quarters
from availability.models import Hold, HostDay

EIGHT = datetime(2030, 3, 5, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment():
    """Half an hour; the next quarter is held."""
    appointment = AppointmentFactory(offered__own_duration=timedelta(minutes=30))
    offered = appointment.office.offered.get()
    availability.hold(offered, appointment.busy_until, holder="me")
    return appointment


def day_of(appointment):
    return HostDay.objects.filter(host=appointment.host, day=appointment.day)


def drop(constraint):
    """Until the test is over."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            f"ALTER TABLE appointments_appointment DROP CONSTRAINT {constraint}"
        )


def as_listed(appointment, claimed, due):
    return [
        (
            appointment.host_id,
            appointment.day,
            quarters.to_bits(claimed),
            due and quarters.to_bits(due),
        )
    ]


def test_nothing_is_broken(appointment):
    operations.cancel(AppointmentFactory(), by=None)

    assert broken() == {}


def test_a_bit_too_many_is_found(appointment):
    claimed = day_of(appointment).get().claimed
    day_of(appointment).update(claimed=claimed | 1)

    assert broken() == {"misclaimed": as_listed(appointment, claimed | 1, claimed)}


def test_a_bit_too_few_is_found(appointment):
    claimed = day_of(appointment).get().claimed
    day_of(appointment).update(claimed=claimed & claimed - 1)

    assert broken() == {
        "misclaimed": as_listed(appointment, claimed & claimed - 1, claimed)
    }


def test_bits_that_nobody_claims_are_found(appointment):
    claimed = day_of(appointment).get().claimed
    Hold.objects.all().delete()
    Appointment.objects.update(status=Status.CANCELLED)

    assert broken() == {"misclaimed": as_listed(appointment, claimed, None)}


def test_a_missing_day_is_found(appointment):
    day_of(appointment).delete()

    [(host, day, claimed, _due)] = broken()["misclaimed"]
    assert (host, day, claimed) == (appointment.host_id, appointment.day, None)


def test_a_hold_over_an_appointment_is_found(appointment):
    Hold.objects.update(
        quarters=appointment.quarters,
        starts_at=appointment.starts_at,
        busy_until=appointment.busy_until,
    )
    day_of(appointment).update(claimed=appointment.quarters)

    assert set(broken()) == {"misclaimed"}


def test_two_appointments_at_one_time_are_found(appointment):
    drop("appointment_host_not_double_booked")
    other = AppointmentFactory(
        offered=appointment.office.offered.get(),
        starts_at=appointment.starts_at + timedelta(hours=1),
    )
    Appointment.objects.filter(pk=other.pk).update(
        starts_at=appointment.starts_at, quarters=appointment.quarters
    )

    found = broken()

    assert [set(pair) for pair in found["overlapping"]] == [
        {appointment.reference, other.reference}
    ]
    assert set(found) == {"overlapping", "misclaimed", "misplaced"}


def test_one_person_at_two_places_is_found(appointment):
    drop("appointment_person_not_double_booked")
    AppointmentFactory(starts_at=appointment.starts_at)
    assert broken() == {}

    Appointment.objects.update(person=UserFactory())

    assert set(broken()) == {"overlapping"}


@pytest.mark.parametrize("field", ["starts_at", "busy_until"])
def test_quarters_that_do_not_tell_the_time_are_found(appointment, field):
    later = getattr(appointment, field) + timedelta(minutes=1)
    Appointment.objects.update(**{field: later})
    Hold.objects.all().delete()
    day_of(appointment).update(claimed=appointment.quarters)

    assert broken() == {"misplaced": [appointment]}


@pytest.mark.parametrize(
    ("status", "times"),
    [
        (Status.CHECKED_IN, {"ticket": None}),
        (Status.CONFIRMED, {"checked_in_at": EIGHT}),
        (Status.IN_PROGRESS, {"started_at": EIGHT, "ticket": None}),
        (Status.IN_PROGRESS, {"started_at": EIGHT - MINUTE}),
        (Status.IN_PROGRESS, {"started_at": EIGHT, "completed_at": EIGHT}),
    ],
)
def test_times_that_do_not_tell_how_far_it_has_got_are_found(
    appointment, status, times
):
    at_desk = {"ticket": 1, "checked_in_at": EIGHT, "called_at": EIGHT, **times}
    Appointment.objects.update(called_to=appointment.host, status=status, **at_desk)

    assert broken() == {"untimely": [appointment]}
