"""A host's day: sees whom it brings, serves one, marks another, takes that back."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.pages import town_hall
from e2e.staff import DESKTOP, PASSWORD, main, sign_in
from offices.roles import Role
from offices.tests.factories import MembershipFactory

NINE = datetime(2030, 3, 12, 8, tzinfo=UTC)  # of a Tuesday, in Berlin
CHANGES = ["Change hours", "Add hours", "Change 08:00", "Time off", "Copy"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock():
    with time_machine.travel(NINE - timedelta(days=1)) as traveller:
        yield traveller


@pytest.fixture
def host(clock):
    """The counter of somebody who has Ada at nine, who waits, and Bo later."""
    offered = town_hall()
    user = UserFactory(email="robin@example.org", password=PASSWORD)
    MembershipFactory(office=offered.office, user=user, role=Role.HOST)
    host = offered.office.hosts.get()
    host.user = user
    host.save()
    for name, minutes in [("Ada", 0), ("Bo", 15)]:
        AppointmentFactory(
            offered=offered,
            citizen=CitizenFactory(name=name),
            starts_at=NINE + timedelta(minutes=minutes),
        )
    clock.move_to(NINE + timedelta(minutes=1))
    operations.check_in(appointment_of("Ada"), by=None)
    return host


@pytest.fixture(params=["with JavaScript", "without"])
def page(request, new_page):
    return new_page(
        viewport=DESKTOP, java_script_enabled=request.param == "with JavaScript"
    )


def appointment_of(name):
    return Appointment.objects.get(citizen__name=name)


def press(page, button, said):
    """Press a button of the day, and wait until it is said that it is done."""
    page.locator("#desk-day").get_by_role("button", name=button).click()
    page.locator(".messagelist").filter(has_text=said).wait_for()


def test_a_day_of_a_host(page, host, clock):
    sign_in(page, "robin@example.org")
    own = page.locator(".own li").all_inner_texts()
    assert [("Ada" in line, "Bo" in line) for line in own] == [
        (True, False),
        (False, True),
    ]

    # Serves who waits: the desk knows where the host sits.
    page.get_by_role("link", name="Desk", exact=True).click()
    page.locator(".desk__next").get_by_role("button", name="Call next").click()
    page.locator(".messagelist").filter(has_text="called to").wait_for()
    assert appointment_of("Ada").called_to == host
    press(page, "Start Ada", "started")
    press(page, "Complete Ada", "completed")
    assert appointment_of("Ada").status == Status.COMPLETED

    # Marks who has not come; then they come after all.
    clock.move_to(NINE + timedelta(minutes=30))
    page.goto("/admin/desk/")
    day = page.locator("#desk-day")
    day.locator("summary", has_text="More for Bo").click()
    press(page, "Did not come Bo", "marked as not having come")
    assert appointment_of("Bo").status == Status.NO_SHOW
    day.locator("summary", has_text="are over").click()
    press(page, "Has come after all Bo", "taken back")
    assert appointment_of("Bo").status == Status.CONFIRMED


def test_a_host_sees_the_calendar_and_changes_nothing_in_it(page, host):
    sign_in(page, "robin@example.org", "/admin/calendar/")
    page.get_by_role("link", name="My own week").click()

    shown = main(page)

    assert ("Ada" in shown, "Bo" in shown) == (True, True)
    assert [word for word in CHANGES if word in shown] == []
    links = page.locator("#content a").evaluate_all("all => all.map(one => one.href)")
    assert [link for link in links if "/time-off/" in link or "/hours/" in link] == []
