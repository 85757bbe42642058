from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from availability import generation, quarters
from availability.models import (
    AvailabilityException,
    AvailabilityRule,
    ExceptionKind,
    HostDay,
)
from availability.tests.factories import (
    AvailabilityExceptionFactory,
    AvailabilityRuleFactory,
)
from availability.tests.plain import (
    QUARTER,
    ZONES,
    as_bits,
    clock_changes,
    is_within,
    quarter_hours,
    wall_times,
)
from offices.models import Closure
from offices.tests.factories import ClosureFactory, HostFactory, OfficeFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MONDAY = date(2030, 3, 4)
MONDAY_NOON = datetime(2030, 3, 4, 11, tzinfo=UTC)
NINE_TO_TEN = quarters.span(36, 4)


# What the rules say, read slowly. ---------------------------------------------


def is_open(host, day, clock, instant, rules, exceptions, closures):
    """Whether a host sees people at an instant, of which the clock shows `clock`."""

    def says(row):
        return row.host == host and is_within(clock, row.start_time, row.end_time)

    def in_force(rule):
        if rule.day:
            return rule.day == day
        return (
            day.isoweekday() in rule.weekdays
            and not (rule.valid_from and day < rule.valid_from)
            and not (rule.valid_until and day > rule.valid_until)
        )

    of_day = [each for each in exceptions if each.day == day and says(each)]
    return (
        host.is_active
        and (
            any(in_force(rule) and says(rule) for rule in rules)
            or any(each.kind == ExceptionKind.EXTRA for each in of_day)
        )
        and not any(each.kind == ExceptionKind.AWAY for each in of_day)
        and not any(
            closure.host in (None, host)
            and not closure.is_overridden
            and closure.starts_at < instant + QUARTER
            and closure.ends_at > instant
            for closure in closures
        )
    )


def read_plainly(office, days, hosts, rows):
    """What each host offers on each day: {(host id, day): quarters}."""
    return {
        (host.pk, day): as_bits(
            is_open(host, day, clock, instant, *rows)
            for clock, instant in zip(
                wall_times(day, office.time_zone),
                quarter_hours(day, office.time_zone),
                strict=True,
            )
        )
        for host in hosts
        for day in days
    }


# Calendars to read. -------------------------------------------------------------


