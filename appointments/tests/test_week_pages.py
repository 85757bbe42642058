"""The calendar as it is looked at: what it shows, to whom, and what that costs."""

import random
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import AdminFactory, UserFactory
from appointments import operations as appointments
from appointments.admin.week import PAGES
from appointments.tests.calendar_world import (
    AUTUMN,
    AUTUMN_NOW,
    MONDAY,
    NOW,
    SPRING,
    TODAY,
    WEDNESDAY,
    page,
    sign_in,
)
from appointments.tests.factories import AppointmentFactory, local, tomorrow_at
from appointments.tests.pages import words
from appointments.week import weeks
from appointments.week.facts import Facts
from availability import operations
from availability.generation import generate
from availability.models import AvailabilityException, AvailabilityRule, HostDay
from availability.tests.factories import OpenHostFactory
from offices.models import Closure
from offices.roles import Role
from offices.tests.factories import (
    ClosureFactory,
    HostFactory,
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


def look(client, host, **query):
    return client.get(page(host, "calendar", host=host.pk, **query))


def on(response, day):
    """What is shown of a day: [(kind, times, title, note, place)]."""
    of_day = next(each for each in response.context["days"] if each.day == day)
    return [
        (entry.kind, entry.times, entry.title, entry.note, place)
        for entry, place in of_day.placed
    ]


def choices(response, day, number=0):
    """What can be done with the entry of that number: [(words, status of the page)]."""
    of_day = next(each for each in response.context["days"] if each.day == day)
    found = of_day.placed[number][0].choices
    return [(label, response.client.get(url).status_code) for label, url in found]


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

    Closure.objects.filter(reason="Karfreitag").update(is_overridden=True)
    response = look(staff, host, week="2030-W16")

    assert shut == [
        ("closed", "All day", "Public holiday", "Karfreitag", "at-1 for-36")
    ]
    assert [kind for kind, *_ in on(response, friday)] == ["open"]
    assert "Karfreitag: open all the same" in words(response)


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
    assert response.context["booked_until"] == date(2030, 5, 11)


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


def messy(seed):
    """An office in Berlin with hosts, hours, exceptions and closures of all kinds."""
    lot = random.Random(seed)
    office = OfficeFactory()
    hosts = HostFactory.create_batch(3, office=office)
    today = office.today()

    def day():
        return today + timedelta(days=lot.randrange(-3, 25))

    def span():
        start, end = sorted(lot.sample(range(96), 2))
        return {"start_time": clock(start), "end_time": clock(end)}

    for host in hosts:
        for _n in range(3):
            since, until = sorted([day(), day()])
            some = {"valid_from": since, "valid_until": until, **span()}
            AvailabilityRule.objects.create(
                host=host, weekdays=lot.sample(range(1, 8), 4), **some
            )
            AvailabilityRule.objects.create(host=host, day=day(), **span())
        for kind in ["away", "extra"] * 4:
            AvailabilityException.objects.create(
                host=host, kind=kind, day=day(), **span()
            )
    for host in [None, *hosts]:
        start = datetime.combine(day(), time(), UTC) + timedelta(
            minutes=lot.randrange(1440)
        )
        ClosureFactory(
            office=office,
            host=host,
            starts_at=start,
            ends_at=start + timedelta(minutes=lot.randrange(1, 4000)),
            is_overridden=lot.random() < 0.2,
        )
    hosts[-1].is_active = False
    hosts[-1].save()
    return office, hosts


def clock(number):
    return time(number // 4, number % 4 * 15)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("now", [NOW + timedelta(days=7), AUTUMN_NOW])
def test_the_hours_are_those_that_are_precomputed(time_machine, now, seed):
    time_machine.move_to(now, tick=False)
    office, hosts = messy(seed)
    generate([office])
    days = [office.today() + timedelta(days=n) for n in range(28)]

    facts = Facts(office, hosts, days)

    told = {
        (host.pk, day): facts.open(host, day, local_day)
        for host in hosts
        for day, local_day in zip(days, facts.local, strict=True)
    }
    written = HostDay.objects.filter(office=office, day__in=days)
    assert told == {(row.host_id, row.day): row.open for row in written}


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


# --- who may look, and who may change ---


@pytest.mark.parametrize("role", sorted(Role.values))
def test_each_member_looks(client, host, role):
    sign_in(client, host.office, role)

    assert look(client, host).status_code == 200
    assert client.get(page(host, "calendar")).status_code == 200


def addresses(host):
    """Every page that changes hours, of rows that there are."""
    rule = host.rules.get(day=None)
    away = AvailabilityException.objects.create(host=host, kind="away", day=TODAY)
    closure = ClosureFactory(
        office=host.office,
        starts_at=NOW + timedelta(days=2),
        ends_at=NOW + timedelta(days=3),
    )
    holiday = ClosureFactory(
        office=host.office,
        kind="holiday",
        starts_at=NOW + timedelta(days=9),
        ends_at=NOW + timedelta(days=10),
    )
    keys = {
        "hours": rule.pk,
        "exceptions": away.pk,
        "closures": closure.pk,
        "holidays": holiday.pk,
    }
    query = {"day": "2030-03-13", "from": "08:00"}
    found = []
    for where, (name, _page) in PAGES.items():
        if name != "calendar":
            args = [keys[where.split("/")[0]]] if "<int:pk>" in where else []
            found.append(page(host, name, *args, **query))
    return found


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SECRETARY])
def test_who_manages_hours_gets_every_page(client, host, role):
    found = addresses(host)
    sign_in(client, host.office, role)

    assert {url: client.get(url).status_code for url in found} == dict.fromkeys(
        found, 200
    )


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION])
def test_who_does_not_is_offered_nothing_and_refused(client, host, role):
    found = addresses(host)
    sign_in(client, host.office, role)
    response = look(client, host)

    assert response.context["actions"] == []
    assert choices(response, WEDNESDAY) == []
    assert [client.get(url).status_code for url in found] == [403] * len(found)
    assert [client.post(url).status_code for url in found] == [403] * len(found)


