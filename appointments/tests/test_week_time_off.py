"""Time off and holidays from the calendar."""

from datetime import date, timedelta

import pytest

from appointments.tests.calendar_world import (
    AUTUMN_NOW,
    NOW,
    SPRING,
    TODAY,
    WEDNESDAY,
    WHOLE,
    closed,
    off,
    open_on,
    page,
    rows_of,
    said,
    sign_in,
)
from availability import operations
from availability.tests.factories import OpenHostFactory
from offices.models import Closure, ClosureKind

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def host():
    return OpenHostFactory(name="Counter 1", office__slug="town-hall")


@pytest.fixture
def staff(client, host):
    return sign_in(client, host.office)


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
    holiday = Closure.objects.get(reason="Good Friday")
    address = page(host, "calendar_holiday", holiday.pk)

    before = open_on(host, friday)
    staff.post(address)
    during = open_on(host, friday)
    staff.post(address)

    assert (before, during, open_on(host, friday)) == ([], [WHOLE], [])
