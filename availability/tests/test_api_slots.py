"""The public feed of free times, and where the next one is."""

from datetime import date, time, timedelta

import pytest
import time_machine
from rest_framework.test import APIClient

from appointments.tests.factories import AppointmentFactory, local
from availability.tests.factories import OpenHostFactory
from offices.models import OfficeStatus
from offices.tests.callers import API, errors, told
from offices.tests.factories import OfficeFactory, OfficeServiceFactory, ServiceFactory

pytestmark = pytest.mark.django_db

MONDAY = date(2027, 1, 11)


@pytest.fixture(autouse=True)
def sunday():
    with time_machine.travel("2027-01-10T12:00:00Z", tick=False):
        yield


@pytest.fixture
def offered():
    """Half an hour, at an office with two counters."""
    offered = OfficeServiceFactory(own_duration=timedelta(minutes=30))
    OpenHostFactory(office=offered.office, hours=(time(8), time(9)))
    OpenHostFactory(office=offered.office, hours=(time(8, 30), time(9, 15)))
    return offered


@pytest.fixture
def hosts(offered):
    return list(offered.office.hosts.order_by("pk").values_list("pk", flat=True))


def feed(offered, **query):
    query = {"service": offered.service_id, "from": MONDAY, "to": MONDAY, **query}
    headers = query.pop("headers", {})
    url = f"{API}/availability/hosts/{offered.office_id}/slots"
    return APIClient().get(url, query, headers=headers)


def starts(response):
    return [slot["starts_at"][11:16] for slot in response.json()["slots"]]


def test_it_has_the_times_that_citizens_may_book(offered, hosts):
    first, second = hosts

    response = feed(offered)

    assert response.json() == {
        "office": offered.office_id,
        "service": offered.service_id,
        "time_zone": "Europe/Berlin",
        "slots": [
            {
                "starts_at": f"2027-01-11T{begins}:00+01:00",
                "ends_at": f"2027-01-11T{ends}:00+01:00",
                "free": len(free),
                "hosts": free,
            }
            for begins, ends, free in (
                ("08:00", "08:30", [first]),
                ("08:15", "08:45", [first]),
                ("08:30", "09:00", [first, second]),
                ("08:45", "09:15", [second]),
            )
        ],
    }


def test_what_is_booked_is_gone(offered, hosts):
    AppointmentFactory(
        offered=offered,
        starts_at=local(offered.office, MONDAY, time(8, 30)),
        host=offered.office.hosts.get(pk=hosts[0]),
    )

    assert starts(feed(offered)) == ["08:00", "08:30", "08:45"]


def test_it_can_be_of_one_host_and_of_many_at_once(offered, hosts):
    offered.own_max_quantity = 2
    offered.save()

    assert starts(feed(offered, host=hosts[1])) == ["08:30", "08:45"]
    assert starts(feed(offered, host=hosts[0], quantity=2)) == ["08:00"]
    assert starts(feed(offered, host=OpenHostFactory().pk)) == []
    assert told(feed(offered, quantity=3)) == (409, "quantity_refused")


def test_lead_time_and_horizon_hold(offered):
    offered.office.lead_time = timedelta(hours=19, minutes=45)  # from 13:00
    offered.office.booking_horizon_days = 2
    offered.office.save()

    response = feed(offered, **{"from": "2027-01-10", "to": "2027-01-20"})

    days = [slot["starts_at"][:10] for slot in response.json()["slots"]]
    assert days == ["2027-01-11"] + ["2027-01-12"] * 4


def test_a_week_from_today_is_what_is_meant(offered):
    days = {
        slot["starts_at"][:10]
        for slot in feed(offered, **{"from": "", "to": ""}).json()["slots"]
    }

    assert days == {f"2027-01-{day}" for day in range(11, 18)}


