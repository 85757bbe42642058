"""Each change of a host's hours from the calendar, and what the host offers then."""

from datetime import timedelta

import pytest

from appointments.tests.calendar_world import (
    AUTUMN,
    AUTUMN_NOW,
    MONDAY,
    NOW,
    SPRING,
    WEDNESDAY,
    WEEK,
    WHOLE,
    block,
    open_on,
    page,
    quarters_on,
    rows_of,
    said,
    sign_in,
)
from availability import operations
from availability.models import AvailabilityException, AvailabilityRule
from availability.tests.factories import OpenHostFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def host():
    return OpenHostFactory(name="Counter 1", office__slug="town-hall")


@pytest.fixture
def staff(client, host):
    return sign_in(client, host.office)


# --- hours that are added ---


def test_weekly_hours_are_added_from_a_day_until_another(staff, host):
    response = staff.post(
        page(host, "calendar_weekly"),
        {
            "host": host.pk,
            "weekdays": ["1", "3"],
            "start": "17:00",
            "end": "19:00",
            "since": "2030-03-18",
            "until": "2030-03-25",
        },
    )

    assert response.status_code == 302
    assert open_on(host, WEDNESDAY) == [WHOLE]
    assert open_on(host, MONDAY) == [WHOLE, "17:00–19:00"]
    assert open_on(host, MONDAY + timedelta(days=2)) == [WHOLE, "17:00–19:00"]
    assert open_on(host, MONDAY + WEEK) == [WHOLE, "17:00–19:00"]
    assert open_on(host, MONDAY + WEEK + timedelta(days=2)) == [WHOLE]
    assert said(staff) == [
        "Saved: Counter 1: Monday, Wednesday 17:00 – 19:00, from Monday 18 March 2030, "
        "until Monday 25 March 2030."
    ]


def test_the_page_after_shows_the_week_of_the_change(staff, host):
    response = staff.post(
        page(host, "calendar_once"),
        {"host": host.pk, "day": "2030-03-20", "start": "17:00", "end": "18:00"},
    )

    assert response.url == page(
        host, "calendar", host=host.pk, week="2030-W12", day="2030-03-20"
    )


def test_hours_are_added_once(staff, host):
    staff.post(
        page(host, "calendar_once"),
        {"host": host.pk, "day": "2030-03-13", "start": "22:00", "end": "00:00"},
    )

    assert open_on(host, WEDNESDAY) == [WHOLE, "22:00–00:00"]
    assert open_on(host, WEDNESDAY + WEEK) == [WHOLE]


def test_hours_on_the_day_clocks_go_forward_are_those_the_clock_shows(staff, host):
    staff.post(
        page(host, "calendar_once"),
        {"host": host.pk, "day": "2030-03-31", "start": "01:00", "end": "04:00"},
    )

    assert open_on(host, SPRING) == ["01:00–04:00", WHOLE]
    assert quarters_on(host, SPRING) == 8 + 32


@pytest.mark.time_machine(AUTUMN_NOW, tick=False)
def test_hours_on_the_day_clocks_go_back_are_open_both_times(staff, host):
    staff.post(
        page(host, "calendar_once"),
        {"host": host.pk, "day": "2030-10-27", "start": "01:00", "end": "04:00"},
    )

    assert open_on(host, AUTUMN) == ["01:00–04:00", WHOLE]
    assert quarters_on(host, AUTUMN) == 16 + 32


# --- one occurrence ---


def test_one_occurrence_is_at_other_times(staff, host):
    args, query = block(host, WEDNESDAY)

    staff.post(
        page(host, "calendar_day", *args, **query),
        {"start": "10:00", "end": "18:00", "reason": "Staff meeting"},
    )

    assert open_on(host, WEDNESDAY) == ["10:00–18:00"]
    assert open_on(host, WEDNESDAY + WEEK) == [WHOLE]
    assert host.rules.count() == 1
    found = host.exceptions.order_by("start_time")
    assert list(found.values_list("kind", "reason")) == [
        ("away", "Staff meeting"),
        ("extra", ""),
    ]


def test_one_occurrence_is_dropped(staff, host):
    args, query = block(host, WEDNESDAY)

    staff.post(page(host, "calendar_drop_day", *args, **query), {"reason": "Ill"})

    assert open_on(host, WEDNESDAY) == []
    assert open_on(host, WEDNESDAY + WEEK) == [WHOLE]
    assert host.exceptions.get().reason == "Ill"


