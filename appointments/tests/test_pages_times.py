"""Choosing a time, which holds it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from appointments import holder
from appointments.tests.pages import (
    NINE,
    NOW,
    WEDNESDAY,
    buttons,
    days_path,
    held,
    hold_nine,
    times_path,
    town_hall,
    utc,
    words,
)
from availability.models import AvailabilityRule, Hold
from availability.operations import set_hours
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import HostFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db

EIGHT_UTC = utc("2030-03-13T08:00")


@pytest.fixture(autouse=True)
def _morning():
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_times_of_a_day_stand_by_morning_and_afternoon(client):
    offered = OfficeServiceFactory()
    OpenHostFactory(office=offered.office, hours=("11:30", "12:15"))
    OpenHostFactory(office=offered.office, hours=("16:45", "17:15"))

    response = client.get(times_path(offered))

    assert "Wednesday 13 March 2030" in words(response)
    assert (
        "Morning 2 times 11:30 11:45 Afternoon 2 times 12:00 16:45 Evening 1 time 17:00"
    ) in words(response)
    assert buttons(response)[0] == "2030-03-13T11:30+01:00"


def test_an_hour_that_the_clock_shows_twice_is_told_apart(client):
    offered = OfficeServiceFactory(office__booking_horizon_days=400)
    host = HostFactory(office=offered.office)
    night = AvailabilityRule(weekdays=[7], start_time="01:30", end_time="03:30")
    set_hours(host, save=[night], by=None)

    autumn = client.get(times_path(offered, "2030-10-27"))
    spring = client.get(times_path(offered, "2030-03-31"))

    assert (
        "12 times 01:30 01:45 02:00 CEST 02:15 CEST 02:30 CEST 02:45 CEST "
        "02:00 CET 02:15 CET 02:30 CET 02:45 CET 03:00 03:15"
    ) in words(autumn)
    assert buttons(autumn)[2] == "2030-10-27T02:00+02:00"
    assert buttons(autumn)[6] == "2030-10-27T02:00+01:00"
    assert "4 times 01:30 01:45 03:00 03:15" in words(spring)


def test_choosing_holds_the_time_and_goes_on(client):
    offered = town_hall(hosts=2, service__max_quantity=3)
    host = offered.office.hosts.first()

    response = client.post(
        times_path(offered, quantity=2, host=host.pk), {"starts_at": NINE}
    )

    hold = Hold.objects.get()
    assert response.status_code == 303
    assert response.url == (
        f"/book/town-hall/passport/details/?at=2030-03-13T09%3A00%2B01%3A00"
        f"&hold={hold.pk}&quantity=2&host={host.pk}"
    )
    assert (hold.host, hold.starts_at, hold.quantity) == (host, EIGHT_UTC, 2)


def test_the_browser_is_known_by_a_signed_cookie_and_no_session(client):
    offered = town_hall()

    looked = client.get(times_path(offered))
    client.post(times_path(offered), {"starts_at": NINE})

    cookie = client.cookies["holder"]
    assert looked.cookies.keys() == {"csrftoken"}
    assert client.cookies.keys() == {"csrftoken", "holder"}
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie.value.startswith(Hold.objects.get().holder)
    assert len(Hold.objects.get().holder) == len("web::") + 16 + 32


def test_browsers_that_forget_their_cookie_hold_only_so_many_times(client, settings):
    settings.RATELIMIT_ENABLE, settings.HOLDS_PER_ADDRESS = True, 2
    offered = town_hall()
    path = times_path(offered)
    post = {"path": path, "REMOTE_ADDR": "192.0.2.1"}
    for minute in ("00", "15"):
        Client().post(data={"starts_at": f"2030-03-13T09:{minute}+01:00"}, **post)

    late = {"starts_at": "2030-03-13T09:30+01:00"}
    refused = Client().post(data=late, **post)
    elsewhere = Client().post(data=late, **post | {"REMOTE_ADDR": "192.0.2.2"})

    assert refused.status_code == 409
    assert elsewhere.status_code == 303
    assert "192.0.2" not in "".join(Hold.objects.values_list("holder", flat=True))


def test_a_browser_named_by_an_earlier_version_still_holds(client, settings):
    settings.RATELIMIT_ENABLE, settings.HOLDS_PER_ADDRESS = True, 1
    offered = town_hall()
    hold_nine(Client(), offered)
    named = HttpResponse()
    holder.remember(named, f"web:{32 * 'a'}")
    client.cookies.update(named.cookies)

    response = client.post(times_path(offered), {"starts_at": "2030-03-13T09:15+01:00"})

    assert response.status_code == 303


def test_the_cookie_travels_by_https_alone_where_pages_do(client, settings):
    settings.SESSION_COOKIE_SECURE = True

    hold_nine(client, town_hall())

    assert client.cookies["holder"]["secure"] is True


def test_a_forged_cookie_is_nobody(client):
    offered = town_hall()
    hold_nine(Client(), offered)
    client.cookies["holder"] = Hold.objects.get().holder + ":forged:forged"

    response = client.post(times_path(offered), {"starts_at": NINE})

    assert response.status_code == 409
    assert held() == [EIGHT_UTC]


def test_choosing_another_time_gives_the_first_one_back(client):
    offered = town_hall()
    hold_nine(client, offered)

    hold_nine(client, offered, "2030-03-14T10:00+01:00")

    assert held() == [utc("2030-03-14T09:00")]
    assert NINE in buttons(client.get(times_path(offered)))


def test_two_clicks_hold_once(client):
    offered = town_hall()

    hold_nine(client, offered)
    hold_nine(client, offered)

    assert held() == [EIGHT_UTC]


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_both_go_on(client):
    offered = town_hall()
    hold_nine(client, offered, "2030-03-13T10:00+01:00")
    cookie = client.cookies["holder"].value

    statuses = at_once(
        offered, [Client(headers={"cookie": f"holder={cookie}"}) for _ in range(2)]
    )

    assert statuses == [303, 303]
    assert held() == [EIGHT_UTC]


@pytest.mark.django_db(transaction=True)
def test_of_two_browsers_at_the_same_moment_one_wins():
    offered = town_hall()

    statuses = at_once(offered, [Client(), Client()])

    assert sorted(statuses) == [303, 409]
    assert held() == [EIGHT_UTC]


def at_once(offered, clients):
    """Have all choose nine o'clock together; the statuses they get."""
    start = threading.Barrier(len(clients))

    def choose(browser):
        start.wait()
        try:
            return browser.post(times_path(offered), {"starts_at": NINE}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(choose, clients))


