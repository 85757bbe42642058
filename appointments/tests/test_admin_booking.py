from datetime import datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Appointment, Citizen
from appointments.states import Channel, EventKind, Status
from appointments.tests.factories import (
    AppointmentFactory,
    CitizenFactory,
    tomorrow_at,
)
from availability.models import Hold
from availability.tests.factories import OpenHostFactory
from offices.roles import Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db

BOOK = reverse("admin:book")
ADA = {"name": "Ada Huber", "email": "ada@example.org", "language": "en"}
WHY = {"override": "The mayor asked"}


@pytest.fixture
def office():
    return OfficeFactory(slug="town-hall", booking_horizon_days=3)


@pytest.fixture
def host(office):
    return OpenHostFactory(office=office, name="Counter 1")


@pytest.fixture
def offered(office, host):
    return OfficeServiceFactory(office=office, service__name="Passport")


@pytest.fixture
def manager(office, client):
    return sign_in(client, office, Role.MANAGER)


@pytest.fixture
def secretary(office, client):
    return sign_in(client, office, Role.SECRETARY)


def sign_in(client, office, role):
    user = MembershipFactory(office=office, role=role).user
    client.force_login(user)
    return user


def times_page(offered, **query):
    office = offered.office
    choice = {"office": office.slug, "service": offered.service_id, "quantity": 1}
    return reverse("admin:book", query=choice | query)


def take(client, offered, start, **query):
    """Press the button of a time."""
    page = times_page(offered, **query)
    return client.post(page, {"starts_at": start.isoformat()})


def type_time(client, offered, text, **query):
    return client.post(times_page(offered, **query), {"own_time": text})


def local_text(office, days, clock):
    return f"{office.today() + timedelta(days=days)}T{clock}"


def held(offered, start):
    return Hold.objects.filter(host__office=offered.office, starts_at=start).count()


# --- choosing ---


def test_every_service_of_the_office_is_offered(client, secretary, offered):
    OfficeServiceFactory(
        office=offered.office, service__name="Wedding", is_public=False
    )
    OfficeServiceFactory(service__name="Of another office")

    choices = client.get(BOOK).context["asked"].fields["service"].choices

    assert [label for _value, label in choices] == [
        "Passport (15 minutes)",
        "Wedding (15 minutes) – staff only",
    ]


def test_an_office_without_services_says_so(client, secretary):
    assert "offers no service yet" in client.get(BOOK).text


def test_choosing_shows_the_next_free_times_of_any_host(client, secretary, offered):
    chosen = client.post(BOOK, {"service": offered.service_id, "quantity": 1})
    response = client.get(chosen.url)

    assert chosen.url == times_page(offered)
    assert len(response.context["soonest"]) == 6
    assert response.context["days"][0]["free"] > 0


def test_the_times_of_a_day_are_shown(client, secretary, offered):
    day = offered.office.today() + timedelta(days=2)

    response = client.get(times_page(offered, day=day.isoformat()))

    groups = [(g["label"], len(g["slots"])) for g in response.context["groups"]]
    assert groups == [("Morning", 16), ("Afternoon", 16)]


def test_the_next_free_time_is_held_at_once(client, secretary, offered):
    soonest = client.get(times_page(offered)).context["soonest"]

    response = client.post(BOOK, {"service": offered.service_id, "next": "1"})

    hold = Hold.objects.get(host__office=offered.office)
    assert hold.starts_at == datetime.fromisoformat(soonest[0]["value"])
    assert urlsplit(response.url).path == reverse("admin:book_details")
    assert _query(response.url)["hold"] == str(hold.pk)


def test_nothing_free_is_said(client, secretary, offered):
    offered.office.hosts.get().days.update(open=0)

    response = client.post(BOOK, {"service": offered.service_id, "next": "1"})

    assert response.status_code == 422
    assert "Nothing is free as far ahead as can be booked." in response.text


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"quantity": "2"}, ["quantity"]),
        ({"host": "0"}, ["host"]),
        ({"service": "0"}, ["service"]),
    ],
)
def test_a_choice_that_cannot_be_is_said(client, secretary, offered, fields, wrong):
    response = client.post(BOOK, {"service": offered.service_id, **fields})

    assert response.status_code == 422
    assert list(response.context["asked"].errors) == wrong


