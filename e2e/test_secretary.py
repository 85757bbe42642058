"""A secretary's morning: books on the telephone, decides requests, moves somebody."""

from datetime import timedelta

import pytest
import time_machine

from accounts.tests.factories import UserFactory
from appointments.models import Appointment
from appointments.states import Channel, Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.pages import NOW
from availability.models import Hold
from availability.tests.factories import OpenHostFactory
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "larks over the harbour"
DESKTOP = {"width": 1280, "height": 900}
NINE_TOMORROW = NOW.replace(hour=8) + timedelta(days=1)  # in Berlin, in winter


@pytest.fixture(autouse=True)
def _tuesday_in_march():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def offered():
    offered = OfficeServiceFactory(
        office__name="Town hall",
        office__slug="town-hall",
        office__approval_required=True,
        service__name="Passport renewal",
    )
    OpenHostFactory(office=offered.office, name="Counter 1")
    OpenHostFactory(office=offered.office, name="Counter 2")
    return offered


@pytest.fixture
def secretary(offered):
    user = UserFactory(email="yuki@example.org", password=PASSWORD)
    MembershipFactory(office=offered.office, user=user, role=Role.SECRETARY)
    return user


def sign_in(page, work):
    """In a browser, to a page for work."""
    page.goto(f"/admin/login/?next={work}")
    page.get_by_label("E-mail address").fill("yuki@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def request_by(name, offered, starts_at):
    citizen = CitizenFactory(name=name)
    return AppointmentFactory(
        offered=offered, citizen=citizen, by=citizen, starts_at=starts_at
    )


def main(page):
    return page.locator("#content").inner_text()


def test_a_secretary_books_by_telephone_with_the_keyboard_alone(
    new_page, offered, secretary
):
    page = new_page(viewport=DESKTOP)
    sign_in(page, "/admin/book/")
    page.get_by_label("Service").focus()
    page.keyboard.type("Pass")
    page.get_by_role("button", name="Take the next free time").press("Enter")
    assert Hold.objects.count() == 1
    page.get_by_label("Name", exact=True).fill("Ada Huber")
    page.get_by_label("Phone number").fill("089 23300")
    page.get_by_label("Phone number").press("Enter")

    appointment = Appointment.objects.select_related("citizen").get()
    assert appointment.reference in main(page)
    assert (appointment.channel, appointment.status, appointment.citizen.phone) == (
        Channel.STAFF,
        Status.CONFIRMED,
        "+498923300",
    )
    assert Hold.objects.count() == 0

    # The caller rings again: found by the number, and moved.
    box = page.get_by_label("Name, e-mail, phone or reference")
    box.fill("089-233 00")
    box.press("Enter")
    page.get_by_role("link", name="Ada Huber").click()
    page.get_by_role("link", name="Move appointment").click()
    page.get_by_text("Today, 10:15").click()
    page.get_by_label("Reason").fill("The counter closes")
    page.get_by_role("button", name="Move appointment").click()

    before = appointment.starts_at
    appointment.refresh_from_db()
    assert "Today, 10:15" in main(page)
    assert "The counter closes" in main(page)
    assert appointment.starts_at > before


def test_a_secretary_decides_on_requests(new_page, offered, secretary):
    page = new_page(viewport=DESKTOP, java_script_enabled=False)
    times = [NINE_TOMORROW + timedelta(hours=n) for n in range(3)]
    ada, ben, eve = (
        request_by(name, offered, start)
        for name, start in zip(["Ada", "Ben", "Eve"], times, strict=True)
    )
    sign_in(page, "/admin/requests/")

    # One at another time, one refused, the rest approved.
    page.get_by_role("link", name="Other time for Ada").click()
    page.get_by_text("Tomorrow, 09:30").click()
    page.get_by_role("button", name="Grant at this time").click()
    page.get_by_label("Ben, Tomorrow, 10:00").check()
    page.get_by_role("button", name="Deny").click()
    assert "Say why" in main(page)
    page.get_by_label("Reason, if you deny").fill("Come to the other office")
    page.get_by_role("button", name="Deny").click()
    page.get_by_label("All of these").check()
    page.get_by_role("button", name="Approve").click()

    assert "Nothing waits for a decision." in main(page)
    rows = Appointment.objects.order_by("starts_at")
    assert [(row.pk, row.status) for row in rows] == [
        (ada.pk, Status.CONFIRMED),
        (ben.pk, Status.DENIED),
        (eve.pk, Status.CONFIRMED),
    ]
    ada.refresh_from_db()
    assert ada.starts_at == NINE_TOMORROW + timedelta(minutes=30)