@st.composite
def hours(draw):
    """A start and an end on quarters of an hour; the end can be midnight."""
    first = draw(st.integers(0, 95))
    last = draw(st.integers(first + 1, 96)) % 96
    return {
        "start_time": time(first // 4, first % 4 * 15),
        "end_time": time(last // 4, last % 4 * 15),
    }


def near(day):
    return st.integers(-3, 4).map(lambda n: day + n * DAY)


@st.composite
def rules(draw, host, day):
    if draw(st.booleans()):
        return AvailabilityRule(host=host, day=draw(near(day)), **draw(hours()))
    return AvailabilityRule(
        host=host,
        weekdays=draw(st.lists(st.integers(1, 7), min_size=1, unique=True)),
        valid_from=draw(st.none() | near(day)),
        valid_until=draw(st.none() | near(day).map(lambda last: last + 7 * DAY)),
        **draw(hours()),
    )


@st.composite
def exceptions(draw, host, day):
    times = draw(st.just({}) | hours())  # none: the whole day
    kind = draw(st.sampled_from(ExceptionKind.values))
    return AvailabilityException(host=host, kind=kind, day=draw(near(day)), **times)


@st.composite
def closures(draw, office, hosts, midnight):
    starts_at = midnight + timedelta(minutes=draw(st.integers(-1500, 6000)))
    return Closure(
        office=office,
        host=draw(st.none() | st.sampled_from(hosts)),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=draw(st.integers(1, 2000))),
        is_overridden=draw(st.integers(0, 3)) == 0,
    )


@st.composite
def days_to_begin(draw):
    """A zone, and a day shortly before its clocks change, or any day."""
    zone = draw(st.sampled_from(ZONES))
    changes = [day - n * DAY for day in clock_changes(zone) for n in range(4)]
    days = st.dates(date(2030, 1, 1), date(2031, 12, 1))
    return zone, draw(st.sampled_from(changes) | days if changes else days)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(days_to_begin(), st.data())
def test_what_is_generated_is_what_a_plain_reading_of_the_rules_gives(begin, data):
    zone, today = begin
    with (
        transaction.atomic(),
        time_machine.travel(data.draw(st.sampled_from(quarter_hours(today, zone)))),
    ):
        office = OfficeFactory(time_zone=zone, booking_horizon_days=4)
        hosts = HostFactory.create_batch(3, office=office)
        hosts.append(HostFactory(office=office, is_active=False))
        days = [today + n * DAY for n in range(5)]
        rows = [
            data.draw(st.lists(rows, max_size=8))
            for rows in (
                st.sampled_from(hosts).flatmap(lambda host: rules(host, today)),
                st.sampled_from(hosts).flatmap(lambda host: exceptions(host, today)),
                closures(office, hosts, quarter_hours(today, zone)[0]),
            )
        ]
        claimed = data.draw(st.integers(0, quarters.ALL))
        stale = HostDay(
            host=hosts[0],
            office=office,
            day=days[1],
            open=claimed >> 1,
            claimed=claimed,
        )
        for model, of_model in zip(
            (AvailabilityRule, AvailabilityException, Closure, HostDay),
            (*rows, [stale]),
            strict=True,
        ):
            model.objects.bulk_create(of_model)

        generation.generate([office])

        found = HostDay.objects.order_by("host_id", "day")
        assert {(row.host_id, row.day): row.open for row in found} == read_plainly(
            office, days, hosts, rows
        )
        assert [row.claimed for row in found.exclude(claimed=0)] == (
            [claimed] if claimed else []
        )
        assert [row.free for row in found] == [row.open & ~row.claimed for row in found]
        assert generation.generate([office]) == 0
        transaction.set_rollback(True)


# Single cases. --------------------------------------------------------------------


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel(MONDAY_NOON, tick=False):
        yield


def opened(host, day=MONDAY):
    return HostDay.objects.get(host=host, day=day).open


def closed_from(office, clock, **kwargs):
    starts_at = datetime.combine(MONDAY, clock, office.zone)
    return ClosureFactory(
        office=office, starts_at=starts_at, ends_at=starts_at + DAY, **kwargs
    )


def test_all_days_from_today_to_the_horizon_are_written_once():
    rule = AvailabilityRuleFactory(host__office__booking_horizon_days=9)
    office = rule.host.office

    written = [generation.generate([office]) for _ in range(2)]

    days = HostDay.objects.order_by("day").values_list("day", flat=True)
    assert written == [10, 0]
    assert list(days) == [MONDAY + n * DAY for n in range(10)]


def test_only_days_that_change_are_written_again():
    rule = AvailabilityRuleFactory(host__office__booking_horizon_days=9)
    generation.generate([rule.host.office])
    AvailabilityExceptionFactory(host=rule.host, day=MONDAY + DAY)

    written = generation.generate([rule.host.office])

    assert written == 1


@pytest.mark.parametrize("hosts", [1, 50])
def test_any_number_of_hosts_takes_as_many_queries(hosts, django_assert_num_queries):
    office = OfficeFactory()
    for host in HostFactory.create_batch(hosts, office=office):
        AvailabilityRuleFactory(host=host)

    with django_assert_num_queries(5):  # savepoint, lock, last days, write, release
        written = generation.generate([office])

    assert written == hosts * 61


@pytest.mark.parametrize("zones", [("Europe/Berlin",), ("Europe/Berlin", "UTC")])
def test_offices_alike_in_days_are_written_by_one_statement(
    zones, django_assert_num_queries
):
    offices = [OfficeFactory(time_zone=zone) for zone in zones * 3]
    hosts = [HostFactory(office=office) for office in offices]
    for host in hosts:
        AvailabilityRuleFactory(host=host, start_time=time(9), end_time=time(10))

    with django_assert_num_queries(5):
        generation.generate(offices)

    assert [opened(host) for host in hosts] == [NINE_TO_TEN] * len(hosts)


def test_offices_with_other_days_are_written_too():
    samoa = AvailabilityRuleFactory(host__office__time_zone="Pacific/Pago_Pago").host
    tokyo = AvailabilityRuleFactory(host__office__time_zone="Asia/Tokyo").host
    short = AvailabilityRuleFactory(host__office__booking_horizon_days=3).host

    written = generation.generate([host.office for host in (samoa, tokyo, short)])

    assert written == 61 + 61 + 4


def test_other_offices_are_left_alone():
    rule, other = AvailabilityRuleFactory.create_batch(2)

    generation.generate([rule.host.office])

    assert not HostDay.objects.filter(office=other.host.office).exists()


def test_an_earlier_or_a_later_last_day_can_be_named():
    rule = AvailabilityRuleFactory(host__office__booking_horizon_days=9)
    office = rule.host.office

    lasts = [MONDAY - DAY, MONDAY + 2 * DAY, MONDAY + 12 * DAY]
    written = [generation.generate([office], until=last) for last in lasts]

    assert written == [0, 3, 10]


def test_days_beyond_the_horizon_that_were_written_are_kept_right():
    rule = AvailabilityRuleFactory(host__office__booking_horizon_days=2)
    far = MONDAY + 9 * DAY
    generation.generate([rule.host.office], until=far)
    rule.delete()

    generation.generate([rule.host.office])

    assert opened(rule.host, far) == 0


def test_days_that_are_over_stay_as_they_were():
    rule = AvailabilityRuleFactory(start_time=time(9), end_time=time(10))
    generation.generate([rule.host.office])
    rule.delete()

    with time_machine.travel(MONDAY_NOON + DAY):
        generation.generate([rule.host.office])

    days = [opened(rule.host, MONDAY + n * DAY) for n in range(2)]
    assert days == [NINE_TO_TEN, 0]


def test_what_is_claimed_is_not_touched():
    rule = AvailabilityRuleFactory(start_time=time(9), end_time=time(10))
    generation.generate([rule.host.office])
    HostDay.objects.filter(day=MONDAY).update(claimed=0b11 << 38)
    AvailabilityRule.objects.update(end_time=time(9, 45))

    generation.generate([rule.host.office])

    day = HostDay.objects.get(day=MONDAY)
    assert (day.open, day.claimed, day.free) == (0b111 << 36, 0b11 << 38, 0b11 << 36)


def test_a_host_that_is_inactive_offers_nothing_until_it_is_active_again():
    rule = AvailabilityRuleFactory(start_time=time(9), end_time=time(10))
    host = rule.host
    offered = []

    for is_active in (True, False, True):
        host.is_active = is_active
        host.save()
        generation.generate([host.office])
        offered.append(opened(host))

    assert offered == [NINE_TO_TEN, 0, NINE_TO_TEN]


def test_a_closure_takes_every_quarter_that_it_touches():
    rule = AvailabilityRuleFactory(start_time=time(9), end_time=time(12))
    office = rule.host.office
    ClosureFactory(
        office=office,
        starts_at=datetime(2030, 3, 4, 9, 29, 59, tzinfo=office.zone),
        ends_at=datetime(2030, 3, 4, 10, 0, 1, tzinfo=office.zone),
    )

    generation.generate([office])

    assert opened(rule.host) == quarters.span(36, 1) | quarters.span(41, 7)


def test_a_closure_of_one_host_leaves_the_others_open():
    away, here = (
        AvailabilityRuleFactory(host=host, start_time=time(9), end_time=time(10)).host
        for host in HostFactory.create_batch(2, office=OfficeFactory())
    )
    closed_from(away.office, time(8), host=away)

    generation.generate([away.office])

    assert (opened(away), opened(here)) == (0, NINE_TO_TEN)


def test_an_office_can_open_all_the_same():
    rule = AvailabilityRuleFactory(start_time=time(9), end_time=time(10))
    closed_from(rule.host.office, time(8), is_overridden=True)

    generation.generate([rule.host.office])

    assert opened(rule.host) == NINE_TO_TEN


def test_a_closure_can_last_for_years():
    rule = AvailabilityRuleFactory()
    ClosureFactory(
        office=rule.host.office,
        starts_at=datetime(1970, 1, 1, tzinfo=UTC),
        ends_at=datetime(2999, 1, 1, tzinfo=UTC),
    )

    generation.generate([rule.host.office])

    assert set(HostDay.objects.values_list("open", flat=True)) == {0}


def test_off_the_hour_nine_is_still_nine():
    rule = AvailabilityRuleFactory(
        host__office__time_zone="Asia/Kathmandu",
        start_time=time(9),
        end_time=time(10),
    )

    generation.generate([rule.host.office])

    day = quarters.local_day(MONDAY, "Asia/Kathmandu")
    first = min(quarters.numbers(opened(rule.host)))
    assert quarters.start_of(first, day) == datetime(2030, 3, 4, 3, 15, tzinfo=UTC)
    assert opened(rule.host) == NINE_TO_TEN


@pytest.mark.parametrize(
    ("sunday", "first", "count"),
    [
        (date(2030, 3, 24), 4, 8),
        (date(2030, 3, 31), 4, 4),
        (date(2030, 10, 27), 4, 12),
    ],
)
def test_one_to_three_on_a_usual_sunday_and_when_clocks_change(sunday, first, count):
    rule = AvailabilityRuleFactory(
        weekdays=[7],
        start_time=time(1),
        end_time=time(3),
        host__office__booking_horizon_days=400,
    )

    generation.generate([rule.host.office])

    assert opened(rule.host, sunday) == quarters.span(first, count)