def test_who_loses_the_race_is_told_and_shown_the_nearest_times(client):
    offered = town_hall()
    client.get(times_path(offered))
    hold_nine(Client(), offered)

    response = client.post(times_path(offered), {"starts_at": NINE})

    assert response.status_code == 409
    assert "<title>Error:" in response.text
    assert "That time has just been taken. Please choose another." in words(response)
    assert buttons(response)[:6] == [
        f"2030-03-13T{clock}+01:00"
        for clock in ("08:15", "08:30", "08:45", "09:15", "09:30", "09:45")
    ]
    assert "The nearest free times 6 times 08:15 Tomorrow" in words(response)
    assert NINE not in buttons(response)


def test_a_day_without_free_times_shows_the_nearest_of_others(client):
    offered = OfficeServiceFactory()
    host = HostFactory(office=offered.office)
    hours = AvailabilityRule(weekdays=[2, 4], start_time="10:00", end_time="10:45")
    set_hours(host, save=[hours], by=None)

    response = client.get(times_path(offered))

    assert response.status_code == 200
    assert "Nothing is free on this day." in words(response)
    assert buttons(response) == [
        f"2030-03-{day}T{clock}+01:00"
        for day in (12, 14)
        for clock in ("10:00", "10:15", "10:30")
    ]


TOO_MANY = "That is more than one visit can take. Please book fewer."
FOREIGN = "This host does not serve this service at this office."
DAMAGED = "This link is damaged. Please choose a day and a time again."
CLOSED = "That time is outside the opening hours. Please choose another."
OVER = "That time is over or too soon from now. Please choose a later one."
TOO_FAR = "That day cannot be booked yet. Please choose an earlier one."
NO_SUCH_DAY = "There is no such day. Please choose another."
DAY_OVER = "That day is over, or too soon to book."


