"""How an office fares, in figures, and by API."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from appointments import operations, statistics
from appointments.models import Appointment
from appointments.tests.factories import AppointmentFactory, local
from availability.tests.factories import OpenHostFactory
from offices.tests.callers import API, caller, errors
from offices.tests.factories import OfficeServiceFactory

pytestmark = pytest.mark.django_db

MONDAY = date(2027, 1, 11)


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(datetime(2027, 1, 11, 5, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def offered():
    offered = OfficeServiceFactory(office__subdivision="BY")
    OpenHostFactory(office=offered.office, hours=(time(8), time(10)))
    return offered


def on(offered, day, clock, status="confirmed"):
    """An appointment, as it has become."""
    made = AppointmentFactory(
        offered=offered, starts_at=local(offered.office, day, clock)
    )
    if status == "cancelled":
        operations.cancel(made, by=None, reason="Ill")
    Appointment.objects.filter(pk=made.pk).update(status=status)


@pytest.fixture
def week(offered):
    on(offered, MONDAY, time(8), "completed")
    on(offered, MONDAY, time(8, 15), "no_show")
    on(offered, MONDAY + timedelta(days=1), time(9), "cancelled")
    on(offered, MONDAY + timedelta(days=1), time(9, 15), "denied")
    on(offered, MONDAY + timedelta(days=7), time(9))
    on(OfficeServiceFactory(), MONDAY, time(8), "completed")


def test_by_day(offered, week):
    figures = statistics.by_period(offered.office, MONDAY, MONDAY + timedelta(days=2))

    assert figures == [
        (MONDAY, 2, 1, 1, 0, 0.25, 0.09),
        (MONDAY + timedelta(days=1), 1, 0, 0, 1, 0.125, 1.13),
        (MONDAY + timedelta(days=2), 0, 0, 0, 0, 0.0, None),
    ]


def test_by_week_and_month(offered, week):
    last = MONDAY + timedelta(days=21)

    weeks = statistics.by_period(
        offered.office, MONDAY, last, period=statistics.Period.WEEK
    )
    months = statistics.by_period(
        offered.office, MONDAY, last, period=statistics.Period.MONTH
    )

    assert [(each.starts_on.day, each.booked) for each in weeks] == [
        (11, 3),
        (18, 1),
        (25, 0),
        (1, 0),
    ]
    assert [(each.starts_on, each.booked) for each in months] == [
        (date(2027, 1, 1), 4),
        (date(2027, 2, 1), 0),
    ]


def test_an_office_with_no_hours_has_no_utilisation():
    office = OfficeServiceFactory().office

    (figures,) = statistics.by_period(office, MONDAY, MONDAY)

    assert figures.utilisation is None


def test_how_long_people_wait(offered):
    office = offered.office
    long = OfficeServiceFactory(office=office, own_duration=timedelta(hours=2))
    never = OfficeServiceFactory(office=office, own_duration=timedelta(hours=3))
    OfficeServiceFactory(office=office, is_public=False)
    on(offered, MONDAY, time(8))

    assert statistics.days_to_next_free(office) == {
        offered.service_id: 0,
        long.service_id: 1,
        never.service_id: None,
    }


# --- by API ---


def ask(offered, who="manager", **query):
    url = f"{API}/offices/{offered.office_id}/statistics"
    return caller(who, offered.office).get(url, query)


def test_they_are_told_by_period(offered, week):
    response = ask(
        offered, **{"from": "2027-01-11", "to": "2027-01-18", "period": "week"}
    )

    assert response.json() == {
        "office": offered.office_id,
        "period": "week",
        "periods": [
            {
                "starts_on": "2027-01-11",
                "booked": 3,
                "completed": 1,
                "no_show": 1,
                "cancelled": 1,
                "utilisation": 0.0536,
                "lead_time_days": 0.43,
            },
            {
                "starts_on": "2027-01-18",
                "booked": 1,
                "completed": 0,
                "no_show": 0,
                "cancelled": 0,
                "utilisation": 0.125,
                "lead_time_days": 7.13,
            },
        ],
        "days_to_next_free": [{"service": offered.service_id, "days": 0}],
    }


def test_a_month_until_today_is_what_is_meant(offered):
    periods = ask(offered).json()["periods"]

    assert (len(periods), periods[-1]["starts_on"]) == (31, "2027-01-11")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": "year"}, "period"),
        ({"from": "2027-01-12", "to": "2027-01-11"}, "to"),
        ({"from": "2020-01-12", "to": "2027-01-11"}, "from"),
        ({"to": "9999-12-31"}, "to"),
    ],
)
def test_what_makes_no_sense_is_named(query, field, offered):
    assert errors(ask(offered, **query)) == (400, [field])


@pytest.mark.parametrize("many", [1, 3])
def test_they_take_no_query_an_appointment(many, offered, django_assert_num_queries):
    for number in range(many):
        on(offered, MONDAY, time(8, 15 * number))

    with django_assert_num_queries(3):
        statistics.by_period(offered.office, MONDAY, MONDAY)
        statistics.days_to_next_free(offered.office)
