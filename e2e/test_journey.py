"""The whole journey of a citizen, on a phone and without JavaScript."""

import re
from datetime import timedelta

import pytest
import time_machine

from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.pages import NOW
from availability.models import Hold
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import OfficeServiceFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _tuesday_in_march():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def offered():
    """Passports at a town hall with two counters, twenty minutes each."""
    offered = OfficeServiceFactory(
        office__name="Town hall",
        office__slug="town-hall",
        service__name="Passport renewal",
        service__code="passport",
        service__duration=timedelta(minutes=20),
        service__what_to_bring="<ul><li>Your old passport</li></ul>",
    )
    OpenHostFactory.create_batch(2, office=offered.office)
    return offered


def test_a_citizen_finds_books_moves_and_cancels(page_without_js, offered):
    page = page_without_js

    # Finds the service, and the office with the soonest time.
    page.goto("/")
    page.get_by_role("searchbox").fill("pasport")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Passport renewal").click()
    page.get_by_role("link", name="Town hall").click()

    # Chooses a day and a time, which is held.
    assert heading(page) == "Which day suits you?"
    page.locator("a.day--free").nth(1).click()
    assert heading(page) == "What time suits you?"
    page.get_by_role("button", name="09:30", exact=True).click()

    # Says who comes; forgets the address at first.
    assert heading(page) == "Who is coming?"
    assert Hold.objects.count() == 1
    page.get_by_label("Your name").fill("Ada Example")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Enter your e-mail address.").click()
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    page.get_by_role("button", name="Continue").click()

    # Checks, corrects the name, and books.
    assert heading(page) == "Check your answers"
    page.get_by_role("button", name=re.compile("Change.*Your name")).click()
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Book appointment").click()

    assert heading(page) == "Your appointment is booked"
    appointment = Appointment.objects.select_related("citizen").get()
    assert appointment.reference in page.locator(".panel").inner_text()
    assert "Your old passport" in page.locator("main").inner_text()
    assert "print this page" in page.locator("main").inner_text()
    assert (appointment.status, appointment.citizen.name) == (
        Status.CONFIRMED,
        "Ada Lovelace",
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to calendar").click()
    assert download.value.suggested_filename == (
        f"appointment-{appointment.reference}.ics"
    )

    # Moves it by a day.
    page.get_by_role("link", name="See, move or cancel").click()
    page.get_by_role("link", name="Move appointment").click()
    page.locator("a.day--free").nth(2).click()
    page.get_by_role("button", name="10:15", exact=True).click()
    assert heading(page) == "Move your appointment to this time?"
    page.get_by_role("button", name="Move appointment").click()
    assert "Your appointment is moved." in page.locator("main").inner_text()
    before = appointment.starts_at
    appointment.refresh_from_db()
    assert appointment.starts_at == before + timedelta(days=1, minutes=45)

    # Finds it again without the link, and cancels.
    page.get_by_role("link", name="My appointment").click()
    page.get_by_label("Your reference").fill(appointment.reference.lower())
    page.get_by_label("The e-mail address you gave").fill("ADA@example.org")
    page.get_by_role("button", name="Find appointment").click()
    page.get_by_role("link", name="Cancel appointment").click()
    page.get_by_label(re.compile("Why do you cancel")).fill("I have the flu.")
    page.get_by_role("button", name="Cancel appointment").click()
    assert "Your appointment is cancelled." in page.locator("main").inner_text()
    appointment.refresh_from_db()
    assert appointment.status == Status.CANCELLED
    assert not Hold.objects.exists()

    # And was known by nothing but the form's token and the held time's owner.
    cookies = {cookie["name"] for cookie in page.context.cookies()}
    assert cookies == {"csrftoken", "holder"}


def test_two_browsers_want_the_same_time(new_page, offered):
    offered.office.hosts.last().delete()
    first = new_page(java_script_enabled=False)
    second = new_page(java_script_enabled=False)
    for page in (first, second):
        page.goto("/book/town-hall/passport/")
        page.locator("a.day--free").nth(1).click()

    first.get_by_role("button", name="09:30", exact=True).click()
    second.get_by_role("button", name="09:30", exact=True).click()

    assert heading(first) == "Who is coming?"
    assert "That time has just been taken." in second.get_by_role("alert").inner_text()
    second.locator("button.slot").first.click()
    assert heading(second) == "Who is coming?"
    assert Hold.objects.count() == 2


def heading(page):
    return page.get_by_role("heading", level=1).inner_text()
