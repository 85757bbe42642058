import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.tests.factories import UserFactory
from availability import claims, operations, quarters
from availability.exceptions import (
    HostRefused,
    NotOffered,
    QuantityRefused,
    SlotClosed,
    SlotPast,
    SlotTaken,
    SlotTooFar,
    TooManyHolds,
)
from availability.models import Hold, HostDay
from availability.tests.factories import OpenHostFactory
from availability.tests.races import (
    at_once,
    in_threads,
    no_deadlocks,
    start_and_wait,
)
from offices.models import Office
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeServiceFactory,
)

NOW = datetime(2030, 3, 4, 7, tzinfo=UTC)
NINE = datetime(2030, 3, 5, 8, tzinfo=UTC)
QUARTER = quarters.QUARTER
NINE_BITS = quarters.span(36, 1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(db):
    """A quarter of an hour with one counter, from 8:00 to 16:00."""
    offered = OfficeServiceFactory()
    OpenHostFactory(office=offered.office)
    return offered


@pytest.fixture
def shared(transactional_db):
    """The same, for other connections to see."""
    offered = OfficeServiceFactory()
    OpenHostFactory(office=offered.office)
    return offered


def claimed(at=NINE):
    days = HostDay.objects.filter(day=at.date()).order_by("host_id")
    return list(days.values_list("claimed", flat=True))


def test_a_hold_keeps_a_time_for_the_offices_hold_time(offered):
    offered.office.hold_time = timedelta(minutes=7)

    hold = operations.hold(offered, NINE, holder="me")

    host = offered.office.hosts.get()
    assert Hold.objects.values().get() == {
        "id": hold.pk,
        "host_id": host.pk,
        "service_id": offered.service_id,
        "quantity": 1,
        "day": NINE.date(),
        "quarters": NINE_BITS,
        "starts_at": NINE,
        "busy_until": NINE + QUARTER,
        "holder": "me",
        "expires_at": NOW + timedelta(minutes=7),
        "created_at": NOW,
    }
    assert claimed() == [NINE_BITS]


def test_a_held_time_is_free_for_nobody_else(offered):
    operations.hold(offered, NINE, holder="me")

    with pytest.raises(SlotTaken):
        operations.hold(offered, NINE, holder="you")


def test_a_time_whose_hold_has_expired_is_free_again_at_once(offered, clock):
    operations.hold(offered, NINE, holder="me")
    clock.shift(offered.office.hold_time)

    hold = operations.hold(offered, NINE, holder="you")

    assert list(Hold.objects.all()) == [hold]


def test_a_hold_has_the_length_of_its_visit_and_buffer(offered):
    offered.own_duration = timedelta(minutes=20)
    offered.own_max_quantity = 2
    offered.buffer = timedelta(minutes=6)

    hold = operations.hold(offered, NINE, holder="me", quantity=2)

    assert (hold.quantity, hold.quarters) == (2, quarters.span(36, 4))
    assert hold.busy_until == NINE + 4 * QUARTER


def test_any_host_who_can_serve_will_do(offered):
    named = HostFactory(office=offered.office)
    named.services.add(OfficeServiceFactory(office=offered.office).service)
    hosts = offered.office.hosts.exclude(pk=named.pk)

    hold = operations.hold(offered, NINE, holder="me")

    assert hold.host == hosts.get()


def test_one_host_can_be_asked_for(offered):
    wanted = OpenHostFactory(office=offered.office)
    operations.hold(offered, NINE + QUARTER, holder="me", host=wanted)

    hold = operations.hold(offered, NINE, holder="me", host=wanted)

    assert hold.host == wanted


def foreign(offered):
    return OpenHostFactory()


def inactive(offered):
    return HostFactory(office=offered.office, is_active=False)


def of_other_services(offered):
    host = OpenHostFactory(office=offered.office)
    host.services.add(OfficeServiceFactory(office=offered.office).service)
    return host


@pytest.mark.parametrize("make_host", [foreign, inactive, of_other_services])
def test_a_host_who_cannot_serve_is_refused(offered, make_host):
    with pytest.raises(HostRefused):
        operations.hold(offered, NINE, holder="me", host=make_host(offered))


@pytest.mark.parametrize(
    ("refusal", "starts_at", "asked"),
    [
        (SlotPast, NOW, {}),
        (SlotPast, NOW - timedelta(days=1), {}),
        (SlotTooFar, NINE + timedelta(days=60), {}),
        (SlotClosed, NINE + timedelta(minutes=1), {}),
        (SlotClosed, NINE - timedelta(hours=2), {}),
        (QuantityRefused, NINE, {"quantity": 0}),
        (QuantityRefused, NINE, {"quantity": 2}),
    ],
)
def test_a_hold_is_refused_and_changes_nothing(offered, refusal, starts_at, asked):
    with pytest.raises(refusal):
        operations.hold(offered, starts_at, holder="me", **asked)

    assert not Hold.objects.exists()
    assert claimed() == [0]


def test_a_run_that_is_not_free_all_through_is_refused(offered):
    operations.hold(offered, NINE + 2 * QUARTER, holder="me")
    offered.own_duration = timedelta(minutes=45)

    with pytest.raises(SlotTaken):
        operations.hold(offered, NINE, holder="me")


def test_what_is_not_public_is_held_by_staff_alone(offered):
    offered.is_public = False
    colleague = MembershipFactory(office=offered.office, role=Role.RECEPTION).user

    for by in (None, UserFactory()):
        with pytest.raises(NotOffered):
            operations.hold(offered, NINE, holder="me", by=by)
    hold = operations.hold(offered, NINE, holder="me", by=colleague)

    assert hold.starts_at == NINE


def test_a_client_holds_only_so_many_times(offered, settings):
    settings.HOLDS_PER_CLIENT = 2
    for n in range(2):
        operations.hold(offered, NINE + n * QUARTER, holder="me")

    with pytest.raises(TooManyHolds):
        operations.hold(offered, NINE + 2 * QUARTER, holder="me")

    operations.hold(offered, NINE + 2 * QUARTER, holder="you")


def test_holds_that_have_expired_do_not_count(offered, settings, clock):
    settings.HOLDS_PER_CLIENT = 1
    operations.hold(offered, NINE, holder="me")
    clock.shift(offered.office.hold_time)

    operations.hold(offered, NINE + QUARTER, holder="me")


def test_a_hold_is_released_by_its_holder(offered):
    kept = operations.hold(offered, NINE, holder="me")
    other = operations.hold(offered, NINE + QUARTER, holder="me")

    operations.release(holder="me", hold=kept.pk)

    assert list(Hold.objects.all()) == [other]
    assert claimed() == [NINE_BITS << 1]


def test_all_that_a_client_holds_is_released(offered):
    operations.hold(offered, NINE, holder="me")
    operations.hold(offered, NINE + timedelta(days=1), holder="me")
    yours = operations.hold(offered, NINE + QUARTER, holder="you")

    operations.release(holder="me")

    assert list(Hold.objects.all()) == [yours]
    assert claimed() + claimed(NINE + timedelta(days=1)) == [NINE_BITS << 1, 0]


@pytest.mark.parametrize("asked", [{"holder": "you"}, {"hold": uuid.uuid4()}])
def test_nobody_releases_what_is_not_his(offered, asked):
    kept = operations.hold(offered, NINE, holder="me")

    operations.release(**{"holder": "me", "hold": kept.pk, **asked})

    assert list(Hold.objects.all()) == [kept]
    assert claimed() == [NINE_BITS]


def test_releasing_twice_gives_back_once(offered):
    kept = operations.hold(offered, NINE, holder="me")
    operations.release(holder="me", hold=kept.pk)
    operations.hold(offered, NINE, holder="you")

    operations.release(holder="me", hold=kept.pk)

    assert claimed() == [NINE_BITS]


def test_staff_release_what_somebody_keeps(offered):
    kept = operations.hold(offered, NINE, holder="me")
    colleague = MembershipFactory(office=offered.office, role=Role.RECEPTION).user
    stranger = MembershipFactory(role=Role.MANAGER).user

    with pytest.raises(PermissionDenied):
        operations.release_as_staff(kept, by=stranger)
    operations.release_as_staff(kept, by=colleague)

    assert claimed() == [0]


def test_a_sweep_gives_back_expired_holds_alone(offered, clock):
    operations.hold(offered, NINE, holder="me")
    clock.shift(offered.office.hold_time - timedelta(seconds=1))
    kept = operations.hold(offered, NINE + QUARTER, holder="you")
    early = operations.sweep_holds()
    clock.shift(timedelta(seconds=1))

    in_time = operations.sweep_holds()

    assert (early, in_time) == (0, 1)
    assert list(Hold.objects.all()) == [kept]


@pytest.mark.parametrize("count", [1, 3])
def test_overlapping_holds_are_refused_by_the_database(offered, count):
    kept = operations.hold(offered, NINE, holder="me")
    kept.pk = uuid.uuid4()
    kept.starts_at -= (count - 1) * QUARTER

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        kept.save(force_insert=True)

    assert refusal.value.__cause__.diag.constraint_name == "hold_host_not_held_twice"


# At the same time. ------------------------------------------------------------------


def test_of_many_who_hold_one_time_one_gets_it(shared):
    holders = [f"client {n}" for n in range(16)]

    with no_deadlocks():
        outcomes = at_once(
            *[partial(operations.hold, shared, NINE, holder=each) for each in holders]
        )

    kept = Hold.objects.get()
    assert sorted(outcomes, key=str) == sorted([kept, *["slot_taken"] * 15], key=str)


def test_a_client_who_hurries_holds_no_more(shared, settings):
    settings.HOLDS_PER_CLIENT = 2

    outcomes = at_once(
        *[
            partial(operations.hold, shared, NINE + n * QUARTER, holder="me")
            for n in range(8)
        ]
    )

    assert outcomes.count("too_many_holds") == 6
    assert Hold.objects.count() == 2


def test_a_release_passes_over_nothing_but_the_hold_itself(shared):
    kept = operations.hold(shared, NINE, holder="me")
    with transaction.atomic():
        Office.objects.select_for_update().get()  # as whoever changes hours does

        in_threads([partial(operations.release, holder="me", hold=kept.pk)])

    assert not Hold.objects.exists()


def test_a_release_locks_host_days_in_the_order_of_all(transactional_db):
    offered = OfficeServiceFactory()
    first = OpenHostFactory(office=offered.office, name="Z")
    second = OpenHostFactory(office=offered.office, name="A")
    for host in (second, first):
        operations.hold(offered, NINE, holder="me", host=host)

    with no_deadlocks(), transaction.atomic():
        claims.lock([(first.pk, NINE.date())])
        waiting = start_and_wait(partial(operations.release, holder="me"))
        claims.lock([(second.pk, NINE.date())])

    assert waiting.result() is None
    assert claimed() == [0, 0]


def test_a_release_leaves_a_hold_that_is_becoming_an_appointment(shared):
    kept = operations.hold(shared, NINE, holder="me")
    with transaction.atomic():
        Hold.objects.filter(pk=kept.pk).delete()  # as take_over does

        in_threads([partial(operations.release, holder="me", hold=kept.pk)])

    assert claimed() == [NINE_BITS]
