"""Copying a week: what it says first, and what hosts offer then."""

from datetime import time, timedelta

import pytest

from appointments.tests.calendar_world import (
    AUTUMN,
    AUTUMN_NOW,
    NOW,
    SPRING,
    TODAY,
    WEDNESDAY,
    WHOLE,
    errors,
    open_on,
    page,
    said,
    sign_in,
)
from appointments.tests.factories import AppointmentFactory, local
from appointments.week import weeks
from availability import operations
from availability.models import AvailabilityException, AvailabilityRule
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import OfficeServiceFactory

WEEK = timedelta(days=7)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def host():
    """Away on Wednesday afternoon of this week, with an extra hour in the evening."""
    host = OpenHostFactory(name="Counter 1", office__slug="town-hall")
    operations.set_hours(
        host,
        save=[
            AvailabilityException(
                kind="away", day=WEDNESDAY, start_time="12:00", reason="Training"
            ),
            AvailabilityRule(day=WEDNESDAY, start_time="08:00", end_time="09:00"),
            AvailabilityException(
                kind="extra", day=TODAY, start_time="17:00", end_time="18:00"
            ),
        ],
        by=None,
    )
    return host


@pytest.fixture
def staff(client, host):
    return sign_in(client, host.office)


def copy(client, host, *names, confirm=True, week="2030-W11", **query):
    data = {"weeks": names} | ({"confirm": "yes"} if confirm else {})
    address = page(host, "calendar_copy", host=host.pk, week=week, **query)
    return client.post(address, data)


def test_it_says_first_what_will_change(staff, host):
    response = copy(staff, host, "2030-W12", confirm=False)

    assert response.status_code == 200
    assert [str(change) for change in response.context["form"].differences] == [
        "Counter 1, Tuesday 19 March 2030: 08:00 – 16:00 becomes 08:00 – 16:00, "
        "17:00 – 18:00",
        "Counter 1, Wednesday 20 March 2030: 08:00 – 16:00 becomes 08:00 – 12:00",
    ]
    assert open_on(host, WEDNESDAY + WEEK) == [WHOLE]


def test_the_weeks_become_the_same_and_the_series_stays(staff, host):
    copy(staff, host, "2030-W12", "2030-W13")

    for week in (WEEK, 2 * WEEK):
        assert open_on(host, TODAY + week) == [WHOLE, "17:00–18:00"]
        assert open_on(host, WEDNESDAY + week) == ["08:00–12:00"]
    assert open_on(host, WEDNESDAY + 3 * WEEK) == [WHOLE]
    assert host.rules.filter(day=None).count() == 1
    assert said(staff) == [
        "Saved: The hours of Week 11: 11 March – 17 March 2030 in 2 other weeks."
    ]


def test_what_was_different_there_is_so_no_more(staff, host):
    away = AvailabilityException(kind="away", day=WEDNESDAY + WEEK, end_time="10:00")
    operations.set_hours(host, save=[away], by=None)

    copy(staff, host, "2030-W12")

    assert open_on(host, WEDNESDAY + WEEK) == ["08:00–12:00"]
    assert host.exceptions.filter(day=WEDNESDAY + WEEK).count() == 1


def test_all_hosts_are_copied_at_once(staff, host):
    other = OpenHostFactory(office=host.office, name="Counter 2")
    away = AvailabilityException(kind="away", day=WEDNESDAY)
    operations.set_hours(other, save=[away], by=None)

    staff.post(
        page(host, "calendar_copy", week="2030-W11"),
        {"weeks": ["2030-W12"], "confirm": "yes"},
    )

    assert open_on(host, WEDNESDAY + WEEK) == ["08:00–12:00"]
    assert open_on(other, WEDNESDAY + WEEK) == []


@pytest.mark.parametrize(("sunday", "now"), [(SPRING, NOW), (AUTUMN, AUTUMN_NOW)])
def test_a_usual_sunday_is_copied_to_one_of_clock_change_and_back(
    client, time_machine, sunday, now
):
    time_machine.move_to(now, tick=False)
    host = OpenHostFactory(hours=None)
    usual = sunday - WEEK if sunday == SPRING else sunday + WEEK
    night = AvailabilityRule(day=usual, start_time="01:00", end_time="04:00")
    operations.set_hours(host, save=[night], by=None)
    staff = sign_in(client, host.office)

    if usual < sunday:
        copy(staff, host, weeks.name_of(sunday), week=weeks.name_of(usual))
        assert open_on(host, sunday) == ["01:00–04:00", WHOLE]
    else:
        copy(staff, host, weeks.name_of(usual), week=weeks.name_of(sunday))
        assert open_on(host, usual) == [WHOLE]


def test_days_that_are_over_are_left_as_they_were(staff, host):
    monday = AvailabilityRule(day=TODAY - WEEK, start_time="20:00", end_time="21:00")
    operations.set_hours(host, save=[monday], by=None)

    response = copy(staff, host, "2030-W11", week="2030-W10", confirm=False)

    days = [change.day for change in response.context["form"].differences]
    assert days == [TODAY, WEDNESDAY]


def test_whom_it_hurts_is_shown_before(staff, host):
    offered = OfficeServiceFactory(office=host.office)
    afternoon = local(host.office, WEDNESDAY + WEEK, time(14))
    appointment = AppointmentFactory(offered=offered, host=host, starts_at=afternoon)

    response = copy(staff, host, "2030-W12")

    assert response.status_code == 200
    assert str(appointment.citizen) in response.text
    assert open_on(host, WEDNESDAY + WEEK) == [WHOLE]


@pytest.mark.parametrize(
    ("chosen", "wrong"),
    [
        ([], "Choose one week at least."),
        (["2030-W11"], None),
        (["2031-W12"], None),
        (["soon"], None),
    ],
)
def test_a_week_that_cannot_be_chosen_is_refused(staff, host, chosen, wrong):
    response = copy(staff, host, *chosen)

    status, found = errors(response)
    assert (status, list(found)) == (422, ["weeks"])
    assert wrong in (None, *found["weeks"])


def test_weeks_that_are_the_same_already_are_refused(staff, host):
    response = copy(staff, host, "2030-W14", week="2030-W13")

    assert errors(response) == (
        422,
        {"weeks": ["These weeks have the same hours already. Choose others."]},
    )