def test_a_host_who_does_not_serve_it_is_refused(client, secretary, offered):
    other = OpenHostFactory(office=offered.office)
    other.services.add(OfficeServiceFactory(office=offered.office).service)

    response = client.post(BOOK, {"service": offered.service_id, "host": other.pk})

    assert list(response.context["asked"].errors) == ["host"]


# --- the held time, and who comes ---


def test_booking_takes_three_pages(client, secretary, offered):
    start = tomorrow_at(offered.office)

    form = take(client, offered, start)
    kept = held(offered, start)
    done = client.post(form.url, {**ADA, "purpose": "Lost it", "note": "Is deaf"})
    page = client.get(done.url)

    appointment = Appointment.objects.select_related("citizen").get()
    assert kept == 1
    assert appointment.reference in page.text
    assert "goes by E-mail to ada@example.org" in page.text
    assert (appointment.starts_at, appointment.status, appointment.channel) == (
        start,
        Status.CONFIRMED,
        Channel.STAFF,
    )
    assert (appointment.purpose, appointment.note) == ("Lost it", "Is deaf")
    assert (appointment.citizen.name, appointment.language) == ("Ada Huber", "en")
    assert list(appointment.events.values_list("kind", "actor", "override")) == [
        (EventKind.BOOKED, secretary.pk, "")
    ]
    assert held(offered, start) == 0


def test_a_held_time_is_free_for_nobody_else(client, secretary, offered):
    start = tomorrow_at(offered.office)
    take(client, offered, start)
    other = Client()
    other.force_login(MembershipFactory(office=offered.office).user)

    response = take(other, offered, start)

    assert response.status_code == 409
    assert "has just been taken" in response.text
    assert held(offered, start) == 1


def test_another_time_gives_the_first_one_back(client, secretary, offered):
    first, second = (tomorrow_at(offered.office, time(h)) for h in (9, 10))
    form = take(client, offered, first)

    page = client.post(form.url, {**ADA, "starts_at": second.isoformat()})
    client.post(page.context["action"], ADA)

    assert page.context["form"]["name"].value() == "Ada Huber"
    assert (held(offered, first), held(offered, second)) == (0, 0)
    assert Appointment.objects.get().starts_at == second


def test_one_form_sent_twice_books_once(client, secretary, offered):
    form = take(client, offered, tomorrow_at(offered.office))

    first, second = client.post(form.url, ADA), client.post(form.url, ADA)

    assert first.url == second.url
    assert Appointment.objects.count() == 1


def test_a_person_whom_nobody_could_reach_is_asked_about(client, secretary, offered):
    form = take(client, offered, tomorrow_at(offered.office))

    warned = client.post(form.url, {"name": "Ada"})
    none_yet = Appointment.objects.count()
    done = client.post(form.url, {"name": "Ada", "unreachable": "on"})

    assert list(warned.context["form"].errors) == ["unreachable"]
    assert none_yet == 0
    assert "Nothing is sent." in client.get(done.url).text


def test_a_phone_number_alone_will_do(client, secretary, offered):
    form = take(client, offered, tomorrow_at(offered.office))

    client.post(form.url, {"name": "Ada", "phone": "089 233 00"})

    assert Appointment.objects.get().citizen.phone == "+498923300"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": " "}, ["name"]),
        ({"email": "ada"}, ["email"]),
        ({"phone": "12"}, ["phone"]),
        ({"language": "xx"}, ["language"]),
    ],
)
def test_what_is_wrong_is_said_and_nothing_booked(
    client, secretary, offered, fields, wrong
):
    form = take(client, offered, tomorrow_at(offered.office))

    response = client.post(form.url, {**ADA, **fields})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == wrong
    assert Appointment.objects.count() == 0


