"""Each change of hours from the calendar: what it writes, and what the host offers."""

from datetime import date, time, timedelta

import pytest

from accounts.tests.factories import UserFactory
from appointments.models import Appointment
from appointments.tests.calendar_world import (
    AUTUMN,
    AUTUMN_NOW,
    MONDAY,
    NOW,
    SPRING,
    TODAY,
    WEDNESDAY,
    WHOLE,
    block,
    errors,
    open_on,
    page,
    quarters_on,
    said,
    sign_in,
)
from appointments.tests.factories import AppointmentFactory, local
from availability import operations
from availability.models import AvailabilityException, AvailabilityRule
from availability.tests.factories import OpenHostFactory
from offices.models import Closure, ClosureKind
from offices.tests.factories import HostFactory, OfficeServiceFactory

WEEK, MIDNIGHT = timedelta(days=7), time()

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def host():
    return OpenHostFactory(name="Counter 1", office__slug="town-hall")


@pytest.fixture
def staff(client, host):
    return sign_in(client, host.office)


def rows_of(host):
    """How many rules, exceptions and closures there are."""
    return (
        host.rules.count(),
        host.exceptions.count(),
        Closure.objects.filter(office=host.office, kind=ClosureKind.STAFF).count(),
    )


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
        {"start": "18:00", "end": "20:00", "reason": ""},
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


# --- time off ---


def off(at, /, **data):
    about = {"host": "", "first": "", "start": "", "last": "", "end": "", "reason": ""}
    return page(at, "calendar_time_off"), {**about, **data}


def test_a_host_is_off_for_whole_days(staff, host):
    other = OpenHostFactory(office=host.office)

    staff.post(*off(host, host=host.pk, first="2030-03-13", last="2030-03-14"))

    assert open_on(host, WEDNESDAY) == []
    assert open_on(host, WEDNESDAY + timedelta(days=1)) == []
    assert open_on(host, WEDNESDAY + timedelta(days=2)) == [WHOLE]
    assert open_on(other, WEDNESDAY) == [WHOLE]


def test_the_whole_office_is_closed_for_some_hours(staff, host):
    other = OpenHostFactory(office=host.office)

    staff.post(
        *off(host, first="2030-03-13", start="12:00", end="14:00", reason="Moving")
    )

    assert open_on(host, WEDNESDAY) == ["08:00–12:00", "14:00–16:00"]
    assert open_on(other, WEDNESDAY) == ["08:00–12:00", "14:00–16:00"]
    assert said(staff) == [
        f"Saved: {host.office}: closed, Tomorrow, 12:00 – 14:00.",
    ]


def test_time_off_across_the_clock_change_ends_by_the_clock(staff, host):
    first, last = {"first": "2030-03-30", "start": "12:00"}, {"last": "2030-03-31"}

    staff.post(*off(host, **first, **last, end="12:00"))

    assert open_on(host, SPRING - timedelta(days=1)) == ["08:00–12:00"]
    assert open_on(host, SPRING) == ["12:00–16:00"]


@pytest.mark.time_machine(AUTUMN_NOW, tick=False)
def test_time_off_until_a_time_that_is_shown_twice_ends_the_second_time(staff, host):
    staff.post(*off(host, first="2030-10-27", start="02:00", end="02:30"))

    closure = Closure.objects.get(kind=ClosureKind.STAFF)
    assert closure.ends_at - closure.starts_at == timedelta(hours=1, minutes=30)


def closed(at, start, end, /, **fields):
    return operations.close(
        at.office,
        starts_at=local(at.office, start, MIDNIGHT),
        ends_at=local(at.office, end, MIDNIGHT),
        by=None,
        **fields,
    )


def test_time_off_is_changed(staff, host):
    closure = closed(host, WEDNESDAY, WEDNESDAY + timedelta(days=2), host=host)
    address = page(host, "calendar_closure", closure.pk)
    shown = staff.get(address).context["form"].initial

    staff.post(address, {**off(host)[1], "first": "2030-03-14", "start": "10:00"})

    assert shown == {
        "first": WEDNESDAY,
        "start": None,
        "last": WEDNESDAY + timedelta(days=1),
        "end": None,
        "reason": "",
    }
    assert open_on(host, WEDNESDAY) == [WHOLE]
    assert open_on(host, WEDNESDAY + timedelta(days=1)) == ["08:00–10:00"]


def test_time_off_to_come_is_taken_back(staff, host):
    closure = closed(host, WEDNESDAY, WEDNESDAY + timedelta(days=2))

    staff.post(page(host, "calendar_end_closure", closure.pk))

    assert open_on(host, WEDNESDAY) == [WHOLE]
    assert rows_of(host) == (1, 0, 0)


def test_time_off_that_has_begun_ends_now_and_keeps_what_is_over(
    staff, host, time_machine
):
    closure = closed(host, TODAY, TODAY + timedelta(days=2))
    time_machine.move_to(NOW + timedelta(hours=2), tick=False)

    staff.post(page(host, "calendar_end_closure", closure.pk))

    closure.refresh_from_db()
    assert closure.ends_at == NOW + timedelta(hours=2)
    assert open_on(host, TODAY) == ["10:00–16:00"]
    assert open_on(host, WEDNESDAY) == [WHOLE]


def test_a_holiday_is_worked_on_and_then_kept_after_all(staff, host):
    friday = date(2030, 4, 19)
    operations.generate([host.office])
    holiday = Closure.objects.get(reason="Karfreitag")
    address = page(host, "calendar_holiday", holiday.pk)

    before = open_on(host, friday)
    staff.post(address)
    during = open_on(host, friday)
    staff.post(address)

    assert (before, during, open_on(host, friday)) == ([], [WHOLE], [])


# --- whom it hurts is shown first ---


