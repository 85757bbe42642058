from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from availability import claims, quarters
from availability.exceptions import SlotClosed, SlotTaken
from availability.models import Hold, HostDay
from availability.slots import Slot
from availability.tests.factories import HoldFactory, OpenHostFactory
from availability.tests.races import (
    at_once,
    in_threads,
    no_deadlocks,
    start_and_wait,
    would_wait,
)
from offices.tests.factories import HostFactory, OfficeFactory

NOW = datetime(2030, 3, 4, 7, tzinfo=UTC)
TUESDAY = quarters.local_day(NOW.date() + timedelta(days=1), "Europe/Berlin")
NINE = 36


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def hosts(db):
    """Two counters of one office, open from 8:00 to 16:00."""
    return OpenHostFactory.create_batch(2, office=OfficeFactory())


def slot_at(first=NINE, count=1):
    starts_at = quarters.start_of(first, TUESDAY)
    ends_at = quarters.start_of(first + count, TUESDAY)
    return Slot(
        starts_at.date(), quarters.span(first, count), starts_at, ends_at, ends_at
    )


def ids(*hosts):
    return [host.pk for host in hosts]


def day_of(host):
    return HostDay.objects.get(host=host, day=slot_at().day)


def claimed(*hosts):
    return [day_of(host).claimed for host in hosts]


def key(host):
    return host.pk, slot_at().day


def hold(host, slot, *, left=timedelta(minutes=10), **kwargs):
    return HoldFactory(host=host, slot=slot, expires_at=NOW + left, **kwargs)


def test_a_claim_takes_all_of_its_quarters(hosts):
    host = hosts[0]

    taken_of = claims.claim(ids(host), slot_at(NINE, 3))

    day = day_of(host)
    assert taken_of == host.pk
    assert day.claimed == quarters.span(NINE, 3)
    assert day.free == day.open & ~day.claimed


@pytest.mark.parametrize("first", [NINE - 1, NINE, NINE + 1])
def test_a_claim_takes_all_or_nothing(hosts, first):
    host = hosts[0]
    claims.claim(ids(host), slot_at(NINE, 2))

    with pytest.raises(SlotTaken):
        claims.claim(ids(host), slot_at(first, 2))

    assert claimed(host) == [quarters.span(NINE, 2)]


def test_claims_that_only_touch_both_succeed(hosts):
    host = hosts[0]

    for first in (NINE, NINE - 2, NINE + 2):
        claims.claim(ids(host), slot_at(first, 2))

    assert claimed(host) == [quarters.span(NINE - 2, 6)]


@settings(suppress_health_check=list(HealthCheck), max_examples=30)
@given(st.lists(st.tuples(st.integers(30, 66), st.integers(1, 4)), max_size=30))
def test_claims_are_granted_as_if_bits_were_counted_by_hand(hosts, wanted):
    host = hosts[0]
    open_bits = day_of(host).open
    with transaction.atomic():
        taken, outcomes, expected = 0, [], []
        for first, count in wanted:
            slot = slot_at(first, count)
            try:
                claims.claim(ids(host), slot)
                outcomes.append("claimed")
            except (SlotTaken, SlotClosed) as refusal:
                outcomes.append(refusal.code)
            if slot.quarters & ~open_bits:
                expected.append("slot_closed")
            elif slot.quarters & taken:
                expected.append("slot_taken")
            else:
                expected.append("claimed")
                taken |= slot.quarters

        assert outcomes == expected
        assert claimed(host) == [taken]
        transaction.set_rollback(True)


def test_the_least_busy_of_several_hosts_is_taken(hosts):
    busy, idle = hosts
    claims.claim(ids(busy), slot_at(50, 4))

    taken_of = claims.claim(ids(*hosts), slot_at())

    assert taken_of == idle.pk


def test_a_host_who_is_busy_then_is_passed_over(hosts):
    busy, idle = hosts
    claims.claim(ids(busy), slot_at())
    claims.claim(ids(idle), slot_at(50, 8))

    taken_of = claims.claim(ids(*hosts), slot_at())

    assert taken_of == idle.pk