def test_who_has_been_here_before_need_not_spell_it_again(client, secretary, offered):
    before = CitizenFactory(name="Ädä Hüber", phone="+498923300")
    AppointmentFactory(offered=offered, citizen=before)
    form = take(client, offered, tomorrow_at(offered.office, time(11)))
    stranger = AppointmentFactory(citizen__name="Ada Huber").citizen

    page = client.get(form.url, {"who": "huber"} | _query(form.url))
    filled = client.get(form.url, {"person": before.pk} | _query(form.url))
    unknown = client.get(form.url, {"person": stranger.pk} | _query(form.url))

    assert page.context["people"] == [before]
    assert filled.context["form"]["name"].value() == "Ädä Hüber"
    assert filled.context["form"]["phone"].value() == "+498923300"
    assert unknown.context["form"]["name"].value() is None


def _query(url):
    return {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}


def test_a_repeat_caller_stays_a_guest_of_one_booking(client, secretary, offered):
    before = AppointmentFactory(offered=offered, citizen__email="ada@example.org")
    form = take(client, offered, tomorrow_at(offered.office, time(11)))

    client.post(form.url, ADA)

    assert Citizen.objects.filter(email="ada@example.org").count() == 2
    assert Citizen.objects.get(pk=before.citizen_id).appointments.count() == 1


def test_a_time_lost_meanwhile_is_refused(client, secretary, offered):
    start = tomorrow_at(offered.office)
    form = take(client, offered, start)
    Hold.objects.all().delete()
    offered.office.hosts.get().days.update(claimed=0)
    AppointmentFactory(offered=offered, starts_at=start)

    response = client.post(form.url, ADA)

    assert response.status_code == 409
    assert "could not keep that time" in response.text
    assert Appointment.objects.count() == 1


def test_an_address_without_a_time_leads_to_the_beginning(client, secretary, offered):
    response = client.get(reverse("admin:book_details"))

    assert response.url == BOOK


# --- beyond the rules ---


def beyond(offered, days, clock):
    """What is typed for a time that breaks a rule."""
    return local_text(offered.office, days, clock)


@pytest.mark.parametrize(
    ("days", "clock", "rules"),
    [
        (1, "19:00", ["This is outside the hours of everybody who serves this."]),
        (
            9,
            "09:00",
            [
                "This is further ahead than the 3 days that can be booked.",
                "This is outside the hours of everybody who serves this.",
            ],
        ),
    ],
)
def test_a_manager_goes_beyond_the_rules_with_a_reason(
    client, manager, offered, days, clock, rules
):
    form = type_time(client, offered, beyond(offered, days, clock))
    warned = client.get(form.url)
    asked = client.post(form.url, ADA)
    empty = client.post(form.url, {**ADA, "override": " "})
    none_yet = Appointment.objects.count()
    client.post(form.url, {**ADA, **WHY})

    assert warned.context["form"].broken == rules
    assert asked.status_code == 409
    assert list(empty.context["form"].errors) == ["override"]
    assert none_yet == 0
    event = Appointment.objects.get().events.get()
    assert (event.override, event.actor) == ("The mayor asked", manager)


def test_the_lead_time_is_a_rule_too(client, manager, offered):
    offered.office.lead_time = timedelta(days=2)
    offered.office.save()

    form = type_time(client, offered, beyond(offered, 1, "09:00"))
    warned = client.get(form.url)
    client.post(form.url, {**ADA, **WHY})

    assert len(warned.context["form"].broken) == 1
    assert "lead time" in warned.context["form"].broken[0]
    assert Appointment.objects.get().events.get().override == "The mayor asked"


def test_the_limit_is_a_rule_too(client, manager, offered):
    offered.office.max_open_appointments = 1
    offered.office.save()
    AppointmentFactory(offered=offered, citizen__email="ada@example.org")
    form = take(client, offered, tomorrow_at(offered.office, time(11)))

    warned = client.post(form.url, ADA)
    client.post(form.url, {**ADA, **WHY})

    assert warned.context["form"].broken == [
        "This address has as many open appointments as may be: 1."
    ]
    assert Appointment.objects.count() == 2


