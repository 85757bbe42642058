from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from availability import quarters, slots
from availability.exceptions import (
    NotOffered,
    QuantityRefused,
    SlotClosed,
    SlotPast,
    SlotTooFar,
)
from availability.tests.plain import ZONES, quarter_hours
from availability.tests.test_quarters import day_in
from offices.models import Office, OfficeService, Service

BERLIN = ZoneInfo("Europe/Berlin")
NINE = datetime(2030, 3, 5, 9, tzinfo=BERLIN)


def minutes(number):
    return timedelta(minutes=number)


def offer(length=15, *, buffer=0, most=1, **office):
    return OfficeService(
        office=Office(**office),
        service=Service(duration=minutes(length), max_quantity=most),
        buffer=minutes(buffer),
    )


def test_a_20_minute_service_takes_two_quarters_and_ends_20_minutes_later():
    slot = slots.slot_at(offer(20), NINE)

    assert slot == slots.Slot(
        day=date(2030, 3, 5),
        quarters=quarters.span(36, 2),
        starts_at=datetime(2030, 3, 5, 8, tzinfo=UTC),
        ends_at=datetime(2030, 3, 5, 8, 20, tzinfo=UTC),
        busy_until=datetime(2030, 3, 5, 8, 30, tzinfo=UTC),
    )


def test_all_instants_of_a_slot_are_in_utc():
    slot = slots.slot_at(offer(20), NINE)

    zones = {at.tzinfo for at in (slot.starts_at, slot.ends_at, slot.busy_until)}
    assert zones == {UTC}


@pytest.mark.parametrize(
    ("length", "buffer", "quantity", "count", "lasts"),
    [
        (15, 0, 1, 1, 15),
        (15, 5, 1, 2, 15),
        (20, 10, 1, 2, 20),
        (20, 0, 3, 4, 60),
        (20, 5, 2, 3, 40),
        (45, 0, 1, 3, 45),
    ],
)
def test_quantity_and_buffer_lengthen_a_slot(length, buffer, quantity, count, lasts):
    slot = slots.slot_at(offer(length, buffer=buffer, most=3), NINE, quantity)

    assert slot.quarters.bit_count() == count
    assert slot.ends_at - slot.starts_at == minutes(lasts)
    assert slot.busy_until - slot.starts_at == count * quarters.QUARTER


@pytest.mark.parametrize("quantity", [-1, 0, 3])
def test_quantities_that_no_visit_has_are_refused(quantity):
    with pytest.raises(QuantityRefused):
        slots.slot_at(offer(most=2), NINE, quantity)


def test_an_office_can_have_a_duration_and_a_most_of_its_own():
    offered = offer(15)
    offered.own_duration = minutes(40)
    offered.own_max_quantity = 2

    slot = slots.slot_at(offered, NINE, 2)

    assert slot.ends_at - slot.starts_at == minutes(80)


@pytest.mark.parametrize("off", [timedelta(minutes=1), timedelta(microseconds=-1)])
def test_a_start_off_the_quarter_hours_is_refused(off):
    with pytest.raises(SlotClosed):
        slots.slot_at(offer(), NINE + off)


def test_a_start_is_on_the_quarter_hours_of_the_office_not_of_utc():
    offered = offer(time_zone="Asia/Kathmandu")

    slot = slots.slot_at(offered, datetime(2030, 3, 5, 3, 15, tzinfo=UTC))

    assert (slot.day, slot.quarters) == (date(2030, 3, 5), quarters.span(36, 1))


def test_nothing_spans_midnight():
    last = slots.slot_at(offer(30), datetime(2030, 3, 5, 23, 30, tzinfo=BERLIN))

    assert last.quarters == quarters.span(94, 2)
    with pytest.raises(SlotClosed):
        slots.slot_at(offer(30), datetime(2030, 3, 5, 23, 45, tzinfo=BERLIN))


def test_a_visit_longer_than_a_day_fits_nowhere():
    with pytest.raises(SlotClosed):
        slots.slot_at(offer(1440, most=3), NINE, 3)


def test_a_visit_over_the_spring_change_lasts_as_long_as_any():
    slot = slots.slot_at(offer(90), datetime(2030, 3, 31, 1, tzinfo=BERLIN))

    assert slot.ends_at == datetime(2030, 3, 31, 1, 30, tzinfo=UTC)
    assert slot.ends_at.astimezone(BERLIN) == datetime(
        2030, 3, 31, 3, 30, tzinfo=BERLIN
    )


