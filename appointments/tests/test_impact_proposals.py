"""What is proposed for appointments that would lose their hours, and that it is kept.

At a town hall with counters that are open every day from 8 to 16.
"""

from datetime import date, time, timedelta

import pytest
import time_machine

from appointments.impact import proposals, showing
from appointments.impact.decisions import CANCEL, LEAVE, Decision, Fate
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.tests.factories import AppointmentFactory
from appointments.tests.impact import (
    WEDNESDAY,
    away,
    change_of,
    everything,
    member_of,
)
from appointments.tests.pages import NOW, town_hall, utc
from availability import operations as availability
from availability.models import AvailabilityException, Hold, HostDay
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from offices.models import Closure, OfficeService
from offices.tests.factories import ServiceFactory

NINE = utc("2030-03-13T08:00")
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(clock):
    return town_hall(hosts=2)


@pytest.fixture
def hosts(offered):
    return list(offered.office.hosts.order_by("pk"))


@pytest.fixture
def user(offered):
    return member_of(offered.office)


def book(offered, host, starts_at=NINE, **kwargs):
    return AppointmentFactory(offered=offered, host=host, starts_at=starts_at, **kwargs)


def hurt(user, *rows, delete=()):
    office = user.memberships.get().office
    return showing.hurt_by(change_of(office, *rows, delete=delete), by=user)


def decisions(row):
    return [option.decision for option in row.options]


def give(host):
    return Decision(Fate.GIVE, host.pk)


def move(host, starts_at):
    return Decision(Fate.MOVE, host.pk, starts_at)


def closed(office, day=WEDNESDAY):
    starts_at = utc(f"{day}T00:00") - timedelta(hours=1)
    return Closure(office=office, starts_at=starts_at, ends_at=starts_at + DAY)


# What is proposed. ------------------------------------------------------------------


def test_a_colleague_at_that_time_then_the_nearest_times(offered, hosts, user):
    appointment = book(offered, hosts[0])

    [row] = hurt(user, away(hosts[0]))

    assert row.appointment == appointment
    assert decisions(row) == [
        give(hosts[1]),
        move(hosts[1], NINE + QUARTER),
        move(hosts[1], NINE - QUARTER),  # to come earlier counts twice
        move(hosts[1], NINE + 2 * QUARTER),
        CANCEL,
        LEAVE,
    ]


def test_without_a_colleague_the_nearest_time_is_the_best(offered, hosts, user):
    book(offered, hosts[0])
    book(offered, hosts[1])

    [row] = hurt(user, away(hosts[0], time(8), time(10)))

    assert row.best == move(hosts[1], NINE + QUARTER)


def test_the_same_clock_time_on_the_next_day(offered, hosts, user):
    book(offered, hosts[0])

    [row] = hurt(user, closed(offered.office))

    assert decisions(row)[:-2] == [
        move(hosts[0], NINE + DAY),
        move(hosts[1], NINE + DAY),
        move(hosts[0], NINE + DAY + QUARTER),
    ]


def test_a_day_before_counts_as_two_after(offered, hosts, user):
    book(offered, hosts[0], NINE + DAY)
    thursday, friday = WEDNESDAY + DAY, WEDNESDAY + 2 * DAY

    [row] = hurt(user, closed(offered.office, thursday), closed(offered.office, friday))

    assert row.best.starts_at == NINE + 3 * DAY


def test_where_clocks_change_the_clock_stays(offered, hosts, user):
    saturday = utc("2030-03-30T08:00")
    book(offered, hosts[0], saturday)

    [row] = hurt(user, closed(offered.office, date(2030, 3, 30)))

    assert row.best.starts_at == utc("2030-03-31T07:00")


def test_a_time_is_proposed_once(offered, hosts, user):
    for n in range(3):
        book(offered, hosts[0], NINE + n * QUARTER)

    rows = hurt(user, away(hosts[0]))

    times = [
        (decision.host, option.slot.starts_at)
        for row in rows
        for option in row.options
        if (decision := option.decision).host
    ]
    assert len(times) == len(set(times)) == 12
    assert [row.best for row in rows] == [give(hosts[1])] * 3


def test_who_has_no_colleague_chooses_before_who_has(offered, hosts, user):
    book(offered, hosts[1], NINE + QUARTER)
    given = book(offered, hosts[0], NINE)
    without = book(offered, hosts[0], NINE + QUARTER)

    rows = hurt(user, away(hosts[0]))

    assert [row.appointment for row in rows] == [given, without]
    assert [row.best for row in rows] == [
        give(hosts[1]),
        move(hosts[1], NINE + 2 * QUARTER),
    ]


def test_only_who_can_serve_it(offered, hosts, user):
    hosts[1].services.add(ServiceFactory())
    book(offered, hosts[0])

    [row] = hurt(user, away(hosts[0]))

    assert {d.host for d in decisions(row)} == {hosts[0].pk, None}


