from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from availability import generation, operations, quarters, queries
from availability.exceptions import QuantityRefused
from availability.models import HostDay
from availability.tests.factories import AvailabilityRuleFactory, OpenHostFactory
from availability.tests.plain import quarter_hours
from offices.tests.factories import (
    HostFactory,
    OfficeFactory,
    OfficeServiceFactory,
    ServiceFactory,
)

NOW = datetime(2030, 3, 4, 7, tzinfo=UTC)
MONDAY, TUESDAY = date(2030, 3, 4), date(2030, 3, 5)
DAY = timedelta(days=1)
EIGHT = datetime(2030, 3, 5, 7, tzinfo=UTC)  # of Tuesday, in Berlin
QUARTER = quarters.QUARTER


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(db):
    """A quarter of an hour at an office without hosts."""
    return OfficeServiceFactory()


def open_host(offered, start=8, end=10, **kwargs):
    return OpenHostFactory(
        office=offered.office, hours=(time(start), time(end)), **kwargs
    )


def every_quarter(first, count):
    return [first + n * QUARTER for n in range(count)]


# The free starts of a day. ----------------------------------------------------------


def test_free_starts_are_in_order_with_the_hosts_that_are_free(offered):
    early, late = open_host(offered, 8, 9), open_host(offered, 8, 10)
    operations.hold(offered, EIGHT, holder="me", host=late)

    found = queries.free_starts(offered, TUESDAY)

    assert list(found) == every_quarter(EIGHT, 8)
    assert list(found.values()) == [
        [early.pk],
        *[[early.pk, late.pk]] * 3,
        *[[late.pk]] * 4,
    ]


def test_a_visit_starts_where_it_fits_whole(offered):
    open_host(offered, 8, 10)
    operations.hold(offered, EIGHT + 4 * QUARTER, holder="me")
    offered.own_duration = timedelta(minutes=40)

    found = queries.free_starts(offered, TUESDAY)

    assert list(found) == [*every_quarter(EIGHT, 2), EIGHT + 5 * QUARTER]


def test_a_buffer_must_fit_too(offered):
    open_host(offered, 8, 9)
    offered.buffer = timedelta(minutes=15)

    assert list(queries.free_starts(offered, TUESDAY)) == every_quarter(EIGHT, 3)


def test_a_quantity_takes_longer(offered):
    open_host(offered, 8, 9)
    offered.own_max_quantity = 3

    found = queries.free_starts(offered, TUESDAY, quantity=3)

    assert list(found) == every_quarter(EIGHT, 2)
    with pytest.raises(QuantityRefused):
        queries.free_starts(offered, TUESDAY, quantity=4)


def test_one_host_can_be_asked_about(offered):
    host, _other = open_host(offered, 8, 9), open_host(offered, 8, 10)

    found = queries.free_starts(offered, TUESDAY, host=host)

    assert list(found.values()) == [[host.pk]] * 4


def test_hosts_who_cannot_serve_are_left_out(offered):
    other_service = OfficeServiceFactory(office=offered.office).service
    open_host(offered).services.add(other_service)
    open_host(offered, is_active=False)
    foreign = OpenHostFactory()
    named = open_host(offered, 8, 9)
    named.services.add(offered.service, other_service)

    found = queries.free_starts(offered, TUESDAY)

    assert list(found.values()) == [[named.pk]] * 4
    assert queries.free_starts(offered, TUESDAY, host=foreign) == {}
    assert list(queries.serving(offered)) == [named.pk]


def test_today_begins_after_the_lead_time(offered, clock):
    open_host(offered, 8, 10)  # Berlin's clock shows 8:00
    offered.office.lead_time = timedelta(minutes=61)

    found = queries.free_starts(offered, MONDAY)

    assert list(found) == every_quarter(NOW + 5 * QUARTER, 3)


def test_staff_name_the_instant_from_which_they_book(offered):
    open_host(offered, 8, 10)

    found = queries.free_starts(offered, MONDAY, since=NOW + QUARTER)

    assert list(found) == every_quarter(NOW + QUARTER, 7)


