"""Days beside each other on one scale of time, also where clocks change."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.week import rows, weeks
from availability import quarters

ZONES = [
    "Africa/Cairo",  # clocks change at midnight
    "America/Havana",  # they go back to midnight
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Berlin",
    "UTC",
]
USUAL, SPRING, AUTUMN = date(2030, 3, 11), date(2030, 3, 25), date(2030, 10, 21)
SUNDAY = 6


def week(monday, zone="Europe/Berlin"):
    return [quarters.local_day(day, zone) for day in weeks.days_of(monday)]


def shown(number, day, zone):
    """What the clock shows as quarter `number` of a day begins."""
    return quarters.start_of(number, day).astimezone(ZoneInfo(zone)).time()


mondays = st.integers(0, 52 * 15).map(lambda n: date(2020, 1, 6) + n * weeks.WEEK)


@given(monday=mondays, zone=st.sampled_from(ZONES))
def test_a_day_runs_down_the_scale_and_equal_times_share_a_row(monday, zone):
    days = week(monday, zone)
    scale = rows.scale_of(days)

    times = {}
    for day in days:
        of_day = [scale.row(number, day) for number in range(day.length)]
        assert of_day == sorted(set(of_day))
        assert of_day[0] >= 0
        assert of_day[-1] < scale.length
        for number, row in enumerate(of_day):
            times.setdefault(row, set()).add(shown(number, day, zone))

    assert [row for row, found in times.items() if len(found) > 1] == []


@given(
    monday=mondays,
    zone=st.sampled_from(ZONES),
    spans=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 90)), max_size=5),
)
def test_the_window_shows_all_that_it_is_made_for(monday, zone, spans):
    days = week(monday, zone)
    found = [(first, 2, days[number]) for number, first in spans]

    window = rows.window_of(rows.scale_of(days), found)

    assert 0 <= window.first < window.end <= window.scale.length
    for number, count, day in found:
        at, rows_taken = window.place(number, count, day)
        assert at >= 1
        assert at + rows_taken - 1 <= window.end - window.first
        assert rows_taken >= count


def test_a_usual_week_shows_eight_to_five():
    window = rows.window_of(rows.scale_of(week(USUAL)), [])

    assert window.hours() == [(1 + 4 * n, time(8 + n)) for n in range(9)]
    assert window.end - window.first == 36


def test_a_span_outside_the_usual_hours_widens_the_window_by_full_hours():
    days = week(USUAL)

    window = rows.window_of(rows.scale_of(days), [(25, 2, days[0]), (71, 2, days[1])])

    assert window.hours()[0] == (1, time(6))
    assert window.hours()[-1] == (49, time(18))


def test_what_is_outside_the_window_has_no_place_and_what_crosses_it_is_cut():
    day = week(USUAL)[0]
    window = rows.window_of(rows.scale_of(week(USUAL)), [])

    assert window.place(0, 8, day) is None
    assert window.place(0, 96, day) == (1, 36)
    assert window.place(40, 1, day) == (9, 1)


def test_the_hour_that_clocks_show_twice_has_rows_of_its_own():
    days = week(AUTUMN)
    scale = rows.scale_of(days)
    window = rows.window_of(scale, [(0, 100, days[SUNDAY])])

    assert scale.length == 100
    assert [hour for _row, hour in window.hours()][:5] == [
        time(0),
        time(1),
        time(2),
        time(2),
        time(3),
    ]
    assert window.place(8, 8, days[SUNDAY]) == (9, 8)  # both hours from two to three
    assert window.place(8, 4, days[0]) == (9, 4)
    assert window.place(12, 4, days[0]) == (17, 4)  # three o'clock, below both
    assert window.place(8, 8, days[0]) == (9, 12)  # two to four


def test_the_hour_that_clocks_skip_stays_empty_on_that_day():
    days = week(SPRING)
    window = rows.window_of(rows.scale_of(days), [(0, 92, days[SUNDAY])])

    assert window.place(7, 1, days[SUNDAY]) == (8, 1)
    assert window.place(8, 1, days[SUNDAY]) == (13, 1)
    assert window.place(7, 2, days[SUNDAY]) == (8, 6)


@given(found=st.integers(0, (1 << 100) - 1))
def test_stretches_are_the_set_again(found):
    stretches = rows.stretches(found)

    assert sum(quarters.span(first, count) for first, count in stretches) == found
    assert all(a + n < b for (a, n), (b, _) in itertools.pairwise(stretches))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2030-03-11T08:00", "2030-03-11T09:00", quarters.span(36, 4)),
        ("2030-03-11T08:05", "2030-03-11T08:20", quarters.span(36, 2)),
        ("2030-03-01T00:00", "2030-04-01T00:00", quarters.span(0, 96)),
        ("2030-03-10T00:00", "2030-03-10T23:00", 0),
        ("2030-03-12T00:00", "2030-03-13T00:00", 0),
    ],
)
def test_touched_is_what_an_instant_cuts_too(start, end, expected):
    day = quarters.local_day(USUAL, "Europe/Berlin")
    start, end = (datetime.fromisoformat(t).replace(tzinfo=UTC) for t in (start, end))

    assert rows.touched(start, end, day) == expected


@given(monday=mondays)
def test_a_week_is_read_by_its_name(monday):
    for day in weeks.days_of(monday):
        assert weeks.read(weeks.name_of(day)) == monday == weeks.monday_of(day)


@pytest.mark.parametrize("name", ["", "2030-W00", "2030-W53", "2030W10", "30-W1", "x"])
def test_what_names_no_week_is_none(name):
    assert weeks.read(name) is None


def test_a_week_is_told_in_words():
    monday = date(2026, 11, 23)

    assert weeks.title(monday) == "Week 48: 23 November – 29 November 2026"
    assert weeks.days_of(monday)[-1] - monday == timedelta(days=6)