def test_what_is_left_of_an_occurrence_is_changed_alone(staff, host):
    """A day that is away at noon has two stretches of one rule."""
    away = AvailabilityException(
        kind="away", day=WEDNESDAY, start_time="12:00", end_time="13:00", reason="Lunch"
    )
    operations.set_hours(host, save=[away], by=None)
    args, query = block(host, WEDNESDAY, "13:00")

    staff.post(
        page(host, "calendar_day", *args, **query),
        {"start": "13:00", "end": "15:00", "reason": ""},
    )

    assert open_on(host, WEDNESDAY) == ["08:00–12:00", "13:00–15:00"]
    assert host.exceptions.filter(reason="Lunch").count() == 1


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_an_occurrence_on_a_day_of_clock_change(staff, host, time_machine, day):
    time_machine.move_to(NOW if day == SPRING else AUTUMN_NOW)
    staff.force_login(staff.get("/admin/").wsgi_request.user)
    operations.generate([host.office])
    args, query = block(host, day)

    staff.post(
        page(host, "calendar_day", *args, **query),
        {"start": "00:00", "end": "05:00", "reason": ""},
    )

    assert open_on(host, day) == ["00:00–05:00"]
    assert quarters_on(host, day) == {SPRING: 16, AUTUMN: 24}[day]


def test_hours_of_one_date_are_changed_and_dropped_themselves(staff, host):
    rule = AvailabilityRule(day=WEDNESDAY, start_time="17:00", end_time="18:00")
    operations.set_hours(host, save=[rule], by=None)
    rule = host.rules.get(day=WEDNESDAY)
    query = {"day": "2030-03-13", "from": "17:00"}

    staff.post(
        page(host, "calendar_day", rule.pk, **query),
        {"start": "18:00", "end": "20:00"},
    )
    changed = open_on(host, WEDNESDAY)
    query["from"] = "18:00"
    staff.post(page(host, "calendar_drop_day", rule.pk, **query), {"reason": ""})

    assert changed == [WHOLE, "18:00–20:00"]
    assert open_on(host, WEDNESDAY) == [WHOLE]
    assert rows_of(host) == (1, 0, 0)


def test_an_exception_is_changed_and_taken_back(staff, host):
    away = AvailabilityException(kind="away", day=WEDNESDAY, end_time="12:00")
    operations.set_hours(host, save=[away], by=None)
    key = host.exceptions.get().pk

    staff.post(
        page(host, "calendar_exception", key),
        {"start": "08:00", "end": "09:00", "reason": "Late train"},
    )
    changed = open_on(host, WEDNESDAY)
    staff.post(page(host, "calendar_drop_exception", key))

    assert changed == ["09:00–16:00"]
    assert open_on(host, WEDNESDAY) == [WHOLE]
    assert rows_of(host) == (1, 0, 0)


# --- the series ---


def test_a_series_is_otherwise_from_a_day_on(staff, host):
    rule = host.rules.get()

    staff.post(
        page(host, "calendar_series", rule.pk, day="2030-03-18"),
        {
            "weekdays": ["1", "2"],
            "start": "09:00",
            "end": "12:00",
            "since": "2030-03-18",
            "until": "",
        },
    )

    assert open_on(host, MONDAY - timedelta(days=1)) == [WHOLE]
    assert open_on(host, MONDAY) == ["09:00–12:00"]
    assert open_on(host, MONDAY + timedelta(days=2)) == []
    assert list(host.rules.values_list("valid_from", "valid_until")) == [
        (MONDAY, None),
        (None, MONDAY - timedelta(days=1)),
    ]


def test_a_series_that_has_not_begun_is_replaced(staff, host):
    rule = host.rules.get()
    rule.valid_from = MONDAY
    operations.set_hours(host, save=[rule], by=None)

    staff.post(
        page(host, "calendar_series", rule.pk, day="2030-03-18"),
        {
            "weekdays": ["1"],
            "start": "09:00",
            "end": "12:00",
            "since": "2030-03-18",
            "until": "2030-03-18",
        },
    )

    assert open_on(host, MONDAY) == ["09:00–12:00"]
    assert open_on(host, MONDAY + WEEK) == []
    assert rows_of(host) == (1, 0, 0)


def test_a_series_ends(staff, host):
    staff.post(
        page(host, "calendar_end_series", host.rules.get().pk), {"since": "2030-03-18"}
    )

    assert open_on(host, MONDAY - timedelta(days=1)) == [WHOLE]
    assert open_on(host, MONDAY) == []


def test_a_series_that_ends_before_it_began_is_gone(staff, host):
    rule = host.rules.get()
    rule.valid_from = MONDAY
    operations.set_hours(host, save=[rule], by=None)

    staff.post(page(host, "calendar_end_series", rule.pk), {"since": "2030-03-18"})

    assert rows_of(host) == (0, 0, 0)
