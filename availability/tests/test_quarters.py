from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from availability import quarters
from availability.tests.plain import (
    QUARTER,
    ZONES,
    as_bits,
    clock_changes,
    is_within,
    quarter_hours,
    wall_times,
)

QUARTER_SETS = st.integers(0, quarters.ALL)
COUNTS = st.integers(1, 120)
MINUTES = st.timedeltas(timedelta(minutes=-500), timedelta(minutes=3000))


def day_in(zone):
    days = st.dates(date(2025, 1, 1), date(2036, 12, 31))
    changes = clock_changes(zone)
    return st.sampled_from(changes) | days if changes else days


LOCAL_DAYS = st.sampled_from(ZONES).flatmap(
    lambda zone: st.tuples(day_in(zone), st.just(zone))
)


def as_list(bits):
    return [bool(bits >> n & 1) for n in range(quarters.SIZE)]


@pytest.mark.parametrize(
    ("zone", "day", "length", "change"),
    [
        ("UTC", date(2030, 3, 31), 96, (96, 0)),
        ("Asia/Kathmandu", date(2030, 3, 31), 96, (96, 0)),
        ("Europe/Berlin", date(2030, 3, 30), 96, (96, 0)),
        ("Europe/Berlin", date(2030, 3, 31), 92, (8, 4)),
        ("Europe/Berlin", date(2030, 10, 27), 100, (12, -4)),
        ("America/Havana", date(2030, 3, 10), 92, (0, 4)),
        ("America/Havana", date(2030, 11, 3), 100, (4, -4)),
        ("America/Santiago", date(2030, 9, 8), 92, (0, 4)),
        ("America/Santiago", date(2030, 4, 6), 100, (96, -4)),
        ("Africa/Cairo", date(2030, 4, 26), 92, (0, 4)),
        ("Australia/Lord_Howe", date(2030, 4, 7), 98, (8, -2)),
        ("Australia/Lord_Howe", date(2030, 10, 6), 94, (8, 2)),
        ("Pacific/Chatham", date(2030, 9, 29), 92, (11, 4)),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(zone, day, length, change):
    local_day = quarters.local_day(day, zone)

    assert (local_day.length, local_day.change) == (length, change)


@given(LOCAL_DAYS)
def test_a_day_begins_and_passes_as_the_wall_clock_shows(day_and_zone):
    day, zone = day_and_zone

    local_day = quarters.local_day(day, zone)

    starts = [quarters.start_of(n, local_day) for n in range(local_day.length)]
    assert starts == quarter_hours(day, zone)


@given(LOCAL_DAYS)
def test_days_adjoin(day_and_zone):
    day, zone = day_and_zone

    today = quarters.local_day(day, zone)
    tomorrow = quarters.local_day(day + timedelta(days=1), zone)

    assert quarters.start_of(today.length, today) == tomorrow.starts_at


@given(LOCAL_DAYS)
def test_all_of_a_day_is_each_of_its_quarters(day_and_zone):
    local_day = quarters.local_day(*day_and_zone)

    assert list(quarters.numbers(local_day.all)) == list(range(local_day.length))


@given(LOCAL_DAYS, st.integers(0, (1 << quarters.WALL_QUARTERS) - 1))
def test_elapsed_quarters_are_those_that_show_the_wall_times(day_and_zone, wall):
    shown = wall_times(*day_and_zone)

    found = quarters.elapsed(wall, quarters.local_day(*day_and_zone))

    assert found == as_bits(
        wall >> clock.hour * 4 + clock.minute // 15 & 1 for clock in shown
    )


def test_hours_that_the_clock_shows_twice_are_open_twice():
    autumn = quarters.local_day(date(2030, 10, 27), "Europe/Berlin")

    found = quarters.elapsed(quarters.wall_span(time(2), time(3)), autumn)

    assert found == quarters.span(8, 8)


def test_hours_that_the_clock_skips_are_not_open():
    spring = quarters.local_day(date(2030, 3, 31), "Europe/Berlin")

    found = quarters.elapsed(quarters.wall_span(time(2), time(3)), spring)

    assert found == 0


@given(QUARTER_SETS, COUNTS)
def test_runs_start_where_so_many_in_a_row_are_free(free, count):
    is_free = as_list(free) + [False] * count

    found = quarters.runs(free, count)

    assert found == as_bits(all(is_free[n : n + count]) for n in range(quarters.SIZE))


@given(st.integers(-130, 130), st.integers(-5, 130))
def test_a_span_has_the_numbers_from_first_on(first, count):
    wanted = range(first, first + count)

    assert quarters.span(first, count) == as_bits(
        n in wanted for n in range(quarters.SIZE)
    )


@given(st.integers(0, 95), st.integers(0, 95))
def test_a_wall_span_has_the_clock_times_within(first, last):
    clocks = [time(n // 4, n % 4 * 15) for n in range(quarters.WALL_QUARTERS)]
    start, end = clocks[first], clocks[last]

    found = quarters.wall_span(start, end)

    assert found == as_bits(is_within(clock, start, end) for clock in clocks)


@given(QUARTER_SETS)
def test_numbers_are_those_of_the_set_in_order(bits):
    assert list(quarters.numbers(bits)) == [
        n for n, is_in in enumerate(as_list(bits)) if is_in
    ]


@given(QUARTER_SETS)
def test_bits_are_written_quarter_0_first_and_read_back(bits):
    written = quarters.to_bits(bits)

    assert written == "".join("1" if is_in else "0" for is_in in as_list(bits))
    assert quarters.from_bits(written) == bits


@given(LOCAL_DAYS, MINUTES)
def test_not_before_keeps_what_begins_then_or_later(day_and_zone, after_midnight):
    begins = quarter_hours(*day_and_zone)
    instant = begins[0] + after_midnight

    found = quarters.not_before(instant, quarters.local_day(*day_and_zone))

    assert found == as_bits(start >= instant for start in begins)


@given(LOCAL_DAYS, MINUTES | st.integers(-8, 108).map(lambda n: n * QUARTER))
def test_number_at_is_that_of_the_quarter_which_begins_then(day_and_zone, since):
    begins = quarter_hours(*day_and_zone)
    instant = begins[0] + since

    found = quarters.number_at(instant, quarters.local_day(*day_and_zone))

    assert found == (begins.index(instant) if instant in begins else None)


def test_number_at_reads_instants_of_any_zone():
    day = quarters.local_day(date(2030, 3, 31), "Europe/Berlin")
    in_kathmandu = datetime(2030, 3, 31, 7, 45, tzinfo=ZoneInfo("Asia/Kathmandu"))

    number = quarters.number_at(in_kathmandu, day)

    assert (number, quarters.start_of(number, day)) == (
        12,
        datetime(2030, 3, 31, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("minutes", "needed"), [(1, 1), (15, 1), (16, 2), (20, 2), (30, 2), (1440, 96)]
)
def test_a_duration_takes_as_many_quarters_as_it_touches(minutes, needed):
    assert quarters.needed(timedelta(minutes=minutes)) == needed


def test_postgresql_counts_and_shifts_alike(db):
    free = 0b1011_0111 << 90 & quarters.ALL | 0b0111
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT get_bit(free, 0), get_bit(free, 3), bit_count(free),"
            " (free & (free << 1))::text FROM (SELECT %s::bit(100) AS free) AS day",
            [quarters.to_bits(free)],
        )
        first, fourth, count, runs_of_two = cursor.fetchone()

    assert (first, fourth, count) == (1, 0, free.bit_count())
    assert quarters.from_bits(runs_of_two) == quarters.runs(free, 2)
