"""A manager closes a day on which twelve people have appointments."""

from datetime import timedelta

import pytest
import time_machine

from accounts.tests.factories import UserFactory
from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.pages import NOW
from availability.models import Hold
from availability.tests.factories import OpenHostFactory
from notifications.models import Message
from offices.models import Closure
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "larks over the harbour"
DESKTOP = {"width": 1280, "height": 900}
DAY = timedelta(days=1)
EIGHT_TOMORROW = NOW + DAY  # in Berlin
QUARTER = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def _tuesday_in_march():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def appointments():
    """Six at each of two counters tomorrow morning; every third has no e-mail."""
    offered = OfficeServiceFactory(
        office__name="Town hall",
        office__slug="town-hall",
        service__name="Passport renewal",
    )
    hosts = [OpenHostFactory(office=offered.office, name=f"Counter {n}") for n in "12"]
    manager = UserFactory(email="mara@example.org", password=PASSWORD)
    MembershipFactory(office=offered.office, user=manager, role=Role.MANAGER)
    return [
        AppointmentFactory(
            offered=offered,
            host=hosts[n % 2],
            starts_at=EIGHT_TOMORROW + n // 2 * QUARTER,
            citizen__name=f"Citizen {n + 1}",
            citizen__email="" if n % 3 == 0 else f"citizen{n + 1}@example.org",
            citizen__phone=f"030 90182{n:02}",
        )
        for n in range(12)
    ]


@pytest.fixture(params=["with JavaScript", "without"])
def page(request, new_page):
    return new_page(
        viewport=DESKTOP, java_script_enabled=request.param == "with JavaScript"
    )


def main(page):
    return page.locator("#content").inner_text()


def test_a_manager_closes_a_day_with_twelve_appointments(page, appointments):
    page.goto("/admin/login/?next=/admin/calendar/time-off/")
    page.get_by_label("E-mail address").fill("mara@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    # Says when; is shown whom it hurts, and that nothing has been saved.
    page.get_by_label("First day").fill("2030-03-13")
    page.get_by_label("Reason").fill("Staff training")
    page.get_by_role("button", name="Save").click()
    assert "12 appointments would be without hours." in main(page)
    assert "Citizen 12" in main(page)
    assert not Closure.objects.filter(reason="Staff training").exists()
    choices = page.locator("select[name^=choice-]")
    assert choices.count() == 12
    assert Hold.objects.count() == 36

    # Sets all alike, then three otherwise.
    page.get_by_role("button", name="Cancel all").click()
    assert set(choices.evaluate_all("all => all.map(one => one.value)")) == {"cancel"}
    page.get_by_role("button", name="Move all").click()
    choices.nth(10).select_option("cancel")
    choices.nth(11).select_option("leave")
    to_the_second = choices.nth(9).locator("option").nth(1).get_attribute("value")
    choices.nth(9).select_option(to_the_second)
    reason = page.get_by_label("What the citizens read as the reason")
    assert reason.input_value() == "The office is closed at that time: Staff training"
    reason.fill("We are at a training.")
    page.get_by_role("button", name="Save, and do all this").click()

    # All of it is done, and who is to be called is listed.
    assert page.get_by_role("heading", name="Please call").is_visible()
    counts = page.locator(".impact-result dd").all_inner_texts()
    assert counts == ["10", "0", "1", "1", "7", "4"]
    calls = page.locator(".impact-calls tbody tr")
    assert calls.count() == 4
    assert "Citizen 1" in calls.nth(0).inner_text()
    assert "030 9018200" in calls.nth(0).inner_text()
    assert "Moved to Thu 14 March, 08:00" in calls.nth(0).inner_text()
    assert Closure.objects.filter(reason="Staff training").exists()
    moved = Appointment.objects.filter(starts_at__gte=EIGHT_TOMORROW + DAY)
    assert moved.count() == 10
    assert Appointment.objects.filter(status=Status.CANCELLED).count() == 1
    assert Message.objects.filter(kind__in=["postponed", "cancelled"]).count() == 7
    assert not Hold.objects.exists()

    # The calendar is where it ends, and the list can be found again.
    page.get_by_role("link", name="Call list").click()
    assert page.locator(".impact-calls tbody tr").count() == 4
    page.go_back()
    page.get_by_role("link", name="Go on").click()
    assert "/admin/calendar/" in page.url