@pytest.mark.parametrize("day", [MONDAY - DAY, MONDAY + 61 * DAY])
def test_the_past_and_what_is_beyond_the_horizon_are_not_offered(offered, day):
    host = open_host(offered)
    generation.generate([offered.office], until=MONDAY + 70 * DAY)
    HostDay.objects.get_or_create(
        host=host, office=offered.office, day=day, defaults={"open": quarters.ALL}
    )

    assert queries.free_starts(offered, day) == {}


@pytest.mark.parametrize(
    ("day", "count"),
    [(date(2030, 3, 30), 96), (date(2030, 3, 31), 92), (date(2030, 10, 27), 100)],
)
def test_each_quarter_of_a_day_is_offered_when_clocks_change(
    offered, clock, day, count
):
    clock.move_to(datetime.combine(day - DAY, time(), UTC))
    open_host(offered, 0, 0)

    found = queries.free_starts(offered, day)

    assert list(found) == quarter_hours(day, "Europe/Berlin")
    assert len(found) == count


@settings(suppress_health_check=list(HealthCheck), max_examples=40)
@given(
    st.lists(st.integers(0, quarters.ALL), min_size=2, max_size=2),
    st.lists(st.integers(0, quarters.ALL), min_size=2, max_size=2),
    st.integers(1, 6),
)
def test_all_ways_to_ask_agree_with_a_plain_reading(
    two_open_hosts, opened, claimed, count
):
    offered, hosts = two_open_hosts
    offered.own_duration = count * QUARTER
    starts = quarter_hours(TUESDAY, "UTC")
    free = []
    for host, is_open, is_claimed in zip(hosts, opened, claimed, strict=True):
        HostDay.objects.filter(host=host, day=TUESDAY).update(
            open=is_open & (1 << 96) - 1, claimed=is_claimed
        )
        bits = is_open & ~is_claimed
        free.append({n for n in range(96) if bits >> n & 1})
    expected = {
        starts[n]: able
        for n in range(96)
        if (
            able := [
                host.pk
                for host, numbers in zip(hosts, free, strict=True)
                if numbers.issuperset(range(n, n + count))
            ]
        )
    }

    assert queries.free_starts(offered, TUESDAY) == expected
    assert queries.free_counts(offered, TUESDAY, TUESDAY) == (
        {TUESDAY: len(expected)} if expected else {}
    )
    assert queries.next_free([offered]) == (
        {offered.office_id: min(expected)} if expected else {}
    )
    assert set(queries.nearest(offered, starts[48])) <= set(expected)
    for host in hosts:
        assert list(queries.free_starts(offered, TUESDAY, host=host)) == [
            start for start, able in expected.items() if host.pk in able
        ]


@pytest.fixture
def two_open_hosts(db):
    """Two hosts of an office in UTC, whose Tuesday alone is written."""
    offered = OfficeServiceFactory(office__time_zone="UTC")
    hosts = HostFactory.create_batch(2, office=offered.office)
    for host in hosts:
        HostDay.objects.create(host=host, office=offered.office, day=TUESDAY)
    return offered, hosts


# Counts of days, the nearest, the next. --------------------------------------------


def test_days_are_counted_over_all_hosts_and_full_ones_left_out(offered, clock):
    open_host(offered, 8, 9)
    open_host(offered, 8, 10)
    offered.office.closures.create(
        starts_at=EIGHT + DAY, ends_at=EIGHT + 1.5 * DAY, office=offered.office
    )
    generation.generate([offered.office])

    found = queries.free_counts(offered, MONDAY, TUESDAY + 2 * DAY)

    assert found == {MONDAY: 4, TUESDAY: 8, TUESDAY + 2 * DAY: 8}


def test_days_are_counted_from_the_lead_time_to_the_horizon(offered):
    offered.office.booking_horizon_days = 3
    open_host(offered, 8, 9)

    found = queries.free_counts(offered, MONDAY - 30 * DAY, MONDAY + 400 * DAY)

    assert found == {MONDAY + n * DAY: 4 for n in range(1, 4)}