def test_a_change_that_hurts_somebody_is_shown_and_not_saved(staff, host):
    offered = OfficeServiceFactory(office=host.office)
    appointment = AppointmentFactory(offered=offered, host=host)
    args, query = block(host, WEDNESDAY)

    response = staff.post(
        page(host, "calendar_drop_day", *args, **query), {"reason": "Ill"}
    )

    assert response.status_code == 200
    assert str(appointment.citizen) in response.text
    assert open_on(host, WEDNESDAY) == [WHOLE]
    assert host.exceptions.count() == 0
    assert Appointment.objects.get().status == "confirmed"


# --- what is refused ---

BEFORE = "The hours must end after they start. Choose a later time."
OVER = "This day is over. Choose today or a later one."
QUARTER = "The time must be on a quarter of an hour, like 10:15."
ONCE = {"day": "2030-03-13", "start": "17:00", "end": "18:00"}
WEEKLY = {"weekdays": ["1"], "start": "17:00", "end": "18:00", "since": "2030-03-18"}


@pytest.mark.parametrize(
    ("name", "data", "wrong"),
    [
        ("once", {**ONCE, "end": "16:00"}, {"end": [BEFORE]}),
        ("once", {**ONCE, "day": "2030-03-11"}, {"day": [OVER]}),
        ("once", {**ONCE, "start": ""}, {"start": ["Enter a time like 08:30."]}),
        ("once", {**ONCE, "day": "soon"}, {"day": ["Enter a date like 2026-11-30."]}),
        (
            "once",
            {**ONCE, "start": "09:00", "end": "10:00"},
            {"start": ["The host has these hours already."]},
        ),
        (
            "weekly",
            {**WEEKLY, "weekdays": []},
            {"weekdays": ["Choose one weekday at least."]},
        ),
        ("weekly", {**WEEKLY, "since": "2030-03-01"}, {"since": [OVER]}),
        (
            "weekly",
            {**WEEKLY, "until": "2030-03-17"},
            {"until": ["The last day is before the first. Choose a later one."]},
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_changes(
    staff, host, name, data, wrong
):
    before = rows_of(host)

    response = staff.post(page(host, f"calendar_{name}"), {"host": host.pk, **data})

    assert errors(response) == (422, wrong)
    assert rows_of(host) == before
    assert response.context["form"].data["start"] == data["start"]


def test_a_time_off_the_quarter_is_refused(staff, host):
    response = staff.post(
        page(host, "calendar_once"), {"host": host.pk, **ONCE, "end": "18:10"}
    )

    status, wrong = errors(response)
    assert (status, list(wrong)) == (422, ["end"])


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (
            {"first": "2030-03-14", "last": "2030-03-13"},
            {"last": ["This is before the start. Choose a later one."]},
        ),
        (
            {"first": "2030-03-14", "start": "12:00", "end": "11:00"},
            {"end": ["This is before the start. Choose a later one."]},
        ),
        (
            {"first": "2030-03-11", "last": "2030-03-11"},
            {"last": ["This is over already. Choose a later one."]},
        ),
        (
            {"first": "2030-03-31", "start": "02:30"},
            {
                "start": [
                    "Clocks go forward on this day and skip this time. Choose another."
                ]
            },
        ),
    ],
)
def test_time_off_that_cannot_be_is_refused(staff, host, data, wrong):
    response = staff.post(*off(host, **data))

    assert errors(response) == (422, wrong)
    assert rows_of(host) == (1, 0, 0)


def test_hours_while_the_host_is_away_are_refused(staff, host):
    away = AvailabilityException(
        kind="away", day=WEDNESDAY, start_time="17:00", end_time="18:00"
    )
    operations.set_hours(host, save=[away], by=None)

    response = staff.post(page(host, "calendar_once"), {"host": host.pk, **ONCE})

    assert errors(response) == (
        422,
        {
            "start": [
                "Away, Wednesday 13 March 2030 17:00 – 18:00. Take it back first, or "
                "choose another time."
            ]
        },
    )


def test_hours_while_the_office_is_closed_are_refused(staff, host):
    closed(host, WEDNESDAY, WEDNESDAY + timedelta(days=1), reason="Moving")

    response = staff.post(page(host, "calendar_once"), {"host": host.pk, **ONCE})

    assert errors(response) == (
        422,
        {
            "day": [
                "Closed then: Moving, Wednesday 13 March 2030. Reopen first, or choose "
                "another day."
            ]
        },
    )


def test_a_change_that_changes_nothing_is_refused(staff, host):
    args, query = block(host, WEDNESDAY)

    response = staff.post(
        page(host, "calendar_day", *args, **query),
        {"start": "08:00", "end": "16:00", "reason": ""},
    )

    assert errors(response) == (
        422,
        {"__all__": ["These are the hours already. Nothing would change."]},
    )


def test_a_person_at_two_offices_is_told_of_the_overlap_and_keeps_the_form(staff, host):
    user = UserFactory()
    OpenHostFactory(hours=(time(17), time(19)), user=user)
    person = HostFactory(office=host.office, user=user)

    response = staff.post(page(host, "calendar_once"), {"host": person.pk, **ONCE})

    assert errors(response) == (
        409,
        {"__all__": ["This person already has hours at another office at that time."]},
    )
    assert 'value="17:00"' in response.text
    assert person.rules.count() == 0


def test_hours_that_changed_meanwhile_are_not_changed_again(staff, host):
    args, query = block(host, WEDNESDAY)
    address = page(host, "calendar_drop_day", *args, **query)
    staff.post(address, {"reason": ""})

    response = staff.post(address, {"reason": ""})

    assert response.status_code == 302
    assert said(staff)[-1:] == [
        "These hours have changed meanwhile. Please look again."
    ]
    assert host.exceptions.count() == 1
