"""The desk in real browsers: two clerks at once, and a morning at the reception."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.pages import town_hall
from offices.roles import Role
from offices.tests.factories import MembershipFactory

NINE = datetime(2030, 3, 12, 8, tzinfo=UTC)  # of a Tuesday, in Berlin
DESKTOP = {"width": 1280, "height": 900}
SOON = 5000  # milliseconds in which each screen shows a change

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def offered():
    """Passports at a town hall with two counters; three have an appointment."""
    with time_machine.travel(NINE - timedelta(days=1)) as traveller:
        offered = town_hall(hosts=2)
        for name, minutes in [("Ada", 0), ("Bo", 15), ("Cy", 30)]:
            AppointmentFactory(
                offered=offered,
                citizen=CitizenFactory(name=name),
                starts_at=NINE + timedelta(minutes=minutes),
            )
        traveller.move_to(NINE + timedelta(minutes=5))
        yield offered


@pytest.fixture
def clerk(new_page, live_server, offered):
    """Sign somebody in at the desk, in a browser of their own."""

    def sign_in(role=Role.RECEPTION, **options):
        client = Client()
        client.force_login(MembershipFactory(office=offered.office, role=role).user)
        session = {
            "name": settings.SESSION_COOKIE_NAME,
            "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
            "url": live_server.url,
        }
        page = new_page(**{"viewport": DESKTOP} | options)
        page.context.add_cookies([session])
        page.complaints = []
        page.on("console", lambda line: page.complaints.append(line.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto("/admin/desk/")
        expect(page.get_by_role("heading", name="Desk", exact=True)).to_be_visible()
        return page

    return sign_in


def appointment_of(name):
    return Appointment.objects.get(citizen__name=name)


def check_in(page, reference):
    page.get_by_label(re.compile("^Check in")).fill(reference)
    page.keyboard.press("Enter")  # as a scanner does


def said(page):
    return page.locator(".messagelist").inner_text()


def test_two_clerks_who_call_at_once_call_two_people(clerk, offered):
    first, second = clerk(), clerk(role=Role.HOST)
    for name in ("Ada", "Bo"):
        check_in(first, appointment_of(name).reference)
    hosts = offered.office.hosts.all()
    for page, host in zip((first, second), hosts, strict=True):
        page.get_by_label("I serve at").select_option(host.name)

    press = "document.querySelector('.desk__next button').click()"
    for page in (first, second):
        page.evaluate(f"setTimeout(() => {press}, 500)")
    for page in (first, second):
        page.locator(".messagelist").filter(has_text="called to").wait_for()

    called = Appointment.objects.filter(called_at__isnull=False)
    assert set(called.values_list("citizen__name", flat=True)) == {"Ada", "Bo"}
    assert {each.called_to for each in called} == set(hosts)
    assert first.complaints == second.complaints == []


def test_what_one_does_the_other_sees_without_reloading(clerk, offered):
    here, there = clerk(), clerk()
    there.get_by_label(re.compile("^Check in")).fill("half a na")
    there.locator("summary", has_text="Walk-in").click()
    there.get_by_label("Name, if they like").fill("Somebody")

    check_in(here, appointment_of("Bo").reference)

    waiting = there.locator("#desk-queue .visit", has_text="Bo")
    expect(waiting).to_be_visible(timeout=SOON)
    here.locator("#desk-queue").get_by_role(
        "button", name=re.compile("Call to")
    ).click()
    expect(waiting).to_contain_text("Called to", timeout=SOON)
    expect(there.get_by_role("status")).to_contain_text("Ticket 1 called to")
    expect(there.get_by_label(re.compile("^Check in"))).to_have_value("half a na")
    expect(there.get_by_label("Name, if they like")).to_have_value("Somebody")
    expect(there.get_by_label("Name, if they like")).to_be_focused()
    assert here.complaints == there.complaints == []


def test_what_is_unfolded_and_focused_stays_so(clerk, offered):
    here, there = clerk(), clerk()
    card = there.locator("#desk-day .visit", has_text="Cy")
    card.locator("summary").click()
    card.get_by_role("combobox").focus()

    check_in(here, appointment_of("Ada").reference)

    expect(there.locator("#desk-queue")).to_contain_text("Ada", timeout=SOON)
    expect(card.get_by_role("combobox")).to_be_focused()


def test_a_morning_at_the_reception(clerk, offered):
    page = clerk()

    check_in(page, appointment_of("Ada").reference)
    assert said(page) == "Ada: ticket 1."

    page.locator("summary", has_text="Walk-in").click()
    page.get_by_label("Service").select_option("Passport")
    page.get_by_role("button", name="Give a ticket").click()
    expect(page.locator(".ticket__number")).to_have_text("2")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.get_by_role("link", name="Back to the desk").click()
    expect(page.locator("#desk-queue .visit")).to_have_count(2)

    counter = offered.office.hosts.first()
    page.get_by_label("I serve at").select_option(counter.name)
    page.locator(".desk__next").get_by_role("button").click()
    page.locator(".messagelist").filter(has_text="called to").wait_for()
    assert said(page) == f"Ada: ticket 1 called to {counter.name}."
    queue = page.locator("#desk-queue")
    queue.get_by_role("button", name="Start Ada").click()
    page.locator(".messagelist").filter(has_text="started").wait_for()
    day = page.locator("#desk-day")
    day.get_by_role("button", name="Complete Ada").click()
    page.locator(".messagelist").filter(has_text="completed").wait_for()
    assert appointment_of("Ada").status == Status.COMPLETED
    assert page.complaints == []


def test_the_desk_works_without_javascript(clerk, offered):
    page = clerk(java_script_enabled=False)

    check_in(page, "bo")
    page.locator("#desk-queue").get_by_role("button", name="Check in Bo").click()
    assert said(page) == "Bo: ticket 1."
    page.locator("#desk-queue").get_by_role(
        "button", name=re.compile("Call to")
    ).click()
    assert "called to" in said(page)
    page.get_by_role("link", name="Refresh").click()

    assert appointment_of("Bo").called_at is not None


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("view", ["", "?view=list"])
def test_nothing_is_wider_than_the_screen(clerk, offered, width, view):
    long_name = "Wolfeschlegelsteinhausenbergerdorff-Donaudampfschifffahrt"
    CitizenFactory._meta.model.objects.filter(name="Ada").update(name=long_name)
    page = clerk(viewport={"width": width, "height": 844})

    page.goto(f"/admin/desk/{view}")
    page.locator("#desk-day summary").first.click()

    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0
