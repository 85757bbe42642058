"""Which exceptions make a date offer just what is wanted."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from appointments.week.hours import DayHours, day_as, wall_of
from availability.models import AvailabilityException, AvailabilityRule, ExceptionKind
from availability.opening_hours import spans

DAY = date(2030, 3, 12)  # a Tuesday

walls = st.integers(0, (1 << 96) - 1)
times = walls.map(spans).filter(bool).map(lambda found: found[0])


def rule(start, end, **fields):
    return AvailabilityRule(
        start_time=start, end_time=end, **{"weekdays": [2]} | fields
    )


def exception(kind, span, reason="Dentist"):
    start, end = span
    return AvailabilityException(
        kind=kind, day=DAY, start_time=start, end_time=end, reason=reason
    )


exceptions = st.builds(exception, st.sampled_from(ExceptionKind.values), times)
days = st.builds(
    DayHours,
    st.just(DAY),
    st.lists(times.map(lambda span: rule(*span)), max_size=3),
    st.lists(exceptions, max_size=4),
)


def after(hours, saved, deleted):
    kept = [row for row in hours.exceptions if row not in deleted]
    return DayHours(DAY, hours.rules, [*kept, *saved])


@given(hours=days, wanted=walls)
def test_a_day_becomes_what_is_wanted(hours, wanted):
    changed = after(hours, *day_as(hours, wanted, None))

    assert changed.offered == wanted


@given(hours=days)
def test_a_day_that_is_right_already_gets_nothing_new(hours):
    saved, deleted = day_as(hours, hours.offered, None)

    assert saved == []
    assert after(hours, saved, deleted).offered == hours.offered


@given(hours=days, wanted=walls)
def test_what_is_still_away_keeps_its_reason(hours, wanted):
    changed = after(hours, *day_as(hours, wanted, None, reason="New"))

    still = hours.away & ~wanted & changed.series
    dentist = DayHours(
        DAY, [], [e for e in changed.exceptions if e.reason == "Dentist"]
    )
    assert still & ~dentist.away == 0


@given(hours=days)
def test_the_blocks_of_a_day_are_its_hours_each_once(hours):
    blocks = [wall for _row, wall in hours.blocks()]

    assert sum(blocks) == hours.offered
    assert all(wall & ~wall_of(row) == 0 for row, wall in hours.blocks())