@pytest.mark.parametrize(
    ("starts_at", "status", "message"),
    [
        ("", 422, DAMAGED),
        ("nine", 422, DAMAGED),
        ("2030-03-13", 422, DAMAGED),
        ("2030-03-13T09:00", 422, DAMAGED),
        ("9999-12-31T23:45-12:00", 422, DAMAGED),
        ("0001-01-01T00:00+12:00", 422, DAMAGED),
        ("2030-03-13T09:05+01:00", 409, CLOSED),
        ("2030-03-13T09:00:00.5+01:00", 409, CLOSED),
        ("2030-03-13T07:45+01:00", 409, CLOSED),
        ("2030-03-13T16:00+01:00", 409, CLOSED),
        ("2030-03-12T07:00+01:00", 409, OVER),
        ("2030-03-12T08:45+01:00", 409, OVER),
        ("2020-03-12T09:00+01:00", 409, OVER),
        ("2030-06-13T09:00+01:00", 409, TOO_FAR),
        ("2199-06-13T09:00+01:00", 409, TOO_FAR),
    ],
)
def test_a_time_that_cannot_be_is_refused(client, starts_at, status, message):
    response = client.post(times_path(town_hall()), {"starts_at": starts_at})

    assert response.status_code == status
    assert message in words(response)
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    ("day", "status", "message"),
    [
        ("nonsense", 404, NO_SUCH_DAY),
        ("2030-02-30", 404, NO_SUCH_DAY),
        ("0000-01-01", 404, NO_SUCH_DAY),
        ("2030-03-11", 409, DAY_OVER),
        ("0001-01-01", 409, DAY_OVER),
        ("2030-05-12", 409, TOO_FAR),
        ("9999-12-31", 409, TOO_FAR),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_day_that_cannot_be_is_refused(client, method, day, status, message):
    offered = town_hall()

    response = getattr(client, method)(times_path(offered, day), {"starts_at": NINE})

    assert response.status_code == status
    assert message in words(response)
    assert f'href="{days_path(offered)}"' in response.text
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"quantity": 2}, TOO_MANY),
        ({"quantity": "x"}, TOO_MANY),
        ({"host": 0}, FOREIGN),
        ({"host": "x"}, FOREIGN),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_choice_that_cannot_be_is_refused(client, method, query, message):
    address = times_path(town_hall(), **query)

    response = getattr(client, method)(address, {**query, "starts_at": NINE})

    assert response.status_code == 422
    assert message in words(response)
    assert not Hold.objects.exists()


def test_a_visit_that_no_run_of_time_can_hold_is_refused(client):
    offered = town_hall(service__duration=timedelta(hours=5))

    response = client.post(times_path(offered), {"starts_at": "2030-03-13T14:00+01:00"})

    assert response.status_code == 409
    assert CLOSED in words(response)


def test_a_suspended_office_holds_nothing(client):
    offered = town_hall(office__status="suspended")

    response = client.post(times_path(offered), {"starts_at": NINE})

    assert response.status_code == 409
    assert "This office takes no appointments at present." in words(response)
    assert not Hold.objects.exists()


def test_a_form_from_elsewhere_holds_nothing():
    browser = Client(enforce_csrf_checks=True)

    response = browser.post(times_path(town_hall()), {"starts_at": NINE})

    assert response.status_code == 403
    assert not Hold.objects.exists()


def test_looking_changes_nothing(client):
    offered = town_hall()
    days_before = list(offered.office.hosts.get().days.values("claimed"))

    client.get(times_path(offered))

    assert list(offered.office.hosts.get().days.values("claimed")) == days_before
    assert not Hold.objects.exists()


def test_who_chooses_too_often_has_to_wait(client, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMIT = "2/60s"
    cache.clear()
    offered = town_hall()

    statuses = [
        client.post(times_path(offered), {"starts_at": NINE}).status_code
        for _ in range(3)
    ]

    assert statuses == [303, 303, 429]
    assert client.get(times_path(offered)).status_code == 200


@pytest.mark.parametrize("hosts", [1, 3])
def test_a_day_takes_three_queries(client, hosts, django_assert_num_queries):
    offered = town_hall(hosts)

    # What is offered, its hosts, the free times.
    with django_assert_num_queries(3):
        response = client.get(times_path(offered, WEDNESDAY))

    assert len(buttons(response)) == 32
