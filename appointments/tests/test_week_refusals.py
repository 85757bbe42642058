"""What the calendar shows before it saves, and what it refuses."""

from datetime import time, timedelta

import pytest

from accounts.tests.factories import UserFactory
from appointments.models import Appointment
from appointments.tests.calendar_world import (
    NOW,
    WEDNESDAY,
    WHOLE,
    block,
    closed,
    errors,
    off,
    open_on,
    page,
    rows_of,
    said,
    sign_in,
)
from appointments.tests.factories import AppointmentFactory
from availability import operations
from availability.models import AvailabilityException, AvailabilityRule
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import HostFactory, OfficeServiceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def host():
    return OpenHostFactory(name="Counter 1", office__slug="town-hall")


@pytest.fixture
def staff(client, host):
    return sign_in(client, host.office)


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


def test_hours_of_one_date_are_no_series(staff, host):
    rule = AvailabilityRule(day=WEDNESDAY, start_time="17:00", end_time="18:00")
    operations.set_hours(host, save=[rule], by=None)
    key = host.rules.get(day=WEDNESDAY).pk

    for name in ("calendar_series", "calendar_end_series"):
        assert staff.post(page(host, name, key)).status_code == 404