def test_a_secretary_does_not_go_beyond_the_rules(client, secretary, offered):
    refused = type_time(client, offered, beyond(offered, 1, "19:00"))
    form = take(client, offered, tomorrow_at(offered.office))
    forced = form.url.replace("T09%3A00", "T19%3A00")

    plain = client.post(forced, ADA)
    sly = client.post(forced, {**ADA, **WHY})

    assert refused.status_code == 409
    assert "outside the opening hours" in refused.text
    assert (plain.status_code, plain.context["form"].broken) == (409, ())
    assert sly.status_code == 403
    assert Appointment.objects.count() == 0


def test_nobody_books_over_another_appointment(client, manager, offered):
    start = tomorrow_at(offered.office)
    AppointmentFactory(offered=offered, starts_at=start)
    free = take(client, offered, tomorrow_at(offered.office, time(11)))

    typed = type_time(client, offered, beyond(offered, 1, "09:00"))
    forced = client.post(
        free.url.replace("T11%3A00", "T09%3A00"), {**ADA, **WHY, "hold": ""}
    )

    assert (typed.status_code, forced.status_code) == (409, 409)
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("clock", ["09:07", "00:00"])
def test_a_time_that_cannot_be_is_refused_to_all(client, manager, offered, clock):
    days = {"09:07": 1, "00:00": 0}[clock]

    response = type_time(client, offered, beyond(offered, days, clock))

    assert response.status_code == 409


def test_what_is_no_time_is_said(client, manager, offered):
    response = type_time(client, offered, "soon")

    assert response.status_code == 422
    assert "Enter a day and a time like" in response.text


# --- who may ---


def test_a_host_does_not_book(client, office, offered):
    sign_in(client, office, Role.HOST)

    assert client.get(BOOK).status_code == 403
    assert take(client, offered, tomorrow_at(office)).status_code == 403
    assert Hold.objects.count() == 0


def test_nothing_of_another_office(client, office, offered):
    other = OfficeServiceFactory()
    sign_in(client, other.office, Role.MANAGER)
    booked = AppointmentFactory(offered=offered)

    inside = {"service": offered.service_id, "office": other.office.slug}
    assert take(client, offered, tomorrow_at(office)).status_code == 404
    assert client.post(BOOK, inside).status_code == 422
    assert client.get(reverse("admin:booked", args=[booked.pk])).status_code == 404
    assert Appointment.objects.count() == 1


def test_thirty_cost_no_more_than_one(client, secretary, offered):
    def count(page):
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    day = (offered.office.today() + timedelta(days=2)).isoformat()
    form = take(client, offered, tomorrow_at(offered.office, time(15, 45))).url
    pages = [BOOK, times_page(offered, day=day), f"{form}&who=Citizen"]
    AppointmentFactory(offered=offered)
    with_one = [count(page) for page in pages]
    for _ in range(29):
        OfficeServiceFactory(office=offered.office)
        OpenHostFactory(office=offered.office)
        AppointmentFactory(offered=offered)

    assert [count(page) for page in pages] == with_one
    assert with_one == [9, 12, 15]


@pytest.mark.parametrize("phone", ["+353 20 912 6650", "+353209126650", "ask Ada, 12"])
def test_a_stored_phone_number_that_is_left_as_it_is_will_do(
    client, secretary, offered, phone
):
    """Of somebody who has been here before; also one that an import brought."""
    known = AppointmentFactory(
        offered=offered, citizen=CitizenFactory(name="Ada", phone=phone)
    ).citizen
    later = tomorrow_at(offered.office) + timedelta(hours=2)
    form_url = take(client, offered, later).url
    path = f"{form_url}&person={known.pk}"
    form = client.get(path).context["form"]
    assert form["phone"].value() == phone

    response = client.post(path, {**ADA, "phone": phone})

    assert response.status_code == 302
    assert Citizen.objects.latest("pk").phone in (phone, phone.replace(" ", ""))