def test_days_are_counted_for_one_host_and_a_quantity(offered):
    host, _other = open_host(offered, 8, 9), open_host(offered)
    offered.own_max_quantity = 2

    found = queries.free_counts(offered, TUESDAY, TUESDAY, quantity=2, host=host)

    assert found == {TUESDAY: 3}


def test_the_nearest_times_are_in_order_around_the_wanted_one(offered):
    open_host(offered, 8, 16)
    wanted = EIGHT + 8 * QUARTER
    operations.hold(offered, wanted, holder="me")

    found = queries.nearest(offered, wanted)

    around = every_quarter(wanted - 3 * QUARTER, 7)
    assert found == [start for start in around if start != wanted]


def test_the_nearest_times_can_be_on_other_days(offered):
    open_host(offered, 8, 9)
    operations.hold(offered, EIGHT, holder="me")
    offered.own_duration = timedelta(hours=1)

    found = queries.nearest(offered, EIGHT)

    assert found == [EIGHT + n * DAY for n in range(1, 7)]


def test_the_next_free_time_of_each_office(offered):
    service = offered.service
    open_host(offered, 8, 10)
    full = OfficeServiceFactory(service=service, office__booking_horizon_days=1)
    kathmandu = OfficeServiceFactory(
        service=service, office__time_zone="Asia/Kathmandu"
    )
    OpenHostFactory(office=kathmandu.office)
    longer = OfficeServiceFactory(service=service, own_duration=timedelta(minutes=45))
    OpenHostFactory(office=longer.office, hours=(time(8), time(9)))
    for start in (NOW, EIGHT):
        HostDay.objects.filter(office=longer.office, day=start.date()).update(
            claimed=1 << 34
        )

    found = queries.next_free([offered, full, kathmandu, longer])

    assert found == {
        offered.office_id: NOW + timedelta(hours=1),
        kathmandu.office_id: NOW + timedelta(hours=1),
        longer.office_id: datetime(2030, 3, 6, 7, tzinfo=UTC),
    }


def test_offices_that_do_not_take_so_many_are_left_out(offered):
    open_host(offered)

    assert queries.next_free([offered], quantity=2) == {}
    assert queries.next_free([]) == {}


# What it costs. ---------------------------------------------------------------------


@pytest.mark.parametrize("hosts", [1, 5])
def test_a_question_is_one_query_however_many_hosts(
    offered, hosts, django_assert_num_queries
):
    OpenHostFactory.create_batch(hosts, office=offered.office)
    more = OfficeServiceFactory.create_batch(3, service=offered.service)

    for ask in (
        lambda: queries.free_starts(offered, TUESDAY),
        lambda: queries.free_counts(offered, MONDAY, MONDAY + 30 * DAY),
        lambda: queries.nearest(offered, EIGHT),
        lambda: queries.next_free([offered, *more]),
    ):
        with django_assert_num_queries(1):
            ask()


def plan_of(ask):
    """How PostgreSQL goes about the one query of a question."""
    with CaptureQueriesContext(connection) as asked:
        ask()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + asked[0]["sql"])
        return "\n".join(line for (line,) in cursor.fetchall())


def test_a_day_and_a_month_are_read_by_index(db):
    offices = OfficeFactory.create_batch(10, booking_horizon_days=400)
    offered = OfficeServiceFactory(office=offices[0], service=ServiceFactory())
    for office in offices:
        for host in HostFactory.create_batch(3, office=office):
            AvailabilityRuleFactory(host=host)
    generation.generate(offices)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    for ask in (
        lambda: queries.free_starts(offered, TUESDAY),
        lambda: queries.free_counts(offered, TUESDAY, TUESDAY + 30 * DAY),
        lambda: queries.next_free([offered]),
    ):
        plan = plan_of(ask)
        assert "Seq Scan on availability_hostday" not in plan
        assert "hostday_office_day" in plan or "hostday_once_per_host" in plan
