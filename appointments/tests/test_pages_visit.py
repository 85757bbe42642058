"""An appointment's own pages: confirmation, manage, calendar, cancel, move."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.core import signing
from django.test import Client

from accounts.tests.factories import UserFactory
from appointments import links, operations
from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.pages import (
    NINE,
    NOW,
    book,
    buttons,
    days,
    days_path,
    held,
    own_path,
    town_hall,
    utc,
    words,
)
from availability.models import Hold
from availability.operations import sweep_holds
from offices.roles import Role
from offices.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

EIGHT_UTC = utc("2030-03-13T08:00")
TEN = "2030-03-14T10:00+01:00"
NINE_UTC = utc("2030-03-14T09:00")
TAKEN = "That time has just been taken. Please choose another."
PAGES = [
    ("manage",),
    ("confirmation",),
    ("calendar",),
    ("cancel",),
    ("move",),
    ("move_times", "2030-03-14"),
    ("move_check",),
]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def appointment():
    return visit(town_hall())


def visit(offered, about_citizen=(), **fields):
    """An appointment that somebody has booked on the pages."""
    citizen = CitizenFactory(email="ada@example.org", **dict(about_citizen))
    fields = {"starts_at": EIGHT_UTC, "citizen": citizen, "by": citizen} | fields
    return AppointmentFactory(offered=offered, **fields)


def choose(client, appointment, at=TEN, **query):
    """Choose a new time; where it leads to."""
    address = own_path("move_times", appointment, at[:10], **query)
    response = client.post(address, {"starts_at": at})
    assert response.status_code == 303, words(response)
    return response.url


# Confirmation


def test_the_confirmation_has_all_that_one_needs(client):
    offered = town_hall(service__what_to_bring="<ul><li>Your old passport</li></ul>")

    response = client.get(book(client, offered))

    appointment = Appointment.objects.with_details().get()
    assert "Your appointment is booked" in words(response)
    assert f"Your reference {appointment.reference}" in words(response)
    assert "When Wednesday 13 March 2030, 09:00" in words(response)
    assert "Where Town hall Marktplatz 1 12345 Musterstadt" in words(response)
    assert f"With {appointment.host.name}" in words(response)
    assert "What to bring Your old passport" in words(response)
    assert "We are sending the details to ada@example.org" in words(response)
    assert f'href="{own_path("calendar", appointment)}"' in response.text
    assert f'href="{own_path("manage", appointment)}"' in response.text
    assert 'src="data:image/svg+xml' in response.text


def test_a_request_says_that_the_office_still_decides(client):
    offered = town_hall(office__approval_required=True)

    response = client.get(book(client, offered))

    assert "Your request has been sent" in words(response)
    assert "The office still has to confirm this appointment." in words(response)


def test_the_confirmation_of_what_is_off_leads_to_its_page(client, appointment):
    operations.cancel(appointment, by=appointment.citizen)

    response = client.get(own_path("confirmation", appointment))

    assert response.status_code == 302
    assert response.url == own_path("manage", appointment)


# Manage


def test_the_page_of_an_appointment_tells_all_about_it(client):
    appointment = visit(
        town_hall(office__latitude=48.1, office__longitude=11.5),
        {"name": "Ada Example", "phone": "+4930901820"},
        purpose="My passport",
        access_needs="A step-free entrance",
    )

    response = client.get(own_path("manage", appointment))

    for said in (
        f"Confirmed Reference {appointment.reference}",
        "When Wednesday 13 March 2030, 09:00 15 minutes",
        "Service Passport",
        "Name Ada Example",
        "E-mail address ada@example.org",
        "Phone number +49 30 901820",
        "What it is about My passport",
        "What you need A step-free entrance",
        "Move appointment",
        "Cancel appointment",
        "Add to calendar",
        "Show on a map",
        "040 123 456",
    ):
        assert said in words(response)


def test_the_history_is_told_in_plain_words_without_names_of_staff(client):
    offered = town_hall(hosts=2)
    clerk = UserFactory(name="Clara Clerk")
    MembershipFactory(user=clerk, office=offered.office, role=Role.MANAGER)
    appointment = visit(offered)
    citizen = appointment.citizen
    operations.reschedule(appointment, NINE_UTC, by=citizen)
    operations.postpone(
        appointment, NINE_UTC + timedelta(days=1), by=clerk, reason="We are ill."
    )
    appointment.refresh_from_db()
    other = offered.office.hosts.exclude(pk=appointment.host_id).get()
    operations.reassign(appointment, other, by=clerk, reason="Clara has the flu.")

    response = client.get(own_path("manage", appointment))

    history = words(response).partition("What happened")[2]
    assert history.startswith(
        " Given to another host Tuesday 12 March 2030, 08:00 · by the office "
        "Moved from Thursday 14 March 2030, 10:00 Tuesday 12 March 2030, 08:00 · "
        "by the office We are ill. "
        "Moved from Wednesday 13 March 2030, 09:00 Tuesday 12 March 2030, 08:00 · "
        "by you Booked Tuesday 12 March 2030, 08:00 · by you"
    )
    assert "Clara" not in response.text


@pytest.mark.parametrize("kind", ["cancelled", "denied"])
def test_what_is_off_says_so_and_offers_a_new_start(client, kind):
    appointment = visit(town_hall(office__approval_required=kind == "denied"))
    if kind == "cancelled":
        operations.cancel(appointment, by=None, reason="The heating is broken.")
    else:
        operations.deny(appointment, by=None, reason="The heating is broken.")

    response = client.get(own_path("manage", appointment))

    offered = appointment.office.offered.get()
    assert "This appointment does not take place." in words(response)
    assert "The heating is broken." in words(response)
    assert "Move appointment" not in words(response)
    assert "Cancel appointment" not in words(response)
    assert f'href="{days_path(offered)}"' in response.text


def test_past_the_cut_off_it_says_why_not_and_whom_to_call(client, clock):
    offered = town_hall(office__cancellation_cutoff=timedelta(hours=24))
    appointment = visit(offered)
    clock.shift(timedelta(hours=2))

    response = client.get(own_path("manage", appointment))

    assert "It is too late to move or cancel this appointment here." in words(response)
    assert 'href="tel:040123456"' in response.text
    assert own_path("cancel", appointment) not in response.text
    assert own_path("move", appointment) not in response.text


def test_what_is_over_can_be_seen_only(client, appointment, clock):
    clock.shift(timedelta(days=2))

    response = client.get(own_path("manage", appointment))

    assert response.status_code == 200
    assert "too late" not in words(response)
    assert own_path("cancel", appointment) not in response.text


# The link


def forged(appointment):
    return [
        "x",
        "abc:def",
        appointment.pk.hex,
        f"{appointment.pk.hex}:{'a' * 43}",
        signing.Signer(salt="elsewhere").sign(appointment.pk.hex),
        signing.Signer(salt=links.SALT).sign("nonsense"),
        signing.Signer(salt=links.SALT).sign("0" * 32),
        "%00",
    ]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_link_leads_nowhere(client, appointment, page, method):
    good = links.token_for(appointment)

    for token in forged(appointment):
        address = own_path(page[0], appointment, *page[1:]).replace(good, quote(token))
        response = getattr(client, method)(address)

        assert response.status_code == 404
        assert "This link does not work" in words(response)
    assert Appointment.objects.get().status == Status.CONFIRMED


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_of_long_ago_has_expired(client, appointment, page, method, clock):
    clock.shift(timedelta(days=32))

    response = getattr(client, method)(own_path(page[0], appointment, *page[1:]))

    assert response.status_code == 410
    assert "This link has expired" in words(response)
    assert appointment.citizen.name not in words(response)
    assert Appointment.objects.get().status == Status.CONFIRMED


@pytest.mark.parametrize("page", PAGES)
def test_reading_changes_nothing_and_leaves_no_trace(client, appointment, page):
    before = Appointment.objects.values().get()
    query = {"at": TEN} if page == ("move_check",) else {}

    response = client.get(own_path(page[0], appointment, *page[1:], **query))

    assert response.status_code == 200
    assert Appointment.objects.values().get() == before
    assert appointment.events.count() == 1
    assert not Hold.objects.exists()
    assert "sessionid" not in response.cookies
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("page", [("manage",), ("confirmation",), ("calendar",)])
def test_what_is_only_to_be_read_takes_no_form(client, appointment, page):
    response = client.post(own_path(page[0], appointment))

    assert response.status_code == 405


# The calendar file


def test_the_calendar_file_is_there_to_download(client, appointment):
    response = client.get(own_path("calendar", appointment))

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="appointment-{appointment.reference}.ics"'
    )
    assert response.content.startswith(b"BEGIN:VCALENDAR")


# Cancel


def test_cancelling_asks_first(client, appointment):
    response = client.get(own_path("cancel", appointment))

    assert "Do you want to cancel this appointment?" in words(response)
    assert "Wednesday 13 March 2030, 09:00" in words(response)
    assert Appointment.objects.get().status == Status.CONFIRMED


def test_cancelling_frees_the_time_and_says_so(client, appointment):
    response = client.post(
        own_path("cancel", appointment), {"reason": "I have the flu."}, follow=True
    )

    assert response.redirect_chain == [(own_path("manage", appointment), 303)]
    assert "Your appointment is cancelled." in words(response)
    assert "Cancelled Tuesday 12 March 2030, 08:00 · by you I have the flu." in words(
        response
    )
    assert Appointment.objects.get().status == Status.CANCELLED
    assert appointment.host.days.get(day="2030-03-13").claimed == 0


def test_cancelling_twice_cancels_once(client, appointment):
    for _ in range(2):
        response = client.post(own_path("cancel", appointment))

    assert response.status_code == 303
    assert appointment.events.filter(kind="cancelled").count() == 1


def test_cancelling_too_late_is_refused(client, clock):
    offered = town_hall(office__cancellation_cutoff=timedelta(hours=24))
    appointment = visit(offered)
    clock.shift(timedelta(hours=2))

    looked = client.get(own_path("cancel", appointment))
    sent = client.post(own_path("cancel", appointment))

    for response in (looked, sent):
        assert response.status_code == 409
        assert "It is too late to cancel this appointment here." in words(response)
    assert Appointment.objects.get().status == Status.CONFIRMED


def test_what_is_completed_cannot_be_cancelled(client, appointment):
    Appointment.objects.update(status=Status.COMPLETED)

    response = client.post(own_path("cancel", appointment))

    assert response.status_code == 409
    assert "the appointment is “Completed”" in words(response)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_only_a_sent_form_cancels(client, appointment, method):
    response = getattr(client, method)(own_path("cancel", appointment))

    assert response.status_code == 405
    assert Appointment.objects.get().status == Status.CONFIRMED


def test_a_reason_too_long_is_named(client, appointment):
    response = client.post(own_path("cancel", appointment), {"reason": "x" * 501})

    assert response.status_code == 422
    assert "The reason can have 500 characters at most." in words(response)
    assert Appointment.objects.get().status == Status.CONFIRMED


def test_a_form_from_elsewhere_cancels_nothing(appointment):
    browser = Client(enforce_csrf_checks=True)

    response = browser.post(own_path("cancel", appointment))

    assert response.status_code == 403
    assert Appointment.objects.get().status == Status.CONFIRMED


# Move


def test_moving_goes_by_day_time_and_check(client):
    offered = town_hall(hosts=2, service__max_quantity=3)
    appointment = visit(offered, quantity=2)
    host = offered.office.hosts.last()

    month = client.get(own_path("move", appointment, host=host.pk))
    day = client.get(days(month)[2])
    address = choose(client, appointment, host=host.pk)
    check = client.get(address)
    moved = client.post(address, follow=True)

    stays = "Your appointment is on Wednesday 13 March 2030, 09:00 until you have moved"
    assert stays in words(month)
    assert "Thursday 14 March 2030: 31 free times" in words(month)
    assert "How many 2" in words(month)
    assert len(buttons(day)) == 31
    assert '<s class="before">Wednesday 13 March 2030, 09:00</s>' in check.text
    assert "New time Thursday 14 March 2030, 10:00" in words(check)
    assert "We keep this time for you until 08:10." in words(check)
    assert moved.redirect_chain == [(own_path("manage", appointment), 303)]
    assert "Your appointment is moved." in words(moved)
    assert "Moved from Wednesday 13 March 2030, 09:00" in words(moved)
    appointment.refresh_from_db()
    assert (appointment.starts_at, appointment.host) == (NINE_UTC, host)
    assert held() == []


def test_moving_twice_moves_once(client, appointment):
    address = choose(client, appointment)

    statuses = [client.post(address).status_code for _ in range(2)]

    assert statuses == [303, 303]
    assert appointment.events.filter(kind="rescheduled").count() == 1


def test_a_new_time_lost_meanwhile_shows_the_nearest(client, appointment, clock):
    offered = appointment.office.offered.get()
    address = choose(client, appointment)
    clock.shift(timedelta(minutes=11))
    sweep_holds()
    visit(offered, starts_at=NINE_UTC)

    response = client.post(address)
    other = buttons(response)[-1]

    assert response.status_code == 409
    assert TAKEN in words(response)
    assert "Your appointment stays at Wednesday 13 March 2030, 09:00" in words(response)
    assert f'action="{own_path("move_times", appointment, "2030-03-14")}"' in (
        response.text
    )
    assert client.post(choose(client, appointment, other)).status_code == 303


def test_the_time_it_has_is_no_new_time(client):
    appointment = visit(town_hall(hosts=2))
    address = choose(client, appointment, NINE)

    response = client.post(address)

    assert response.status_code == 409
    assert "The appointment already is at that time." in words(response)


def test_a_move_at_an_office_that_approves_waits_again(client):
    appointment = visit(town_hall(office__approval_required=True))
    operations.approve(appointment, by=None)
    address = choose(client, appointment)

    check = client.get(address)
    moved = client.post(address, follow=True)

    assert "The office has to confirm the new time." in words(check)
    assert "The office still has to confirm it." in words(moved)
    assert Appointment.objects.get().status == Status.PENDING


@pytest.mark.parametrize("page", PAGES[4:])
@pytest.mark.parametrize("method", ["get", "post"])
def test_moving_too_late_is_refused(client, page, method, clock):
    offered = town_hall(office__cancellation_cutoff=timedelta(hours=24))
    appointment = visit(offered)
    clock.shift(timedelta(hours=2))
    query = {"at": TEN}

    response = getattr(client, method)(
        own_path(page[0], appointment, *page[1:], **query)
    )

    assert response.status_code in (409, 405)
    if response.status_code == 409:
        assert "It is too late to move this appointment here." in words(response)
        assert f'href="{own_path("manage", appointment)}"' in response.text
    assert Appointment.objects.get().starts_at == EIGHT_UTC


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.COMPLETED, Status.DENIED])
def test_what_is_not_to_come_cannot_be_moved(client, appointment, status):
    Appointment.objects.update(status=status)

    response = client.post(own_path("move_check", appointment, at=TEN))

    assert response.status_code == 409
    assert "This cannot be done now" in words(response)


def test_a_suspended_office_moves_nothing(client, appointment):
    appointment.office.status = "suspended"
    appointment.office.save()

    response = client.get(own_path("move", appointment))

    assert response.status_code == 409
    assert "does not offer this service at present" in words(response)


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({}, 422, "This link is damaged."),
        ({"at": "soon"}, 422, "This link is damaged."),
        ({"at": TEN, "host": 0}, 422, "This host does not serve this service"),
        ({"at": "2030-03-14T10:01+01:00"}, 409, "outside the opening hours"),
        ({"at": "2030-03-12T08:00+01:00"}, 409, "over or too soon"),
        ({"at": "2031-03-12T08:00+01:00"}, 409, "cannot be booked yet"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_new_time_that_cannot_be_is_refused(
    client, appointment, method, query, status, message
):
    response = getattr(client, method)(own_path("move_check", appointment, **query))

    assert response.status_code == status
    assert message in words(response)
    assert Appointment.objects.get().starts_at == EIGHT_UTC


# What it costs


def test_the_page_of_an_appointment_takes_two_queries(
    client, appointment, django_assert_num_queries
):
    operations.reschedule(appointment, NINE_UTC, by=None)

    # The appointment with all about it, its history.
    with django_assert_num_queries(2):
        client.get(own_path("manage", appointment))


def test_the_confirmation_takes_one_query(
    client, appointment, django_assert_num_queries
):
    with django_assert_num_queries(1):
        client.get(own_path("confirmation", appointment))