def test_a_time_when_all_with_hours_are_busy_is_taken(hosts):
    for host in hosts:
        claims.claim(ids(host), slot_at())

    with pytest.raises(SlotTaken):
        claims.claim(ids(*hosts), slot_at())


@pytest.mark.parametrize(("first", "count"), [(31, 1), (64, 1), (63, 2)])
def test_a_time_when_nobody_has_hours_is_closed(hosts, first, count):
    with pytest.raises(SlotClosed):
        claims.claim(ids(*hosts), slot_at(first, count))


def test_a_time_on_a_day_that_was_never_written_is_closed(hosts):
    HostDay.objects.all().delete()

    with pytest.raises(SlotClosed):
        claims.claim(ids(*hosts), slot_at())


def test_where_no_host_can_serve_all_is_closed(db):
    with pytest.raises(SlotClosed):
        claims.claim([], slot_at())


def test_who_has_no_hours_does_not_make_a_time_free(hosts):
    early = OpenHostFactory(office=hosts[0].office, hours=(time(6), time(8)))
    claims.claim(ids(hosts[0]), slot_at())

    with pytest.raises(SlotTaken):
        claims.claim(ids(hosts[0], early), slot_at())


def test_an_expired_hold_in_the_way_is_swept_at_once(hosts):
    host = hosts[0]
    hold(host, slot_at(NINE, 2), left=timedelta(0))
    in_time = hold(host, slot_at(NINE + 2))

    taken_of = claims.claim(ids(host), slot_at(NINE))

    assert taken_of == host.pk
    assert claimed(host) == [quarters.span(NINE, 1) | quarters.span(NINE + 2, 1)]
    assert list(Hold.objects.all()) == [in_time]


def test_a_hold_in_the_way_that_has_not_expired_stays(hosts):
    host = hosts[0]
    in_time = hold(host, slot_at(NINE, 2), left=timedelta(microseconds=1))

    with pytest.raises(SlotTaken):
        claims.claim(ids(host), slot_at(NINE))

    assert list(Hold.objects.all()) == [in_time]


def test_an_expired_hold_is_swept_even_where_another_host_has_no_hours(hosts):
    host = hosts[0]
    early = OpenHostFactory(office=host.office, hours=(time(6), time(8)))
    hold(host, slot_at(), left=timedelta(0))

    taken_of = claims.claim(ids(early, host), slot_at())

    assert taken_of == host.pk


def test_a_free_host_is_taken_before_a_hold_is_swept(hosts):
    held, free = hosts
    hold(held, slot_at(), left=timedelta(0))

    taken_of = claims.claim(ids(*hosts), slot_at())

    assert taken_of == free.pk
    assert Hold.objects.count() == 1


def test_time_given_back_can_be_claimed_again(hosts):
    host = hosts[0]
    claims.claim(ids(host), slot_at(NINE, 4))

    claims.free(host.pk, slot_at().day, quarters.span(NINE + 1, 2))

    assert claimed(host) == [quarters.span(NINE, 1) | quarters.span(NINE + 3, 1)]
    assert claims.claim(ids(host), slot_at(NINE + 1, 2)) == host.pk


# Outside the hours. -------------------------------------------------------------


@pytest.mark.parametrize("first", [20, 31, NINE, 63])
def test_staff_can_claim_outside_hours(hosts, first):
    host = hosts[0]

    taken_of = claims.claim_outside_hours([host.pk], slot_at(first, 2))

    day = day_of(host)
    assert taken_of == host.pk
    assert day.claimed == quarters.span(first, 2)
    assert day.open == quarters.span(32, 32)


def test_outside_hours_a_day_is_written_where_there_was_none(db):
    host = HostFactory()

    claims.claim_outside_hours([host.pk], slot_at())

    day = day_of(host)
    assert (day.office, day.open, day.claimed) == (host.office, 0, 1 << NINE)


