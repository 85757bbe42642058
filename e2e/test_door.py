"""The screen and the tablet at the door, in a browser."""

from datetime import timedelta

import pytest
import time_machine

from appointments import operations
from appointments.door import keys
from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.pages import NOW
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import OfficeServiceFactory

TELEVISION = {"width": 1920, "height": 1080}
SCREEN_ASKS_EVERY, TABLET_FORGETS_AFTER = 4000, 20_000  # milliseconds

# A camera that sees one code, where the browser has none.
CAMERA = """
    window.BarcodeDetector = class {
        async detect() { return [{ rawValue: "%s" }]; }
    };
    navigator.mediaDevices.getUserMedia = async () => {
        const canvas = document.createElement("canvas");
        canvas.getContext("2d").fillRect(0, 0, 8, 8);
        return canvas.captureStream(10);
    };
"""
BROKEN_CAMERA = """
    window.BarcodeDetector = class {};
    navigator.mediaDevices.getUserMedia = async () => { throw new Error("None"); };
"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _tuesday_in_march():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def visits():
    """Two people who come to a town hall soon, to two rooms."""
    offered = OfficeServiceFactory(office__slug="town-hall")
    for room in ("Room 1", "Room 2"):
        OpenHostFactory(office=offered.office, place=room)
    return [
        AppointmentFactory(
            offered=offered, host=host, starts_at=NOW + QUARTER, override="x"
        )
        for host in offered.office.hosts.order_by("place")
    ]


@pytest.fixture
def tablet(visits):
    office = operations.make_tablet_key(visits[0].office, by=None)
    return keys.url_for(office).removeprefix("http://localhost:8000")


def call(visit):
    operations.call(operations.check_in(visit, by=None), by=None)


def newest(page):
    return page.locator(".call--newest")


def test_a_call_is_on_the_screen_without_a_reload(new_page, visits):
    page = new_page(viewport=TELEVISION)
    page.clock.install()
    page.goto("/offices/town-hall/display/")
    page.evaluate("window.isTheSamePage = true")
    page.get_by_text("Please wait. Your number will appear here.").wait_for()

    call(visits[0])
    page.clock.fast_forward(SCREEN_ASKS_EVERY)
    newest(page).get_by_text("Room 1").wait_for(timeout=6000)
    call(visits[1])
    page.clock.fast_forward(SCREEN_ASKS_EVERY)
    newest(page).get_by_text("Room 2").wait_for(timeout=6000)

    assert page.locator("li.call .call__place").all_inner_texts() == ["Room 1"]
    assert page.evaluate("window.isTheSamePage")
    assert page.context.cookies() == []


def test_the_screen_can_be_read_from_six_metres(new_page, visits):
    """From there a letter wants 2 cm: on a television of 43 inches, whose letters
    are 0.7 of their type, that is a type of 58 pixels.
    """
    for visit in visits:
        call(visit)
    page = new_page(viewport=TELEVISION)
    page.goto("/offices/town-hall/display/")

    def size(selector):
        look = "element => parseFloat(getComputedStyle(element).fontSize)"
        return page.locator(selector).first.evaluate(look)

    assert size(".call--newest .call__ticket") >= 240
    assert size(".call--newest .call__place") >= 120
    assert size("li.call .call__ticket") >= 60
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080


def test_the_tablet_forgets_who_was_there(page, visits, tablet):
    page.clock.install()
    page.goto(tablet)
    page.get_by_label("Your reference").fill(visits[0].reference)
    page.get_by_role("button", name="Check in").click()
    page.get_by_role("heading", name="You are checked in").wait_for()

    page.clock.fast_forward(TABLET_FORGETS_AFTER)
    page.wait_for_url(f"**{tablet}")

    assert page.get_by_label("Your reference").input_value() == ""


def test_a_code_is_scanned(page, visits, tablet):
    page.add_init_script(CAMERA % visits[1].reference)
    page.goto(tablet)

    page.get_by_role("button", name="Scan the code").click()

    page.get_by_role("heading", name="You are checked in").wait_for()
    assert Appointment.objects.get(pk=visits[1].pk).status == Status.CHECKED_IN


def test_a_camera_that_does_not_work_is_said(page, tablet):
    page.add_init_script(BROKEN_CAMERA)
    page.goto(tablet)

    page.get_by_role("button", name="Scan the code").click()

    page.get_by_text("The camera cannot be used.").wait_for()


def test_who_has_no_reference_needs_no_script(page_without_js, visits, tablet):
    page = page_without_js
    page.goto(tablet)
    page.get_by_role("link", name="I have no reference").click()
    page.get_by_label("Your name").fill(visits[0].citizen.name)
    starts_at = visits[0].local_start + timedelta(hours=1)
    page.get_by_label("The time of your appointment").fill(f"{starts_at:%H:%M}")
    page.get_by_role("button", name="Check in").click()
    assert "We found nothing for today" in page.locator("main").inner_text()

    page.get_by_label("The time of your appointment").fill("08:15")
    page.get_by_role("button", name="Check in").click()

    assert page.get_by_role("heading").inner_text() == "You are checked in"
    page.get_by_role("link", name="Done").click()
    assert page.get_by_role("heading").inner_text() == "Check in"