def test_the_colleague_with_most_time_left(offered, hosts, user):
    freer = OpenHostFactory(office=offered.office)
    book(offered, hosts[1], NINE + 8 * QUARTER)
    book(offered, hosts[0])

    [row] = hurt(user, away(hosts[0]))

    assert row.best == give(freer)


def test_it_must_fit_as_a_whole(offered, hosts, user):
    OfficeService.objects.update(own_duration=timedelta(minutes=45))
    offered = OfficeService.objects.with_details().get()
    book(offered, hosts[1], NINE + 3 * QUARTER)
    book(offered, hosts[0])

    [row] = hurt(user, away(hosts[0]), away(hosts[1], time(8), time(9, 15)))

    assert row.best == move(hosts[1], NINE + 6 * QUARTER)


def test_what_the_change_itself_opens(offered, hosts, user):
    book(offered, hosts[0])
    evening = AvailabilityException(
        host=hosts[0],
        kind="extra",
        day=WEDNESDAY,
        start_time=time(18),
        end_time=time(18, 15),
    )

    [row] = hurt(user, away(hosts[0], end=time(16)), away(hosts[1]), evening)

    assert row.best == move(hosts[0], utc("2030-03-13T17:00"))


def test_within_the_policy_only(offered, hosts, user):
    offered.office.booking_horizon_days = 1
    offered.office.lead_time = DAY
    availability.save_office(offered.office, by=None)
    book(offered, hosts[0], NINE + QUARTER)

    [row] = hurt(user, closed(offered.office))

    assert decisions(row) == [CANCEL, LEAVE]


def test_what_is_not_offered_any_more_can_go_to_nobody(offered, hosts, user):
    book(offered, hosts[0])
    OfficeService.objects.all().delete()

    [row] = hurt(user, away(hosts[0]))

    assert decisions(row) == [CANCEL, LEAVE]


def test_of_many_each_is_proposed_one_time(offered, hosts, user, monkeypatch):
    monkeypatch.setattr(proposals, "MANY", 1)
    for n in range(2):
        book(offered, hosts[0], NINE + n * QUARTER)

    rows = hurt(user, away(hosts[0]))

    assert [len(row.options) for row in rows] == [4, 4]


# Whom it concerns. ------------------------------------------------------------------


def test_who_keeps_hours_is_not_hurt(offered, hosts, user):
    book(offered, hosts[0])

    assert hurt(user, away(hosts[0], time(9, 15), time(12))) == []
    assert not Hold.objects.exists()


def test_who_had_lost_them_before_is_not_hurt_now(offered, hosts, user):
    book(offered, hosts[0])
    availability.set_hours(hosts[0], save=[away(hosts[0])], by=None)

    assert hurt(user, away(hosts[0], time(12), time(13))) == []


def test_without_a_change_it_is_who_has_lost_them(offered, hosts, user):
    appointment = book(offered, hosts[0])
    availability.set_hours(hosts[0], save=[away(hosts[0])], by=None)

    assert [row.appointment for row in hurt(user)] == [appointment]


# What is kept. ----------------------------------------------------------------------


def test_all_that_is_proposed_is_kept_and_nothing_else_changes(offered, hosts, user):
    book(offered, hosts[0])
    before = everything()

    [row] = hurt(user, away(hosts[0]))

    after = everything()
    held = {(hold["host_id"], hold["starts_at"]) for hold in after.pop(Hold)}
    assert held == {
        (option.host.pk, option.slot.starts_at) for option in row.options if option.slot
    }
    assert {hold.expires_at for hold in Hold.objects.all()} == {
        NOW + timedelta(minutes=20)
    }
    for rows in (before, after):
        rows.pop(Hold, None)
        for day in rows[HostDay]:
            del day["claimed"], day["free"]
    assert after == before
    assert broken() == {}


def test_the_next_page_gives_back_what_the_last_one_kept(offered, hosts, user):
    book(offered, hosts[0])
    first = hurt(user, away(hosts[0]))

    again = hurt(user, away(hosts[0]))

    assert again == first
    assert Hold.objects.count() == 4
    assert broken() == {}


def test_what_somebody_else_is_offered_is_not_proposed(offered, hosts, user):
    book(offered, hosts[0])
    [first] = hurt(user, away(hosts[0]))
    colleague = member_of(offered.office)

    [row] = hurt(colleague, away(hosts[0]))

    assert not set(decisions(first)[:-2]) & set(decisions(row)[:-2])


def test_what_is_taken_at_that_very_moment_is_no_option(
    offered, hosts, user, monkeypatch
):
    book(offered, hosts[0])
    propose = proposals.propose

    def propose_slowly(*args):
        rows = propose(*args)
        book(offered, hosts[1], NINE + QUARTER)
        return rows

    monkeypatch.setattr(showing, "propose", propose_slowly)

    [row] = hurt(user, away(hosts[0]))

    assert move(hosts[1], NINE + QUARTER) not in decisions(row)
    assert row.best == give(hosts[1])
    assert Appointment.objects.count() == 2
    assert broken() == {}