def test_outside_hours_nothing_is_claimed_twice(hosts):
    host = hosts[0]
    claims.claim_outside_hours([host.pk], slot_at(20, 2))

    with pytest.raises(SlotTaken):
        claims.claim_outside_hours([host.pk], slot_at(21, 2))

    assert claimed(host) == [quarters.span(20, 2)]


def test_outside_hours_an_expired_hold_is_swept_too(hosts):
    host = hosts[0]
    hold(host, slot_at(NINE, 2), left=timedelta(0))

    claims.claim_outside_hours([host.pk], slot_at(NINE + 1, 2))

    assert claimed(host) == [quarters.span(NINE + 1, 2)]


def test_outside_hours_any_host_will_do(hosts):
    busy, idle = hosts
    claims.claim_outside_hours([busy.pk], slot_at(20))

    taken_of = [claims.claim_outside_hours(ids(*hosts), slot_at(20))]
    with pytest.raises(SlotTaken):
        claims.claim_outside_hours(ids(*hosts), slot_at(20))

    assert taken_of == [idle.pk]
    assert claimed(*hosts) == [1 << 20, 1 << 20]


# Sweeping, taking over. -----------------------------------------------------------


def test_a_sweep_gives_back_what_has_expired_and_nothing_else(hosts):
    first, second = hosts
    hold(first, slot_at(NINE), left=timedelta(0))
    hold(first, slot_at(NINE + 5, 2), left=timedelta(minutes=-3))
    hold(second, slot_at(NINE), left=timedelta(seconds=-1))
    in_time = hold(second, slot_at(NINE + 2), left=timedelta(seconds=1))

    swept = [claims.sweep() for _ in range(2)]

    assert swept == [2, 0]
    assert claimed(first, second) == [0, quarters.span(NINE + 2, 1)]
    assert list(Hold.objects.all()) == [in_time]


def test_a_hold_that_is_taken_over_leaves_its_time_claimed(hosts):
    host = hosts[0]
    kept = hold(host, slot_at(), holder="me")

    taken_of = claims.take_over(kept.pk, holder="me", hosts=ids(*hosts), slot=slot_at())

    assert taken_of == host.pk
    assert claimed(host) == [1 << NINE]
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    "other",
    [
        {"holder": "somebody else"},
        {"slot": slot_at(NINE, 2)},
        {"slot": slot_at(NINE + 1)},
        {"hosts": []},
        {"hold": "00000000-0000-4000-8000-000000000000"},
    ],
)
def test_only_ones_own_hold_of_that_very_time_is_taken_over(hosts, other):
    kept = hold(hosts[0], slot_at(), holder="me")
    asked = {
        "hold": kept.pk,
        "holder": "me",
        "hosts": ids(*hosts),
        "slot": slot_at(),
        **other,
    }

    assert claims.take_over(asked.pop("hold"), **asked) is None
    assert list(Hold.objects.all()) == [kept]


# At the same time. ------------------------------------------------------------------


@pytest.fixture
def shared_hosts(transactional_db):
    """Two counters that other connections see too."""
    return OpenHostFactory.create_batch(2, office=OfficeFactory())


def claim(hosts, slot):
    with transaction.atomic():
        return claims.claim(ids(*hosts), slot)


def test_a_claim_waits_for_whoever_claims_the_same_day(shared_hosts):
    host = shared_hosts[0]

    with transaction.atomic():
        claims.claim(ids(host), slot_at(50))

        assert would_wait(partial(claim, [host], slot_at()))


def test_a_claim_of_any_host_passes_over_one_that_is_being_claimed(shared_hosts):
    being_claimed, other = shared_hosts
    with transaction.atomic():
        claims.claim(ids(being_claimed), slot_at(50))

        outcomes = in_threads([partial(claim, shared_hosts, slot_at())])

    assert outcomes == [other.pk]


