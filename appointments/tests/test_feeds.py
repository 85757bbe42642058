"""Calendar feeds: what they show, to whom, and for how long."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from icalendar import Calendar
from rest_framework.test import APIClient

from accounts.tests.factories import AdminFactory, UserFactory
from appointments import feeds, operations
from appointments.models import CalendarFeed
from appointments.tests.factories import (
    AppointmentFactory,
    CalendarFeedFactory,
    CitizenFactory,
)
from availability.tests.factories import OpenHostFactory
from config.models import IdempotencyKey
from offices import operations as office_operations
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def offered():
    return OfficeServiceFactory()


@pytest.fixture
def desk(offered):
    return MembershipFactory(office=offered.office, role=Role.RECEPTION).user


@pytest.fixture
def feed(offered, desk):
    return feeds.add(offered.office, by=desk)


def read(client, feed, **headers):
    return client.get(feeds.url_for(feed), headers=headers)


def references(response):
    events = Calendar.from_ical(response.content).walk("VEVENT")
    return {str(event["summary"]).rpartition(" – ")[2] for event in events}


# --- what it shows ---


def test_a_feed_of_an_office_has_all_of_its_appointments(client, feed, offered):
    hosts = OpenHostFactory.create_batch(2, office=offered.office)
    booked = [AppointmentFactory(offered=offered, host=host) for host in hosts]
    AppointmentFactory()  # at another office

    response = read(client, feed)

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert references(response) == {one.reference for one in booked}
    [event] = [
        event
        for event in Calendar.from_ical(response.content).walk("VEVENT")
        if booked[0].reference in event["summary"]
    ]
    assert event["dtstart"].dt == booked[0].starts_at
    assert event["location"] == hosts[0].name
    assert event["status"] == "CONFIRMED"


def test_a_feed_of_a_host_has_the_hosts_alone(client, desk, offered):
    hosts = OpenHostFactory.create_batch(2, office=offered.office)
    booked = [AppointmentFactory(offered=offered, host=host) for host in hosts]

    response = read(client, feeds.add(offered.office, host=hosts[1], by=desk))

    assert references(response) == {booked[1].reference}


def test_it_says_nothing_of_citizens_and_opens_nothing(client, feed, offered):
    citizen = CitizenFactory(name="Ada Unseen", email="ada@unseen.example")
    appointment = AppointmentFactory(
        offered=offered, citizen=citizen, purpose="Divorce"
    )

    text = read(client, feed).text.replace("\r\n ", "")

    assert appointment.reference in text
    for secret in ("Ada", "unseen", "Divorce", "/appointments/"):
        assert secret not in text


def test_what_is_cancelled_or_long_past_is_not_in_it(client, feed, offered):
    appointment = AppointmentFactory(offered=offered)
    assert references(read(client, feed)) == {appointment.reference}

    operations.cancel(appointment, by=None, reason="Ill")

    assert references(read(client, feed)) == set()


def test_whoever_has_it_already_gets_304(client, feed, offered):
    first = read(client, feed)
    same = read(client, feed, **{"If-None-Match": first["ETag"]})
    appointment = AppointmentFactory(offered=offered)
    booked = read(client, feed, **{"If-None-Match": first["ETag"]})
    later = appointment.starts_at + timedelta(hours=1)
    operations.postpone(appointment, later, reason="Ill", by=None)
    moved = read(client, feed, **{"If-None-Match": booked["ETag"]})

    assert [r.status_code for r in (first, same, booked, moved)] == [
        200,
        304,
        200,
        200,
    ]
    assert (same.content, same["ETag"]) == (b"", first["ETag"])


def test_a_feed_costs_few_queries(client, feed, offered, django_assert_num_queries):
    for hour in range(3):
        start = AppointmentFactory(offered=OfficeServiceFactory()).starts_at
        AppointmentFactory(offered=offered, starts_at=start + timedelta(hours=hour))

    with django_assert_num_queries(5):  # feed, what its user may (2), ETag, rows
        read(client, feed)


def test_reading_it_starts_no_session(client, feed):
    response = read(client, feed)

    assert not response.cookies
    assert response["Cache-Control"] == "private, no-cache"


# --- how long it is good ---


def test_a_revoked_feed_leads_nowhere(client, feed, desk):
    url = feeds.url_for(feed)

    feeds.revoke(feed, by=desk)

    assert client.get(url).status_code == 404


def test_a_feed_ends_with_the_role_of_its_user(client, feed, desk):
    office_operations.end_membership(desk.memberships.get(), by=None)

    assert read(client, feed).status_code == 404


def test_a_feed_ends_with_the_account_of_its_user(client, feed, desk):
    desk.is_active = False
    desk.save()

    assert read(client, feed).status_code == 404


def test_nobody_makes_up_an_address(client, feed):
    url = feeds.url_for(feed)

    assert client.get(url.replace(feed.key.hex, "0" * 32)).status_code == 404
    assert client.get(f"/calendars/{feed.key.hex}.ics").status_code == 404
    assert client.get("/calendars/x:y.ics").status_code == 404
    assert client.post(url).status_code == 405


# --- who makes and revokes it ---


@pytest.mark.parametrize("role", Role)
def test_whoever_sees_the_appointments_may_have_one(offered, role):
    user = MembershipFactory(office=offered.office, role=role).user

    assert feeds.add(offered.office, by=user).user == user


def test_nobody_else_may(offered):
    stranger = MembershipFactory(role=Role.MANAGER).user

    for user in (stranger, UserFactory()):
        with pytest.raises(PermissionDenied):
            feeds.add(offered.office, by=user)


def test_a_host_of_another_office_is_refused(offered, desk):
    with pytest.raises(ValidationError):
        feeds.add(offered.office, host=HostFactory(), by=desk)


def test_only_its_user_and_managers_revoke_it(feed, offered):
    colleague = MembershipFactory(office=offered.office, role=Role.SECRETARY).user
    manager = MembershipFactory(office=offered.office, role=Role.MANAGER).user
    elsewhere = MembershipFactory(role=Role.MANAGER).user

    for user in (colleague, elsewhere):
        with pytest.raises(PermissionDenied):
            feeds.revoke(feed, by=user)
        assert feed not in CalendarFeed.objects.visible_to(user)
    assert feed in CalendarFeed.objects.visible_to(manager)
    assert feed in CalendarFeed.objects.visible_to(AdminFactory())
    feeds.revoke(feed, by=manager)
    assert not CalendarFeed.objects.exists()


# --- by API ---


def call(user, method, office, pk=None, body=None, **headers):
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    path = f"/api/v1/offices/{office.pk}/calendar-feeds"
    path = f"{path}/{pk}" if pk else path
    return getattr(client, method)(path, body, headers=headers)


def test_one_is_made_read_listed_and_revoked_by_api(client, offered, desk):
    office = offered.office
    host = HostFactory(office=office)

    made = call(desk, "post", office, body={"host": host.pk})
    listed = call(desk, "get", office).json()
    answered = client.get(made.json()["url"])
    gone = call(desk, "delete", office, made.json()["id"])

    assert made.status_code == 201
    assert made.json()["webcal_url"].startswith("webcal://")
    assert made["Cache-Control"] == "no-store"
    assert listed == [made.json()]
    assert (answered.status_code, gone.status_code) == (200, 204)
    assert client.get(made.json()["url"]).status_code == 404


def test_a_manager_sees_and_revokes_it_without_its_address(feed, offered):
    manager = MembershipFactory(office=offered.office, role=Role.MANAGER).user

    [listed] = call(manager, "get", offered.office).json()

    assert (listed["id"], listed["url"], listed["webcal_url"]) == (feed.pk, None, None)
    assert call(manager, "delete", offered.office, feed.pk).status_code == 204


def test_others_find_nothing_by_api(feed, offered, desk):
    colleague = MembershipFactory(office=offered.office, role=Role.HOST).user
    stranger = MembershipFactory(role=Role.MANAGER).user

    assert call(colleague, "get", offered.office).json() == []
    assert call(colleague, "delete", offered.office, feed.pk).status_code == 404
    for method in ("get", "post"):
        assert call(stranger, method, offered.office).status_code == 404
        assert call(None, method, offered.office).status_code == 401
    assert call(stranger, "delete", offered.office, feed.pk).status_code == 404
    assert call(desk, "delete", OfficeFactory(), feed.pk).status_code == 404
    elsewhere = {"host": HostFactory().pk}
    assert call(desk, "post", offered.office, body=elsewhere).status_code == 400


def test_a_repeated_post_makes_one_and_keeps_no_address(offered, desk):
    key = {"Idempotency-Key": "one"}

    first = call(desk, "post", offered.office, **key)
    again = call(desk, "post", offered.office, **key)

    assert again.json() == first.json()
    assert "/calendars/" not in IdempotencyKey.objects.get().body
    assert CalendarFeed.objects.count() == 1


# --- in the admin ---


def page(kind, *args):
    return reverse(f"admin:appointments_calendarfeed_{kind}", args=args)


def test_the_admin_makes_shows_and_revokes_ones_own(client, offered, desk):
    client.force_login(desk)

    client.post(page("add"), {"office": offered.office_id, "host": ""})
    feed = CalendarFeed.objects.get()
    shown = client.get(page("change", feed.pk))
    client.post(page("delete", feed.pk), {"post": "yes"})

    assert feed.user == desk
    assert feeds.webcal_url_for(feed) in shown.text
    assert not CalendarFeed.objects.exists()


def test_the_admin_shows_no_address_of_others(client, feed, offered):
    manager = MembershipFactory(office=offered.office, role=Role.MANAGER).user
    client.force_login(manager)

    shown = client.get(page("change", feed.pk))

    assert shown.status_code == 200
    assert "/calendars/" not in shown.text
    client.post(page("delete", feed.pk), {"post": "yes"})
    assert not CalendarFeed.objects.exists()


def test_the_admin_takes_no_host_of_another_office(client, offered, desk):
    client.force_login(desk)
    elsewhere = HostFactory()
    MembershipFactory(user=desk, office=elsewhere.office)

    response = client.post(
        page("add"), {"office": offered.office_id, "host": elsewhere.pk}
    )

    assert set(response.context["adminform"].errors) == {"host"}
    assert not CalendarFeed.objects.exists()


def test_the_factory_makes_one_that_is_good(client):
    assert read(client, CalendarFeedFactory()).status_code == 200
