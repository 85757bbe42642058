"""The calendar as it is looked at: what it shows."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from appointments import operations as appointments
from appointments.tests.calendar_world import (
    AUTUMN,
    AUTUMN_NOW,
    MONDAY,
    NOW,
    SPRING,
    TODAY,
    WEDNESDAY,
    choices,
    look,
    page,
    sign_in,
)
from appointments.tests.factories import AppointmentFactory, local, tomorrow_at
from appointments.tests.pages import words
from appointments.week import weeks
from availability import operations
from availability.models import AvailabilityException, AvailabilityRule
from availability.tests.factories import OpenHostFactory
from offices.models import Closure
from offices.roles import Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def host():
    return OpenHostFactory(name="Counter 1", office__slug="town-hall")


@pytest.fixture
def staff(client, host):
    return sign_in(client, host.office)


def on(response, day):
    """What is shown of a day: [(kind, times, title, note, place)]."""
    of_day = next(each for each in response.context["days"] if each.day == day)
    return [
        (entry.kind, entry.times, entry.title, entry.note, place)
        for entry, place in of_day.placed
    ]


# --- one host ---


def test_a_week_shows_hours_and_appointments_in_their_places(staff, host):
    offered = OfficeServiceFactory(
        office=host.office, service__duration=timedelta(minutes=40)
    )
    AppointmentFactory(offered=offered, host=host, starts_at=tomorrow_at(host.office))

    response = look(staff, host)

    assert [each.day for each in response.context["days"]] == weeks.days_of(
        date(2030, 3, 11)
    )
    assert on(response, WEDNESDAY) == [
        ("open", "08:00 – 16:00", "", "", "at-1 for-32"),
        ("visit", "09:00", "Confirmed", "", "at-5 for-3"),
    ]


def test_an_appointment_leads_to_its_page_and_says_who_comes_why(staff, host):
    offered = OfficeServiceFactory(office=host.office, service__name="Passport")
    appointment = AppointmentFactory(
        offered=offered, host=host, citizen__name="Ada Example"
    )

    response = look(staff, host)

    address = reverse("admin:appointments_appointment_change", args=[appointment.pk])
    assert f'href="{address}"' in response.text
    assert "09:00 Ada Example Passport Confirmed" in words(response)


def test_cancelled_appointments_are_not_shown(staff, host):
    offered = OfficeServiceFactory(office=host.office)
    appointment = AppointmentFactory(offered=offered, host=host)
    appointments.cancel(appointment, by=None)

    assert [kind for kind, *_ in on(look(staff, host), WEDNESDAY)] == ["open"]


def test_exceptions_are_marked_with_their_reason(staff, host):
    operations.set_hours(
        host,
        save=[
            AvailabilityException(
                kind="away",
                day=WEDNESDAY,
                start_time="12:00",
                end_time="13:00",
                reason="Dentist",
            ),
            AvailabilityException(
                kind="extra", day=WEDNESDAY, start_time="17:00", end_time="18:00"
            ),
        ],
        by=None,
    )

    response = look(staff, host)

    assert on(response, WEDNESDAY) == [
        ("open", "08:00 – 12:00", "", "", "at-1 for-16"),
        ("away", "12:00 – 13:00", "Away", "Dentist", "at-17 for-4"),
        ("open", "13:00 – 16:00", "", "", "at-21 for-12"),
        ("open", "17:00 – 18:00", "Extra hours", "", "at-37 for-4"),
    ]


def test_closures_are_shown_with_their_reason_and_take_the_hours(staff, host):
    start = local(host.office, WEDNESDAY, time(14))
    operations.close(
        host.office,
        starts_at=start,
        ends_at=start + timedelta(days=1),
        reason="Moving",
        by=None,
    )
    operations.close(
        host.office,
        host=host,
        starts_at=local(host.office, TODAY, time(12)),
        ends_at=local(host.office, TODAY, time(13)),
        by=None,
    )

    response = look(staff, host)

    assert on(response, TODAY)[1] == (
        "closed",
        "12:00 – 13:00",
        "Time off",
        "",
        "at-17 for-4",
    )
    assert on(response, WEDNESDAY) == [
        ("open", "08:00 – 14:00", "", "", "at-1 for-24"),
        ("closed", "14:00 – 24:00", "Office closed", "Moving", "at-25 for-12"),
    ]


def test_holidays_are_named_also_where_the_office_opens(staff, host):
    operations.generate([host.office])
    friday = date(2030, 4, 19)
    shut = on(look(staff, host, week="2030-W16"), friday)

    Closure.objects.filter(reason="Good Friday").update(is_overridden=True)
    response = look(staff, host, week="2030-W16")

    assert shut == [
        ("closed", "All day", "Public holiday", "Good Friday", "at-1 for-36")
    ]
    assert [kind for kind, *_ in on(response, friday)] == ["open"]
    assert "Good Friday: open all the same" in words(response)


def test_an_appointment_that_lost_its_hours_is_marked(staff, host):
    offered = OfficeServiceFactory(office=host.office)
    AppointmentFactory(offered=offered, host=host)
    away = AvailabilityException(kind="away", day=WEDNESDAY)
    operations.set_hours(host, save=[away], by=None)

    assert on(look(staff, host), WEDNESDAY)[-1] == (
        "visit",
        "09:00",
        "Confirmed",
        "Outside the hours",
        "at-5 for-1",
    )


def test_the_past_is_shown_as_it_was_written_and_cannot_be_changed(
    staff, host, time_machine
):
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    staff.force_login(MembershipFactory(office=host.office).user)
    operations.set_hours(host, delete=[host.rules.get()], by=None)

    response = look(staff, host)

    assert [entry[:2] for entry in on(response, TODAY)] == [("open", "08:00 – 16:00")]
    assert choices(response, TODAY) == []
    assert on(response, WEDNESDAY) == []


def test_days_beyond_the_horizon_are_told_from_the_hours(staff, host):
    response = look(staff, host, day="2031-01-08")

    assert [entry[:2] for entry in on(response, date(2031, 1, 8))] == [
        ("open", "08:00 – 16:00")
    ]
    assert "Citizens can book until Saturday 11 May 2030." in words(response)


def test_an_inactive_host_offers_nothing_and_is_still_found(staff, host):
    host.is_active = False
    operations.save_host(host, by=None)

    response = look(staff, host)

    assert on(response, WEDNESDAY) == []
    assert [each.pk for each in response.context["hosts"]] == []


def test_today_is_chosen_in_its_week_and_monday_in_others(staff, host):
    chosen = [
        [
            day.day
            for day in look(staff, host, week=week).context["days"]
            if day.is_chosen
        ]
        for week in ("2030-W11", "2030-W12")
    ]

    assert chosen == [[TODAY], [MONDAY]]


def test_a_day_chooses_its_week(staff, host):
    response = look(staff, host, day="2030-05-01")

    assert response.context["week"] == "Week 18: 29 April – 5 May 2030"
    assert response.context["chosen"] == date(2030, 5, 1)


@pytest.mark.parametrize(
    ("day", "now", "length"), [(SPRING, NOW, 92), (AUTUMN, AUTUMN_NOW, 100)]
)
def test_a_day_of_clock_change_is_shown_whole(client, time_machine, day, now, length):
    time_machine.move_to(now, tick=False)
    host = OpenHostFactory(hours=(time(0), time(0)))
    staff = sign_in(client, host.office)

    response = look(staff, host, day=day.isoformat())

    rows = max(length, 96)
    assert on(response, day) == [("open", "00:00 – 24:00", "", "", f"at-1 for-{rows}")]
    assert len(response.context["hours"]) == rows // 4


# --- what can be done from there ---


def test_hours_can_be_changed_and_dropped(staff, host):
    assert choices(look(staff, host), WEDNESDAY) == [
        ("Change this day only", 200),
        ("Change the series", 200),
        ("Drop this day", 200),
        ("Drop the series", 200),
    ]


def test_all_pages_that_are_offered_open(staff, host):
    operations.set_hours(
        host,
        save=[
            AvailabilityRule(day=WEDNESDAY, start_time="17:00", end_time="18:00"),
            AvailabilityException(
                kind="extra", day=WEDNESDAY, start_time="19:00", end_time="20:00"
            ),
            AvailabilityException(
                kind="away", day=WEDNESDAY, start_time="08:00", end_time="09:00"
            ),
        ],
        by=None,
    )
    start = local(host.office, WEDNESDAY, time(21))
    for whose in (host, None):
        ends_at = start + timedelta(hours=1)
        operations.close(
            host.office, host=whose, starts_at=start, ends_at=ends_at, by=None
        )

    response = look(staff, host)

    found = [choices(response, WEDNESDAY, number) for number in (0, 2, 3, 4, 5)]
    assert found == [
        [("Change", 200), ("Take back", 200)],
        [("Change", 200), ("Drop", 200)],
        [("Change", 200), ("Drop", 200)],
        [("Change", 200), ("End the time off", 200)],
        [("Change", 200), ("Reopen", 200)],
    ]
    assert [staff.get(url).status_code for _w, url in response.context["actions"]] == (
        [200] * 4
    )


def test_hours_can_be_added_on_days_that_are_not_over(staff, host):
    days = look(staff, host).context["days"]

    assert [bool(day.add) for day in days] == [False] + [True] * 6
    assert {staff.get(day.add).status_code for day in days[1:]} == {200}


def test_a_holiday_can_be_worked_on_from_the_week_of_a_host_and_of_the_office(
    staff, host
):
    operations.generate([host.office])
    friday = date(2030, 4, 19)

    of_host = choices(look(staff, host, week="2030-W16"), friday)
    response = staff.get(page(host, "calendar", week="2030-W16"))

    [(told, offered)] = response.context["days"][4].notes
    assert of_host == [("Open on this holiday", 200)]
    assert (told, [words for words, _url in offered]) == (
        "Good Friday",
        ["Open on this holiday"],
    )


# --- the whole office ---


def test_an_office_shows_each_host_and_day(staff, host):
    offered = OfficeServiceFactory(
        office=host.office, service__duration=timedelta(hours=2)
    )
    AppointmentFactory(offered=offered, host=host)
    operations.close(
        host.office,
        host=host,
        starts_at=local(host.office, TODAY, time(12)),
        ends_at=local(host.office, TODAY, time()) + timedelta(days=1),
        reason="Training",
        by=None,
    )

    response = staff.get(page(host, "calendar"))

    [(line, cells)] = response.context["lines"]
    told = [(c.times, c.appointments, c.closed) for _day, c in cells[1:3]]
    assert line.host == host
    assert told == [
        (["08:00 – 12:00"], 0, ["Training"]),
        (["08:00 – 16:00"], 1, []),
    ]
    assert cells[2][1].percent == 75


def test_what_is_held_is_not_free(staff, host):
    offered = OfficeServiceFactory(
        office=host.office, service__duration=timedelta(hours=4)
    )
    operations.hold(offered, tomorrow_at(host.office), holder="somebody")

    [(_line, cells)] = staff.get(page(host, "calendar")).context["lines"]

    assert cells[2][1].percent == 50


def test_an_office_without_hosts_says_so(client):
    office = OfficeFactory()
    sign_in(client, office)

    assert "This office has no hosts yet." in words(client.get("/admin/calendar/"))


def test_one_finds_ones_own_week(client, host):
    member = MembershipFactory(office=host.office, role=Role.HOST)
    host.user = member.user
    host.save()
    client.force_login(member.user)

    response = client.get("/admin/calendar/")

    assert response.context["own"] == host
    assert "My own week" in words(response)