def test_a_claim_of_any_host_waits_when_all_are_being_claimed(shared_hosts):
    with transaction.atomic():
        claims.lock([key(host) for host in shared_hosts])

        assert would_wait(partial(claim, shared_hosts, slot_at()))


def test_a_claim_of_any_host_does_not_wait_for_one_who_is_booked_then(shared_hosts):
    booked = shared_hosts[0]
    claim([booked], slot_at())
    claim([shared_hosts[1]], slot_at())

    with transaction.atomic():
        claims.lock([key(booked)])

        assert in_threads([partial(claim, shared_hosts, slot_at())]) == ["slot_taken"]


def test_a_claim_does_not_wait_for_who_keeps_the_time(shared_hosts):
    keeping, busy = shared_hosts
    hold(keeping, slot_at())
    claim([busy], slot_at())

    with transaction.atomic():
        claims.lock([key(keeping)])

        assert in_threads([partial(claim, shared_hosts, slot_at())]) == ["slot_taken"]


def test_who_waits_gets_what_is_still_free(shared_hosts):
    first, second = shared_hosts
    with transaction.atomic():
        claims.claim(ids(first), slot_at())
        claims.lock([key(second)])

        waiting = start_and_wait(partial(claim, shared_hosts, slot_at()))

    assert waiting.result() == second.pk


def test_who_waited_in_vain_is_told_that_it_is_taken(shared_hosts):
    host = shared_hosts[0]
    with transaction.atomic():
        claims.claim(ids(host), slot_at())

        waiting = start_and_wait(partial(claim, [host], slot_at()))

    assert waiting.result() == "slot_taken"


def test_who_waited_for_time_that_is_given_back_gets_it(shared_hosts):
    host = shared_hosts[0]
    with transaction.atomic():
        claims.claim(ids(host), slot_at())
        waiting = start_and_wait(partial(claim, [host], slot_at()))
        transaction.set_rollback(True)

    assert waiting.result() == host.pk


def test_a_claim_that_waits_holds_no_day_that_comes_later_in_the_order(shared_hosts):
    first, second = shared_hosts
    hold(second, slot_at(), left=timedelta(0))

    with no_deadlocks(), transaction.atomic():
        claims.lock([key(first)])
        waiting = start_and_wait(partial(claim, shared_hosts, slot_at()))
        claims.lock([key(second)])

    assert waiting.result() == first.pk


def test_of_many_claims_of_one_time_each_host_is_given_once(shared_hosts):
    with no_deadlocks():
        outcomes = at_once(*[partial(claim, shared_hosts, slot_at())] * 16)

    assert sorted(outcomes, key=str) == [*ids(*shared_hosts), *["slot_taken"] * 14]
    assert claimed(*shared_hosts) == [1 << NINE] * 2


def take_over(kept):
    with transaction.atomic():
        return claims.take_over(
            kept.pk, holder=kept.holder, hosts=[kept.host_id], slot=slot_at()
        )


def test_a_hold_that_is_being_swept_is_not_taken_over(shared_hosts):
    kept = hold(shared_hosts[0], slot_at(), left=timedelta(0))
    with transaction.atomic():
        claims.sweep()

        waiting = start_and_wait(partial(take_over, kept))

    assert waiting.result() is None
    assert claimed(kept.host) == [0]


def test_a_hold_that_is_being_taken_over_is_not_swept(shared_hosts):
    kept = hold(shared_hosts[0], slot_at(), left=timedelta(0))
    with transaction.atomic():
        take_over(kept)

        swept = in_threads([claims.sweep])

    assert swept == [0]
    assert claimed(kept.host) == [1 << NINE]


def test_of_a_sweep_and_a_booking_at_once_one_decides(shared_hosts):
    host = shared_hosts[0]
    with no_deadlocks():
        for _ in range(8):
            kept = hold(host, slot_at(), left=timedelta(0))

            taken_of, _swept = at_once(partial(take_over, kept), claims.sweep)

            assert claimed(host) == [1 << NINE if taken_of else 0]
            claims.free(host.pk, slot_at().day, slot_at().quarters)