@pytest.mark.parametrize(("fold", "number"), [(0, 10), (1, 14)])
def test_of_an_hour_shown_twice_each_can_be_meant(fold, number):
    start = datetime(2030, 10, 27, 2, 30, tzinfo=BERLIN, fold=fold)

    slot = slots.slot_at(offer(60), start)

    assert slot.quarters == quarters.span(number, 4)
    assert slot.ends_at - slot.starts_at == minutes(60)


@given(
    st.sampled_from(ZONES).flatmap(
        lambda zone: st.tuples(st.just(zone), day_in(zone), st.integers(0, 91))
    ),
    st.integers(1, 300),
)
def test_a_slot_is_the_quarters_that_its_time_touches(start, length):
    zone, day, number = start
    instants = quarter_hours(day, zone)
    offered = offer(length, time_zone=zone)
    on_the_clock = instants[number].astimezone(ZoneInfo(zone))
    touched = [
        at for at in instants if 0 <= (at - instants[number]) // minutes(length) < 1
    ]

    if instants[number] + minutes(length) > instants[-1] + quarters.QUARTER:
        with pytest.raises(SlotClosed):
            slots.slot_at(offered, on_the_clock)
    else:
        slot = slots.slot_at(offered, on_the_clock)

        assert slot == slots.Slot(
            day,
            sum(1 << instants.index(at) for at in touched),
            instants[number],
            instants[number] + minutes(length),
            touched[-1] + quarters.QUARTER,
        )


def test_an_office_is_bookable_from_its_lead_time_to_its_horizon():
    office = Office(lead_time=minutes(60), booking_horizon_days=7)

    window = slots.window(office, NINE)

    assert window == (NINE + minutes(60), date(2030, 3, 5), date(2030, 3, 12))


def test_the_window_is_of_the_offices_days():
    office = Office(time_zone="Asia/Kathmandu", booking_horizon_days=1)

    window = slots.window(office, datetime(2030, 3, 5, 22, tzinfo=UTC))

    assert (window.first_day, window.last_day) == (date(2030, 3, 6), date(2030, 3, 7))


def test_a_late_evening_with_a_long_lead_time_begins_tomorrow():
    office = Office(lead_time=minutes(16 * 60), booking_horizon_days=0)

    window = slots.window(office, NINE)
    today = quarters.local_day(date(2030, 3, 5), "Europe/Berlin")

    assert window.first_day == date(2030, 3, 6)
    assert window.quarters_of(date(2030, 3, 5), today) == 0


@pytest.mark.parametrize(
    ("day", "first"), [(4, None), (5, 41), (6, 0), (12, 0), (13, None)]
)
def test_the_quarters_of_a_window(day, first):
    office = Office(lead_time=minutes(61), booking_horizon_days=7)
    day = date(2030, 3, day)
    local_day = quarters.local_day(day, "Europe/Berlin")

    found = slots.window(office, NINE).quarters_of(day, local_day)

    expected = 0 if first is None else local_day.all & ~quarters.span(0, first)
    assert found == expected


@pytest.mark.parametrize("lead", [minutes(0), minutes(60)])
def test_a_time_can_be_booked_until_the_lead_time(lead):
    office = Office(lead_time=lead)
    slot = slots.slot_at(offer(), NINE)

    slots.check_window(office, slot, NINE - lead)

    with pytest.raises(SlotPast):
        slots.check_window(office, slot, NINE - lead + timedelta(microseconds=1))


def test_a_day_can_be_booked_from_the_horizon_on():
    office = Office(booking_horizon_days=7)
    slot = slots.slot_at(offer(), NINE)
    midnight = datetime(2030, 2, 26, tzinfo=BERLIN)

    slots.check_window(office, slot, midnight)

    with pytest.raises(SlotTooFar):
        slots.check_window(office, slot, midnight - timedelta(microseconds=1))


def test_a_time_is_over_when_it_begins():
    slot = slots.slot_at(offer(), NINE)

    slots.check_not_over(slot, NINE - timedelta(microseconds=1))

    with pytest.raises(SlotPast):
        slots.check_not_over(slot, NINE)


@pytest.mark.parametrize(
    "hidden", ["offer", "service", "office", "suspended", "closed"]
)
def test_citizens_book_only_what_is_public_and_open(hidden):
    offered = offer()
    slots.check_offered(offered)

    if hidden == "offer":
        offered.is_public = False
    elif hidden == "service":
        offered.service.is_public = False
    elif hidden == "office":
        offered.office.is_public = False
    else:
        offered.office.status = hidden

    with pytest.raises(NotOffered):
        slots.check_offered(offered)
