"""Choosing a day."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction

from appointments.tests.factories import AppointmentFactory
from appointments.tests.pages import NOW, days, days_path, town_hall, utc, words
from appointments.views.when import BookDays
from availability import operations
from availability.models import AvailabilityRule, Hold
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import HostFactory, OfficeServiceFactory, ServiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_days_of_a_month_tell_how_many_times_are_free(client):
    offered = town_hall()

    response = client.get(days_path(offered))

    assert response.status_code == 200
    assert "March 2030" in words(response)
    assert "Wednesday 13 March 2030: 32 free times" in words(response)
    # Of today what begins within the lead time of an hour is gone.
    assert "Tuesday 12 March 2030, today: 28 free times" in words(response)
    assert days(response)[1] == "/book/town-hall/passport/2030-03-13/"


def test_a_booked_day_is_full_and_a_day_without_hours_is_closed(client):
    offered = OfficeServiceFactory()
    host = HostFactory(office=offered.office)
    wednesday = AvailabilityRule(weekdays=[3], start_time="09:00", end_time="09:15")
    operations.set_hours(host, save=[wednesday], by=None)
    AppointmentFactory(offered=offered, starts_at=utc("2030-03-13T08:00"))

    response = client.get(days_path(offered, month="2030-03"))

    assert "Wednesday 13 March 2030: fully booked" in words(response)
    assert "Wednesday 20 March 2030: 1 free time" in words(response)
    assert "Thursday 14 March 2030: closed" in words(response)


def test_days_before_the_first_that_can_be_booked_are_over(client):
    offered = town_hall()

    response = client.get(days_path(offered))

    assert "Monday 11 March 2030: over" in words(response)
    assert "10 March 2030" not in words(response)


def test_the_months_end_with_the_booking_horizon(client):
    offered = town_hall(office__booking_horizon_days=60)

    first = client.get(days_path(offered))
    last = client.get(days_path(offered, month="2030-05"))
    beyond = client.get(days_path(offered, month="2031-12"))
    before = client.get(days_path(offered, month="2029-12"))

    assert "?month=2030-04" in first.text
    assert "?month=2030-02" not in first.text
    assert "?month=2030-06" not in last.text
    assert "Sunday 12 May 2030: closed" in words(last)
    assert "Saturday 11 May 2030: 32 free times" in words(last)
    assert "May 2030" in words(beyond)
    assert "March 2030" in words(before)


@pytest.mark.parametrize("month", ["", "x", "2030-13", "0000-01", "99999-01"])
def test_a_month_that_cannot_be_read_is_the_first(client, month):
    response = client.get(days_path(town_hall(), month=month))

    assert response.status_code == 200
    assert "March 2030" in words(response)


def test_quantity_and_host_are_kept_in_every_link(client):
    offered = town_hall(hosts=2, service__max_quantity=3)
    host = offered.office.hosts.first()

    response = client.get(days_path(offered, quantity=2, host=host.pk))

    kept = f"quantity=2&host={host.pk}"
    assert {day.partition("?")[2] for day in days(response)} == {kept}
    assert f"?month=2030-04&amp;quantity=2&amp;host={host.pk}" in response.text
    assert (
        f"Office Town hall Marktplatz 1, 12345 Musterstadt How many 2 With {host.name}"
        in words(response)
    )
    # Two in a row: the last quarter-hour of the day starts no visit.
    assert "Wednesday 13 March 2030: 31 free times" in words(response)


def test_one_counter_and_one_at_a_time_ask_nothing(client):
    response = client.get(days_path(town_hall()))

    assert "With whom?" not in words(response)
    assert "How many?" not in words(response)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"quantity": "4"}, "That is more than one visit can take."),
        ({"quantity": "0"}, "That is more than one visit can take."),
        ({"quantity": "many"}, "That is more than one visit can take."),
        ({"host": "0"}, "This host does not serve this service at this office."),
        ({"host": "x"}, "This host does not serve this service at this office."),
    ],
)
def test_a_choice_that_cannot_be_is_said_above_the_days(client, query, message):
    response = client.get(days_path(town_hall(service__max_quantity=3), **query))

    assert response.status_code == 422
    assert message in words(response)
    assert "March 2030" in words(response)


def test_a_host_of_another_office_is_no_choice(client):
    stranger = OpenHostFactory()

    response = client.get(days_path(town_hall(hosts=2), host=stranger.pk))

    assert response.status_code == 422
    assert stranger.name not in words(response)


def test_without_a_wish_the_month_of_the_next_free_time_is_shown(client):
    offered = OfficeServiceFactory()
    host = HostFactory(office=offered.office)
    april = AvailabilityRule(day="2030-04-10", start_time="10:00", end_time="11:00")
    operations.set_hours(host, save=[april], by=None)

    response = client.get(days_path(offered))

    assert "No time is free in March 2030." in words(response)
    assert "The next free time is: Wed 10 April, 10:00" in words(response)
    assert "Wednesday 10 April 2030: 4 free times" in words(response)


def test_a_month_without_free_times_leads_to_the_next_one(client):
    offered = OfficeServiceFactory()
    host = HostFactory(office=offered.office)
    dates = [
        AvailabilityRule(day=day, start_time="10:00", end_time="11:00")
        for day in ("2030-03-20", "2030-05-02")
    ]
    operations.set_hours(host, save=dates, by=None)

    response = client.get(days_path(offered, month="2030-04"))

    assert "April 2030" in words(response)
    assert "The next free time is: Thu 2 May, 10:00" in words(response)
    assert f'href="{days_path(offered)}2030-05-02/"' in response.text


def test_after_the_last_free_month_the_way_leads_back(client):
    offered = OfficeServiceFactory()
    host = HostFactory(office=offered.office)
    march = AvailabilityRule(day="2030-03-20", start_time="10:00", end_time="11:00")
    operations.set_hours(host, save=[march], by=None)

    response = client.get(days_path(offered, month="2030-05"))

    assert "The next free time is: Wed 20 March, 10:00" in words(response)


def test_nothing_until_the_horizon_offers_other_offices(client):
    service = ServiceFactory(name="Passport")
    full = OfficeServiceFactory(service=service, office__name="Full house")
    other = OfficeServiceFactory(service=service, office__name="Quiet corner")
    OpenHostFactory(office=other.office)
    hidden = OfficeServiceFactory(service=service, office__is_public=False)
    OpenHostFactory(office=hidden.office)

    response = client.get(days_path(full))

    assert response.status_code == 200
    assert "Full house has no free time until Saturday 11 May 2030" in words(response)
    assert "Quiet corner" in words(response)
    assert "Next free time: Today, 09:00" in words(response)
    assert f'href="{days_path(other)}"' in response.text
    assert hidden.office.name not in words(response)


def test_a_host_without_free_times_leads_to_anyone(client):
    offered = town_hall(hosts=1)
    away = HostFactory(office=offered.office, name="Ms Away")

    response = client.get(days_path(offered, host=away.pk))

    assert "Ms Away has no free time until Saturday 11 May 2030" in words(response)
    assert f'href="{days_path(offered)}"' in response.text


@pytest.mark.parametrize(
    "hidden",
    [
        {"is_public": False},
        {"service__is_public": False},
        {"office__is_public": False},
        {"office__status": "closed"},
    ],
)
def test_what_citizens_cannot_find_is_not_found(client, hidden):
    response = client.get(days_path(town_hall(**hidden)))

    assert response.status_code == 404


def test_an_office_that_offers_it_not_is_not_found(client):
    offered = town_hall()
    other = ServiceFactory()

    response = client.get(f"/book/{offered.office.slug}/{other.code}/")

    assert response.status_code == 404


def test_a_suspended_office_says_so_and_names_others(client):
    offered = town_hall(office__status="suspended")
    other = OfficeServiceFactory(service=offered.service, office__name="Quiet corner")
    OpenHostFactory(office=other.office)

    response = client.get(days_path(offered))

    assert response.status_code == 409
    assert "This office takes no appointments at present." in words(response)
    assert "040 123 456" in words(response)
    assert "Quiet corner" in words(response)


def test_looking_touches_no_session_and_changes_nothing(client):
    response = client.get(days_path(town_hall()))

    assert response.cookies.keys() == set()
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert not Hold.objects.exists()


@pytest.mark.parametrize("hosts", [1, 3])
def test_a_month_takes_five_queries(client, hosts, django_assert_num_queries):
    offered = town_hall(hosts)

    # What is offered, its hosts, their state, the free counts, the days with hours.
    with django_assert_num_queries(5):
        client.get(days_path(offered))


def test_a_month_that_has_not_changed_is_kept(client, django_assert_num_queries):
    offered = town_hall()
    first = client.get(days_path(offered))

    with django_assert_num_queries(3):
        second = client.get(days_path(offered))

    assert second.content == first.content


@pytest.mark.parametrize(
    "about",
    [{"month": "2030-04"}, {"quantity": 2}, {"host": 0}, {"language": "de"}],
    ids=str,
)
def test_each_month_is_kept_by_itself(client, about):
    offered = town_hall(2, own_max_quantity=2)
    if "host" in about:
        about = {"host": offered.office.hosts.first().pk}
    headers = {"Accept-Language": about.pop("language", "en")}
    usual = client.get(days_path(offered)).content

    kept = client.get(days_path(offered, **about), headers=headers).content
    cache.clear()

    assert kept == client.get(days_path(offered, **about), headers=headers).content
    assert kept != usual


@pytest.mark.parametrize("change", ["lead_time", "own_duration"])
def test_a_month_read_before_a_change_is_not_shown_after_it(change, client, rf):
    offered = town_hall()
    early = BookDays()
    early.setup(rf.get("/"), slug=offered.office.slug, code=offered.service.code)
    early.prepare()
    with transaction.atomic():
        row = offered.office if change == "lead_time" else offered
        setattr(row, change, timedelta(minutes=90))
        row.save()

    early.calendar(date(2030, 3, 1))
    kept = client.get(days_path(offered)).content
    cache.clear()

    assert kept == client.get(days_path(offered)).content


def test_hosts_are_listed_as_people_count(client):
    offered = town_hall()
    for name in ("Counter 10", "Counter 2"):
        OpenHostFactory(office=offered.office, name=name)

    text = words(client.get(days_path(offered)))

    assert text.index("Counter 2 ") < text.index("Counter 10")