@pytest.mark.parametrize("role", sorted(Role.values))
def test_another_office_does_not_exist(client, host, role):
    found = addresses(host)
    sign_in(client, OfficeFactory(), role)
    refused = 404 if role in (Role.MANAGER, Role.SECRETARY) else 403

    assert look(client, host).status_code == 404
    assert [client.get(url).status_code for url in found] == [refused] * len(found)
    assert [client.post(url).status_code for url in found] == [refused] * len(found)


def test_rows_of_another_office_are_not_found_at_ones_own(client, host):
    found = addresses(host)
    own = OpenHostFactory()
    sign_in(client, own.office, Role.MANAGER)
    moved = [
        url.replace("office=town-hall", f"office={own.office.slug}")
        for url in found
        if not url.startswith(("/admin/calendar/weekly", "/admin/calendar/once"))
        and not url.startswith(("/admin/calendar/time-off", "/admin/calendar/copy"))
    ]

    assert [client.get(url).status_code for url in moved] == [404] * len(moved)
    assert client.get(page(own, "calendar", host=host.pk)).status_code == 404


def test_a_host_of_another_office_is_no_choice(client, host):
    own = OpenHostFactory()
    sign_in(client, own.office, Role.MANAGER)

    response = client.post(
        page(own, "calendar_once"),
        {"host": host.pk, "day": "2030-03-13", "start": "17:00", "end": "18:00"},
    )

    assert response.context["form"].errors == {
        "host": ["Choose one of the hosts of this office."]
    }


def test_a_host_here_who_manages_hours_elsewhere_changes_nothing_here(client, host):
    found = addresses(host)
    user = MembershipFactory(office=host.office, role=Role.HOST).user
    MembershipFactory(user=user, role=Role.SECRETARY)
    client.force_login(user)

    assert look(client, host).context["actions"] == []
    assert [client.post(url).status_code for url in found] == [404] * len(found)


def test_an_admin_sees_all_offices(client, host):
    client.force_login(AdminFactory())

    assert look(client, host).status_code == 200


def test_a_citizen_gets_nothing(client, host):
    client.force_login(UserFactory(is_staff=True))

    assert look(client, host).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        {"host": "nobody"},
        {"host": "99999999999999999999"},
        {"week": "2030-W60"},
        {"week": "soon"},
        {"day": "soon"},
        {"day": "9999-12-31"},
        {"day": "0001-01-01"},
    ],
)
def test_what_is_not_there_is_not_found(staff, host, query):
    assert staff.get(page(host, "calendar", **query)).status_code == 404


@pytest.mark.parametrize("name", ["calendar_day", "calendar_drop_day"])
def test_days_that_are_over_cannot_be_changed(staff, host, name):
    address = page(host, name, host.rules.get().pk, day="2030-03-11")

    assert staff.post(address).status_code == 404


# --- how much it asks of the database ---


def asked(client, url):
    """How many queries a page takes."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("many", [1, 30])
def test_the_week_of_an_office_asks_the_same_of_one_host_and_of_thirty(
    client, host, many
):
    offered = OfficeServiceFactory(office=host.office)
    for other in [host, *OpenHostFactory.create_batch(many - 1, office=host.office)]:
        AppointmentFactory(offered=offered, host=other)
        away = AvailabilityException(kind="away", day=TODAY)
        operations.set_hours(other, save=[away], by=None)
        ClosureFactory(
            office=host.office,
            host=other,
            starts_at=NOW + timedelta(days=2),
            ends_at=NOW + timedelta(days=3),
        )
    sign_in(client, host.office)

    assert asked(client, page(host, "calendar")) == 13


@pytest.mark.parametrize("many", [1, 30])
def test_the_week_of_a_host_asks_the_same_of_one_appointment_and_of_thirty(
    client, host, many
):
    offered = OfficeServiceFactory(office=host.office)
    first = tomorrow_at(host.office, time(8))
    for number in range(many):
        AppointmentFactory(
            offered=offered, host=host, starts_at=first + number * timedelta(minutes=15)
        )
    sign_in(client, host.office)

    assert asked(client, page(host, "calendar", host=host.pk)) == 13
