"""The language of whoever comes, on all that an appointment says to them."""

from http.cookies import SimpleCookie

import pytest
import time_machine
from django.conf import settings
from django.utils import translation
from icalendar import Calendar

from accounts.tests.factories import UserFactory
from appointments import feeds
from appointments.calendar import calendar_file
from appointments.door import keys
from appointments.models import Appointment, CalendarFeed
from appointments.tests.factories import AppointmentFactory
from appointments.tests.pages import NOW, book, own_path, path, times_path, town_hall
from offices.roles import Role
from offices.tests.factories import ClosureFactory, MembershipFactory

pytestmark = pytest.mark.django_db

FRENCH = {"HTTP_ACCEPT_LANGUAGE": "fr"}
IN_GERMAN = '<span lang="de" dir="ltr">'


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        yield


@pytest.fixture
def offered():
    """A German office that says some things in French, and in Arabic nothing."""
    return town_hall(
        office__name="Rathaus",
        office__language="de",
        office__name_translations={"fr": "Mairie"},
        office__accessibility="Aufzug",
        office__description="<p>Am Markt</p>",
        office__description_translations={"fr": "<p>Sur la place</p>"},
        service__name="Reisepass",
        service__language="de",
        service__name_translations={"fr": "Passeport & voyage", "en": "Passport"},
        service__what_to_bring="<p>ein Foto</p>",
        service__what_to_bring_translations={"fr": "<p>une photo</p>"},
    )


def visit(offered, **fields):
    return AppointmentFactory(offered=offered, **fields)


def choose(client, language):
    client.cookies = SimpleCookie({settings.LANGUAGE_COOKIE_NAME: language})


# --- Finding ---


def test_the_pages_of_an_office_and_a_service_are_in_the_readers_language(
    client, offered
):
    office = client.get("/offices/town-hall/", **FRENCH)
    service = client.get("/services/passport/", **FRENCH)

    assert "<title>Mairie –" in office.text
    assert '<h1 class="heading__title">Mairie</h1>' in office.text
    assert "<p>Sur la place</p>" in office.text
    assert '<span class="rows__label">Passeport &amp; voyage</span>' in office.text
    assert f"<li>{IN_GERMAN}Aufzug</span></li>" in office.text
    assert "<title>Passeport &amp; voyage –" in service.text
    assert "<p>une photo</p>" in service.text
    assert "Reisepass" not in office.text + service.text


def test_what_is_not_translated_says_its_language(client, offered):
    arabic = {"HTTP_ACCEPT_LANGUAGE": "ar"}

    office = client.get("/offices/town-hall/", **arabic)
    service = client.get("/services/passport/", **arabic)

    assert '<html lang="ar" dir="rtl">' in office.text
    assert f'<h1 class="heading__title">{IN_GERMAN}Rathaus</span></h1>' in office.text
    # At a German office in German, though on a page of its own in the site's language.
    assert f'class="rows__label">{IN_GERMAN}Reisepass</span>' in office.text
    assert '<div lang="de" dir="ltr"><p>Am Markt</p></div>' in office.text
    assert '<span lang="en" dir="ltr">Passport</span></h1>' in service.text
    assert '<div lang="de" dir="ltr"><p>ein Foto</p></div>' in service.text
    assert "<title>Passport –" in service.text


def test_why_an_office_is_closed_is_told_in_the_readers_language(client, offered):
    ClosureFactory(
        office=offered.office,
        starts_at=NOW,
        ends_at=NOW.replace(hour=20),
        reason="Umzug",
        reason_translations={"fr": "Déménagement"},
    )

    assert "Déménagement" in client.get("/offices/town-hall/", **FRENCH).text
    page = client.get("/offices/town-hall/", HTTP_ACCEPT_LANGUAGE="es")
    assert f"{IN_GERMAN}Umzug</span>" in page.text


# --- Booking, and afterwards ---


def test_who_books_in_french_has_it_in_french_from_then_on(client, offered):
    choose(client, "fr")
    times = client.get(times_path(offered, "2030-03-13"))
    address = book(client, offered)
    client.cookies.clear()

    page = client.get(address, HTTP_ACCEPT_LANGUAGE="en")

    assert '<p class="heading__caption">Passeport &amp; voyage</p>' in times.text
    assert Appointment.objects.get().language == "fr"
    assert '<html lang="fr" dir="ltr">' in page.text
    assert page.headers["Content-Language"] == "fr"
    assert "Mairie" in page.text
    assert "<p>une photo</p>" in page.text


@pytest.mark.parametrize("name", ["manage", "confirmation", "cancel", "move"])
def test_pages_by_link_are_in_the_appointments_language(client, offered, name):
    link = own_path(name, visit(offered, language="fr"))

    assert '<html lang="fr"' in client.get(link, HTTP_ACCEPT_LANGUAGE="es").text
    choose(client, "es")
    assert '<html lang="es"' in client.get(link, HTTP_ACCEPT_LANGUAGE="de").text


@pytest.mark.parametrize("language", ["", "xx"])
def test_without_a_language_that_there_is_the_browser_says_it(
    client, offered, language
):
    link = own_path("manage", visit(offered, language=language))

    assert '<html lang="es"' in client.get(link, HTTP_ACCEPT_LANGUAGE="es").text


def test_the_calendar_file_is_in_the_language_of_the_link(client, offered):
    appointment = visit(offered, language="fr")

    file = client.get(own_path("calendar", appointment), HTTP_ACCEPT_LANGUAGE="en")

    event = Calendar.from_ical(file.content).walk("VEVENT")[0]
    assert event["summary"] == "Passeport & voyage – Mairie"
    assert event["location"].startswith("Mairie, ")
    with translation.override("ar"):
        assert "Reisepass – Rathaus" in calendar_file(appointment).decode()


@pytest.mark.parametrize(
    ("spoken", "summary"), [("fr", "Passeport"), ("", "Reisepass")]
)
def test_a_feed_is_in_the_language_of_its_user_else_of_the_office(
    client, offered, spoken, summary
):
    user = UserFactory(language=spoken)
    MembershipFactory(user=user, office=offered.office, role=Role.RECEPTION)
    feed = CalendarFeed.objects.create(user=user, office=offered.office)
    visit(offered)

    response = client.get(feeds.url_for(feed).removeprefix(settings.FRONTEND_HOST))

    assert f"SUMMARY:{summary}" in response.text


# --- At the door ---


def test_screen_and_tablet_are_in_the_language_of_the_office(client, offered):
    office = offered.office
    office.tablet_key = "0198c0de-5f3c-4b1e-9f6b-2f9d1f4e8a11"
    office.save()
    office.refresh_from_db()
    pages = [
        path("display", office.slug),
        path("tablet", office.slug, keys.token_for(office)),
    ]

    usual = [client.get(page, HTTP_ACCEPT_LANGUAGE="en").text for page in pages]
    choose(client, "fr")
    chosen = [client.get(page).text for page in pages]

    assert ['<html lang="de"' in text and "Rathaus" in text for text in usual] == [
        True,
        True,
    ]
    assert ['<html lang="fr"' in text and "Mairie" in text for text in chosen] == [
        True,
        True,
    ]
