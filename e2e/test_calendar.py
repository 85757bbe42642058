"""The calendar in a real browser: equal times stand side by side, also on a phone."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.pages import town_hall
from availability import operations
from availability.models import AvailabilityRule
from offices.roles import Role
from offices.tests.factories import MembershipFactory

OCTOBER = datetime(2030, 10, 21, 6, tzinfo=UTC)  # a Monday, 8:00 in Berlin
SUNDAY = date(2030, 10, 27)  # its clocks go back
AN_HOUR = 96  # pixels
DESKTOP = {"width": 1280, "height": 900}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _october():
    with time_machine.travel(OCTOBER):
        yield


@pytest.fixture
def host():
    """Open from 8 to 16, with Ada at nine on Tuesday, and on Sunday night once."""
    offered = town_hall()
    host = offered.office.hosts.get()
    night = AvailabilityRule(day=SUNDAY, start_time=time(1), end_time=time(4))
    operations.set_hours(host, save=[night], by=None)
    AppointmentFactory(offered=offered, citizen=CitizenFactory(name="Ada"))
    return host


@pytest.fixture
def week_in(live_server, host):
    """Open the host's week in a page, as the office's secretary sees it."""

    def open_week(page):
        client = Client()
        member = MembershipFactory(office=host.office, role=Role.SECRETARY)
        client.force_login(member.user)
        session = {
            "name": settings.SESSION_COOKIE_NAME,
            "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
            "url": live_server.url,
        }
        page.context.add_cookies([session])
        page.complaints = []
        page.on("console", lambda line: page.complaints.append(line.text))
        page.goto(f"/admin/calendar/?host={host.pk}&day=2030-10-22")
        return page

    return open_week


def top(locator):
    return round(locator.bounding_box()["y"])


def near(place, other):
    return abs(place - other) <= 4


def middle(locator):
    """Where a label stands: across its line."""
    box = locator.bounding_box()
    return round(box["y"] + box["height"] / 2)


def test_equal_times_stand_side_by_side_in_the_week_of_a_clock_change(
    new_page, week_in
):
    page = week_in(new_page(viewport=DESKTOP))

    lines = {}
    for label in page.locator(".week-hours li").all():
        lines.setdefault(label.inner_text(), []).append(middle(label))
    night, *mornings = page.locator(".day:last-child .entry-open").all()
    mornings += page.locator(".day:not(:last-child) .entry-open").all()

    assert len(lines["02:00"]) == 2
    assert near(top(night), lines["01:00"][0])
    assert near(night.bounding_box()["height"], 4 * AN_HOUR)  # one of them twice
    assert [near(top(block), lines["08:00"][0]) for block in mornings] == [True] * 7


def test_a_day_is_dropped_on_a_phone_without_scripts_once_it_is_decided(
    page_without_js, week_in, host
):
    page = week_in(page_without_js)
    shown = page.locator(".day:visible h3").all_inner_texts()
    width = page.evaluate("document.documentElement.scrollWidth")

    page.locator("summary:visible", has_text="Change 08:00 – 16:00").click()
    page.get_by_role("link", name="Drop this day").click()
    page.get_by_role("button", name="Drop this day").click()
    affected = page.locator("#content").inner_text()
    kept = host.exceptions.count()
    page.get_by_role("button", name="Save, and do all this").click()

    assert ([text.split()[0] for text in shown], width) == (["Tuesday"], 390)
    assert ("Ada" in affected, kept) == (True, 0)
    assert host.exceptions.get().day == date(2030, 10, 22)


def test_the_menu_of_a_stretch_opens_by_keyboard(new_page, week_in):
    page = week_in(new_page(viewport=DESKTOP))

    page.locator("summary", has_text="Change 08:00 – 16:00").nth(1).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Change this day only")).to_be_visible()
    assert page.get_by_label("From").input_value() == "08:00"
    assert page.complaints == []