def test_offsets_follow_the_clocks():
    with time_machine.travel("2027-03-26T12:00:00Z", tick=False):
        offered = OfficeServiceFactory()
        OpenHostFactory(office=offered.office, hours=(time(1, 45), time(3, 15)))

        response = feed(offered, **{"from": "2027-03-28", "to": "2027-03-28"})

    assert [slot["starts_at"][10:] for slot in response.json()["slots"]] == [
        "T01:45:00+01:00",
        "T03:00:00+02:00",
    ]
    assert response.json()["slots"][0]["ends_at"] == "2027-03-28T03:00:00+02:00"


def test_it_may_be_kept_and_is_asked_for_anew_cheaply(
    offered, django_assert_num_queries
):
    first = feed(offered)
    with django_assert_num_queries(1):
        again = feed(offered, headers={"If-None-Match": first["ETag"]})
    AppointmentFactory(
        offered=offered, starts_at=local(offered.office, MONDAY, time(8))
    )
    changed = feed(offered, headers={"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == "public, no-cache"
    assert "Cookie" not in first.get("Vary", "")
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == "public, no-cache"
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


@pytest.mark.parametrize("many", [1, 20])
def test_it_takes_three_queries(many, offered, django_assert_num_queries):
    OpenHostFactory.create_batch(many, office=offered.office)

    with django_assert_num_queries(3):
        feed(offered, to=MONDAY + timedelta(days=61))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"service": ""}, "service"),
        ({"service": 2**63}, "service"),
        ({"from": "tomorrow"}, "from"),
        ({"from": "9999-12-31"}, "from"),
        ({"to": "2027-01-10"}, "to"),
        ({"from": "2027-01-12", "to": "2027-01-11"}, "to"),
        ({"to": "2027-03-14"}, "to"),
        ({"quantity": 0}, "quantity"),
        ({"host": "x"}, "host"),
    ],
)
def test_what_makes_no_sense_is_named(query, field, offered):
    response = feed(offered, **query)

    assert errors(response) == (400, [field])
    assert response["Cache-Control"] == "no-store"


def test_what_the_public_cannot_know_does_not_exist(offered):
    hidden = OfficeServiceFactory(is_public=False)
    closed = OfficeServiceFactory(office=OfficeFactory(status=OfficeStatus.CLOSED))
    elsewhere = OfficeServiceFactory()
    elsewhere.office_id = offered.office_id

    statuses = [feed(each).status_code for each in (hidden, closed, elsewhere)]

    assert statuses == [404, 404, 404]


def test_an_office_that_takes_nobody_has_nothing_free(offered):
    offered.office.status = OfficeStatus.SUSPENDED
    offered.office.save()

    assert starts(feed(offered)) == []


# --- next ---


def following(service, **query):
    return APIClient().get(f"{API}/availability/next", {"service": service.pk, **query})


def test_the_next_times_across_offices():
    service = ServiceFactory(duration=timedelta(minutes=20))
    late, soon, _full = (
        OfficeServiceFactory(office__name=name, service=service)
        for name in ("Late", "Soon", "Full")
    )
    OpenHostFactory(office=late.office, hours=(time(10), time(11)))
    OpenHostFactory(office=soon.office, hours=(time(9), time(10)))

    response = following(service)

    assert response.json() == [
        {
            "office": office.pk,
            "name": office.name,
            "time_zone": "Europe/Berlin",
            "starts_at": f"2027-01-11T{hour}:00:00+01:00",
            "ends_at": f"2027-01-11T{hour}:20:00+01:00",
        }
        for office, hour in ((soon.office, "09"), (late.office, "10"))
    ]
    assert response["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("many", [1, 3])
def test_next_takes_no_query_an_office(many, django_assert_num_queries):
    service = ServiceFactory()
    for _ in range(many):
        offered = OfficeServiceFactory(service=service)
        OpenHostFactory(office=offered.office)
        offered.office.street = f"Street {offered.pk}"
        offered.office.save()

    with django_assert_num_queries(3):
        following(service)


def test_next_of_what_cannot_be_had(offered):
    assert errors(following(ServiceFactory())) == (400, ["service"])
    assert following(offered.service, quantity=9).json() == []
    assert errors(APIClient().get(f"{API}/availability/next")) == (400, ["service"])
