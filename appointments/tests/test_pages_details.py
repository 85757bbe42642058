"""Who comes, check your answers, and booking."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client

from appointments.models import Appointment, Citizen
from appointments.states import Channel, Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.pages import (
    ANSWERS,
    NINE,
    NOW,
    book,
    buttons,
    confirm,
    days_path,
    details_path,
    held,
    hold_nine,
    own_path,
    times_path,
    town_hall,
    utc,
    words,
)
from availability.models import Hold
from availability.operations import sweep_holds

pytestmark = pytest.mark.django_db

EIGHT_UTC = utc("2030-03-13T08:00")
TAKEN = "That time has just been taken. Please choose another."


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def check(client, address, **answers):
    return client.post(address, {**ANSWERS, **answers, "step": "check"})


# The form


def test_the_form_says_until_when_the_time_is_kept(client):
    response = client.get(hold_nine(client, town_hall()))

    assert response.status_code == 200
    assert "Wednesday 13 March 2030, 09:00" in words(response)
    assert "We keep this time for you until 08:10." in words(response)
    assert 'type="tel" autocomplete="tel"' in response.text or "tel" in response.text


def test_a_time_that_is_kept_no_longer_is_said_to_be(client, clock):
    address = hold_nine(client, town_hall())
    clock.shift(timedelta(minutes=11))

    response = client.get(address)

    assert response.status_code == 200
    assert "We no longer keep this time for you." in words(response)


def test_what_another_browser_keeps_is_not_told(client):
    address = hold_nine(Client(), town_hall())

    response = client.get(address)

    assert "We no longer keep this time for you." in words(response)


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({"at": ""}, 422, "This link is damaged."),
        ({"at": "nine"}, 422, "This link is damaged."),
        ({"at": "2030-03-13T09:00"}, 422, "This link is damaged."),
        ({"hold": "mine"}, 422, "This link is damaged."),
        ({"quantity": 7}, 422, "That is more than one visit can take."),
        ({"host": 0}, 422, "This host does not serve this service at this office."),
        ({"at": "2030-03-13T09:07+01:00"}, 409, "outside the opening hours"),
        ({"at": "2030-03-12T08:15+01:00"}, 409, "over or too soon"),
        ({"at": "2030-07-13T09:00+01:00"}, 409, "cannot be booked yet"),
        ({"at": "2030-03-13T05:00+01:00"}, 409, "outside the opening hours"),
    ],
)
def test_an_address_that_cannot_be_is_refused(client, query, status, message):
    offered = town_hall()

    response = client.get(details_path(offered, **query))

    assert response.status_code == status
    assert message in words(response)
    assert f'href="{days_path(offered)}"' in response.text


def test_the_form_touches_no_session_and_changes_nothing(client):
    address = hold_nine(client, town_hall())
    before = Hold.objects.values().get()

    client.get(address)
    check(client, address)

    assert client.cookies.keys() == {"csrftoken", "holder"}
    assert Hold.objects.values().get() == before
    assert not Appointment.objects.exists()
    assert not Citizen.objects.exists()


# The check


def test_the_check_shows_every_answer(client):
    response = check(client, hold_nine(client, town_hall()))

    assert response.status_code == 200
    assert "Check your answers" in words(response)
    for said in (
        "When Wednesday 13 March 2030, 09:00",
        "Service Passport 15 minutes",
        "Office Town hall",
        "Your name Ada Example",
        "Your e-mail address ada@example.org",
        "Your phone number +49 30 901820",
        "What is it about? My passport",
        "Is there anything you need to take part? A step-free entrance",
        "Book appointment",
    ):
        assert said in words(response)


@pytest.mark.parametrize(
    ("answers", "messages"),
    [
        ({"name": ""}, ["Enter your name."]),
        ({"name": " \u200b "}, ["Enter your name."]),
        ({"name": "A" * 151}, ["Your name can have 150 characters at most."]),
        ({"email": ""}, ["Enter your e-mail address."]),
        ({"email": "ada"}, ["Enter an e-mail address like name@example.org."]),
        (
            {"email": f"a@{'.'.join(['\u0130' * 50] * 4)}.org"},  # 409 in lower case
            ["Your e-mail address can have 254 characters at most."],
        ),
        ({"phone": "12"}, ["Enter a phone number like +49 30 123456, or leave"]),
        ({"phone": "call me"}, ["Enter a phone number like +49 30 123456, or leave"]),
        ({"purpose": "x" * 501}, ["What it is about can have 500 characters at"]),
        ({"access_needs": "x" * 501}, ["What you need can have 500 characters at"]),
        (
            {"leave_empty": "https://spam.example"},
            ["Leave the field “Leave this empty”"],
        ),
        ({"name": "", "email": ""}, ["Enter your name.", "Enter your e-mail address."]),
    ],
)
@pytest.mark.parametrize("step", ["check", "confirm"])
def test_wrong_answers_are_named_on_the_form(client, step, answers, messages):
    address = hold_nine(client, town_hall())

    response = client.post(address, {**ANSWERS, **answers, "step": step})

    assert response.status_code == 422
    assert "<title>Error:" in response.text
    for message in messages:
        assert message in words(response)
    assert held() == [EIGHT_UTC]
    assert not Appointment.objects.exists()


def test_the_field_for_machines_is_hidden_from_people(client):
    response = client.get(hold_nine(client, town_hall()))

    assert (
        '<div class="visually-hidden" aria-hidden="true"><label for="id_leave_empty">'
    ) in response.text
    assert 'name="leave_empty"' in response.text
    assert 'autocomplete="off" tabindex="-1"' in response.text


def test_a_number_of_the_offices_country_needs_no_code(client):
    offered = town_hall(office__country="AT")

    response = check(client, hold_nine(client, offered), phone="01 4000")

    assert "+43 1 4000" in words(response)


def test_change_goes_back_to_the_form_with_the_answers(client):
    address = hold_nine(client, town_hall())

    response = client.post(address, {**ANSWERS, "change": "email"})

    assert response.status_code == 200
    assert 'value="Ada Example"' in response.text
    assert 'value="ada@example.org"' in response.text
    assert "A step-free entrance</textarea>" in response.text
    email = response.text.partition('name="email"')[2].partition(">")[0]
    assert "autofocus" in email
    assert "Please check this page" not in words(response)


def test_what_people_type_stays_text(client):
    response = check(client, hold_nine(client, town_hall()), name="<b>Ada</b>")

    assert "<b>Ada" not in response.text
    assert "&lt;b&gt;Ada&lt;/b&gt;" in response.text


# Booking


def test_confirming_books_with_all_that_was_said(client):
    offered = town_hall(hosts=2, service__max_quantity=3)
    host = offered.office.hosts.last()
    address = client.post(
        times_path(offered, quantity=2, host=host.pk), {"starts_at": NINE}
    ).url
    client.cookies["django_language"] = "de"

    response = confirm(client, address, email="Ada@Example.ORG", name=" Ada  Example ")

    appointment = Appointment.objects.with_details().get()
    assert response.status_code == 303
    assert response.url == own_path("confirmation", appointment)
    assert (appointment.starts_at, appointment.host) == (EIGHT_UTC, host)
    assert (appointment.quantity, appointment.status) == (2, Status.CONFIRMED)
    assert (appointment.channel, appointment.language) == (Channel.WEB, "de")
    assert appointment.purpose == "My passport"
    assert appointment.access_needs == "A step-free entrance"
    assert Citizen.objects.values("name", "email", "phone", "language").get() == {
        "name": "Ada Example",
        "email": "ada@example.org",
        "phone": "+4930901820",
        "language": "de",
    }
    assert appointment.events.get().actor_kind == "citizen"
    assert held() == []


def test_line_breaks_count_as_one_character(client):
    lines = "\r\n".join("x" * 9 for _ in range(50))

    book(client, town_hall(), purpose=lines)

    assert Appointment.objects.get().purpose == lines.replace("\r\n", "\n")


def test_a_hold_that_is_over_is_claimed_anew(client, clock):
    address = hold_nine(client, town_hall())
    clock.shift(timedelta(minutes=11))
    sweep_holds()

    response = confirm(client, address)

    assert response.status_code == 303
    assert Appointment.objects.get().starts_at == EIGHT_UTC


def test_a_time_taken_meanwhile_shows_the_nearest_and_keeps_the_answers(client, clock):
    offered = town_hall()
    address = hold_nine(client, offered)
    clock.shift(timedelta(minutes=11))
    taken = AppointmentFactory(offered=offered, starts_at=EIGHT_UTC)

    response = confirm(client, address)

    assert response.status_code == 409
    assert TAKEN in words(response)
    assert buttons(response)[:2] == ["2030-03-13T08:15+01:00", "2030-03-13T08:30+01:00"]
    for name in ("name", "email", "purpose", "access_needs"):
        assert f'name="{name}" value="{ANSWERS[name]}"' in response.text
    assert "Book appointment" not in words(response)
    assert Appointment.objects.get() == taken


def test_the_nearest_time_is_held_with_the_answers_and_can_be_booked(client, clock):
    offered = town_hall()
    address = hold_nine(client, offered)
    clock.shift(timedelta(minutes=11))
    AppointmentFactory(offered=offered, starts_at=EIGHT_UTC)
    other = buttons(confirm(client, address))[0]

    chosen = client.post(address, {**ANSWERS, "starts_at": other})
    hold = Hold.objects.get()
    new_address = details_path(offered, other, hold=hold.pk)
    booked = confirm(client, new_address)

    assert chosen.status_code == 200
    assert "Check your answers" in words(chosen)
    assert "Wednesday 13 March 2030, 08:15" in words(chosen)
    assert "We keep this time for you until 08:21." in words(chosen)
    assert new_address.replace("&", "&amp;") in chosen.text
    assert booked.status_code == 303
    assert Appointment.objects.filter(starts_at=utc("2030-03-13T07:15")).exists()


def test_the_nearest_time_can_be_lost_too(client):
    offered = town_hall()
    address = hold_nine(client, offered)
    other = "2030-03-13T10:00+01:00"
    hold_nine(Client(), offered, other)

    response = client.post(address, {**ANSWERS, "starts_at": other})

    assert response.status_code == 409
    assert TAKEN in words(response)
    assert "2030-03-13T09:45+01:00" in buttons(response)


def test_a_forged_nearest_time_is_refused(client):
    address = hold_nine(client, town_hall())

    response = client.post(address, {**ANSWERS, "starts_at": "soon"})

    assert response.status_code == 422
    assert "This link is damaged." in words(response)
    assert held() == [EIGHT_UTC]


def test_another_time_can_be_chosen_from_the_check(client):
    address = hold_nine(client, town_hall())

    response = client.post(address, {**ANSWERS, "step": "times"})

    assert response.status_code == 200
    assert "Choose another time" in words(response)
    assert "2030-03-13T09:15+01:00" in buttons(response)
    assert "Keep Wednesday 13 March 2030, 09:00" in words(response)
    assert held() == [EIGHT_UTC]


def test_too_many_open_appointments_are_refused(client):
    offered = town_hall(office__max_open_appointments=1)
    AppointmentFactory(
        offered=offered, citizen__email="ada@example.org", starts_at=EIGHT_UTC
    )
    address = hold_nine(client, offered, "2030-03-13T10:00+01:00")

    response = confirm(client, address)

    assert response.status_code == 409
    assert "There are already as many open appointments" in words(response)
    assert "Your name Ada Example" in words(response)
    assert buttons(response) == []
    assert Appointment.objects.count() == 1


def test_an_office_suspended_meanwhile_books_nothing(client):
    offered = town_hall()
    address = hold_nine(client, offered)
    offered.office.status = "suspended"
    offered.office.save()

    response = confirm(client, address)

    assert response.status_code == 409
    assert "This office takes no appointments at present." in words(response)
    assert not Appointment.objects.exists()


def test_an_office_that_approves_takes_a_request(client):
    offered = town_hall(office__approval_required=True)
    address = hold_nine(client, offered)

    checked = check(client, address)
    confirm(client, address)

    assert "Send request" in words(checked)
    assert Appointment.objects.get().status == Status.PENDING


# Sent twice


def test_confirming_twice_books_once(client):
    offered = town_hall(hosts=2)
    address = hold_nine(client, offered)

    first = confirm(client, address)
    second = confirm(client, address)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.url == second.url
    assert Appointment.objects.count() == Citizen.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hold_is_over", [False, True])
def test_confirming_twice_at_the_same_moment_books_once(client, clock, hold_is_over):
    offered = town_hall(hosts=3)
    address = hold_nine(client, offered)
    if hold_is_over:
        clock.shift(timedelta(minutes=11))
        sweep_holds()
    cookie = f"holder={client.cookies['holder'].value}"
    browsers = [Client(headers={"cookie": cookie}) for _ in range(3)]
    start = threading.Barrier(len(browsers))

    def send(browser):
        start.wait()
        try:
            return confirm(browser, address).url
        finally:
            connection.close()

    with ThreadPoolExecutor(len(browsers)) as pool:
        led_to = list(pool.map(send, browsers))

    assert led_to == [own_path("confirmation", Appointment.objects.get())] * 3
    assert Citizen.objects.count() == 1


def test_another_browser_is_not_led_to_what_was_booked(client):
    offered = town_hall()
    address = hold_nine(client, offered)
    confirm(client, address)

    response = confirm(Client(), address)

    assert response.status_code == 409
    assert TAKEN in words(response)


def test_another_address_is_another_booking(client):
    offered = town_hall(hosts=2)
    address = hold_nine(client, offered)

    confirm(client, address)
    confirm(client, address, email="bob@example.org")

    emails = Citizen.objects.order_by("email").values_list("email", flat=True)
    assert list(emails) == ["ada@example.org", "bob@example.org"]


# Limits


def test_who_sends_the_form_too_often_has_to_wait(client, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMIT = "2/60s"
    cache.clear()
    address = hold_nine(client, town_hall())

    statuses = [check(client, address).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert client.get(address).status_code == 200


def test_a_form_from_elsewhere_books_nothing(client):
    address = hold_nine(client, town_hall())
    cookie = f"holder={client.cookies['holder'].value}"
    browser = Client(enforce_csrf_checks=True, headers={"cookie": cookie})

    response = confirm(browser, address)

    assert response.status_code == 403
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("hosts", [1, 3])
def test_the_form_takes_three_queries(client, hosts, django_assert_num_queries):
    address = hold_nine(client, town_hall(hosts))

    # What is offered, its hosts, the hold.
    with django_assert_num_queries(3):
        client.get(address)
