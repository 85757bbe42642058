from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.tests.factories import UserFactory
from availability import claims, generation, operations, quarters, slots
from availability.exceptions import HoursOverlap
from availability.models import (
    AvailabilityException,
    AvailabilityRule,
    ExceptionKind,
    Hold,
    HostDay,
)
from availability.tests.factories import (
    EVERY_DAY,
    AvailabilityRuleFactory,
    HoldFactory,
    OpenHostFactory,
)
from availability.tests.races import (
    at_once,
    in_threads,
    no_deadlocks,
    start_and_wait,
    would_wait,
)
from offices.models import Closure, ClosureKind, Office
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

NOW = datetime(2030, 3, 4, 7, tzinfo=UTC)
MONDAY = date(2030, 3, 4)
EASTER_MONDAY = date(2030, 4, 22)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def host(db):
    """A counter without hours."""
    return HostFactory()


def hours(start, end, **kwargs):
    """Hours of every day, unsaved."""
    kwargs.setdefault("weekdays", [] if "day" in kwargs else EVERY_DAY)
    return AvailabilityRule(start_time=time(start), end_time=time(end), **kwargs)


def opened(host, day=MONDAY):
    return HostDay.objects.get(host=host, day=day).open


def clock_hours(start, end):
    return quarters.span(start * 4, (end - start) * 4)


def member(office, role):
    return MembershipFactory(office=office, role=role).user


# Hours. ------------------------------------------------------------------------------


def test_hours_that_are_saved_are_offered_at_once(host):
    operations.set_hours(host, save=[hours(8, 12), hours(13, 16)], by=None)

    assert opened(host) == clock_hours(8, 12) | clock_hours(13, 16)
    assert host.days.count() == 61


def test_hours_that_are_deleted_are_not(host):
    kept, gone = hours(8, 12), hours(13, 16)
    operations.set_hours(host, save=[kept, gone], by=None)

    operations.set_hours(host, delete=[gone], by=None)

    assert opened(host) == clock_hours(8, 12)
    assert list(host.rules.all()) == [kept]


def test_hours_can_be_changed_and_swapped_in_one_step(host):
    rule, gone = hours(8, 12), hours(13, 16)
    operations.set_hours(host, save=[rule, gone], by=None)
    rule.end_time = time(10)

    operations.set_hours(host, save=[rule, hours(14, 15)], delete=[gone], by=None)

    assert opened(host) == clock_hours(8, 10) | clock_hours(14, 15)


def test_an_exception_changes_its_day_alone(host):
    away = AvailabilityException(
        kind=ExceptionKind.AWAY, day=MONDAY, start_time=time(9), end_time=time(10)
    )
    extra = AvailabilityException(
        kind=ExceptionKind.EXTRA, day=MONDAY, start_time=time(20), end_time=time()
    )

    operations.set_hours(host, save=[hours(8, 12), away, extra], by=None)

    assert opened(host) == (
        clock_hours(8, 9) | clock_hours(10, 12) | clock_hours(20, 24)
    )
    assert opened(host, MONDAY + DAY) == clock_hours(8, 12)


@pytest.mark.parametrize(
    "wrong",
    [
        hours(12, 8),
        hours(9, 9),
        hours(8, 12, weekdays=[]),
        hours(8, 12, weekdays=[0]),
        hours(8, 12, weekdays=[1], day=MONDAY),
        hours(8, 12, valid_from=MONDAY, valid_until=MONDAY - DAY),
        AvailabilityRule(weekdays=EVERY_DAY, start_time=time(8, 5), end_time=time(12)),
        AvailabilityException(kind="holiday", day=MONDAY),
        AvailabilityException(
            kind="away", day=MONDAY, start_time=time(9), end_time=time(9)
        ),
    ],
)
def test_wrong_hours_are_refused_and_change_nothing(host, wrong):
    operations.set_hours(host, save=[hours(8, 12)], by=None)

    with pytest.raises(ValidationError):
        operations.set_hours(host, save=[hours(13, 14), wrong], by=None)

    assert opened(host) == clock_hours(8, 12)
    assert (host.rules.count(), host.exceptions.count()) == (1, 0)


def test_hours_of_another_host_are_not_touched(host):
    foreign = AvailabilityRuleFactory()

    for change in ({"save": [foreign]}, {"delete": [foreign]}):
        with pytest.raises(PermissionDenied):
            operations.set_hours(host, by=None, **change)

    assert AvailabilityRule.objects.get().host == foreign.host


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SECRETARY])
def test_managers_and_secretaries_change_hours(host, role):
    operations.set_hours(host, save=[hours(8, 12)], by=member(host.office, role))

    assert opened(host) == clock_hours(8, 12)


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION, None])
def test_others_and_strangers_do_not(host, role):
    by = member(host.office, role) if role else member(OfficeFactory(), Role.MANAGER)
    closure = Closure(office=host.office, starts_at=NOW, ends_at=NOW + DAY)

    for act in (
        partial(operations.set_hours, host, save=[hours(8, 12)], by=by),
        partial(operations.save_closure, closure, by=by),
        partial(operations.reopen, closure, by=by),
        partial(operations.close, host.office, starts_at=NOW, ends_at=NOW + DAY, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()

    assert not HostDay.objects.exists()
    assert not Closure.objects.exists()


def test_what_is_claimed_stays_so_when_its_hours_go(host):
    rule = hours(8, 12)
    operations.set_hours(host, save=[rule], by=None)
    HoldFactory(host=host, slot=nine_on(MONDAY + DAY, host.office))

    operations.set_hours(host, delete=[rule], by=None)

    day = HostDay.objects.get(host=host, day=MONDAY + DAY)
    assert (day.open, day.claimed) == (0, quarters.span(36, 1))
    assert Hold.objects.count() == 1


def nine_on(day, office):
    offered = OfficeServiceFactory(office=office)
    return slots.slot_at(offered, datetime.combine(day, time(9), office.zone))


# One person, two offices. ---------------------------------------------------------


@pytest.fixture
def two_hosts(db):
    """One person, who hosts at two offices of Berlin time."""
    person = UserFactory()
    return [HostFactory(user=person), HostFactory(user=person)]


def test_a_person_offers_no_hour_at_two_offices(two_hosts):
    here, there = two_hosts
    operations.set_hours(here, save=[hours(8, 12)], by=None)

    with pytest.raises(HoursOverlap):
        operations.set_hours(there, save=[hours(11, 14)], by=None)

    assert not there.rules.exists()
    assert not there.days.exists()


def test_a_person_can_go_from_one_office_to_the_other(two_hosts):
    here, there = two_hosts

    operations.set_hours(here, save=[hours(8, 12)], by=None)
    operations.set_hours(there, save=[hours(12, 14)], by=None)

    assert [opened(each) for each in two_hosts] == [
        clock_hours(8, 12),
        clock_hours(12, 14),
    ]


def test_two_people_can_offer_the_same_hour(db):
    for host in HostFactory.create_batch(2, user=None):
        operations.set_hours(host, save=[hours(8, 12)], by=None)

    assert HostDay.objects.filter(day=MONDAY, open=clock_hours(8, 12)).count() == 2


@pytest.mark.parametrize(
    ("start", "overlaps"), [(13, False), (14, True), (17, True), (18, False)]
)
def test_hours_in_two_time_zones_are_compared_as_instants(two_hosts, start, overlaps):
    """In March, 8:00 to 12:00 of New York is 14:00 to 18:00 of Berlin."""
    berlin, new_york = two_hosts
    Office.objects.filter(hosts=new_york).update(time_zone="America/New_York")
    new_york.refresh_from_db()
    operations.set_hours(new_york, save=[hours(8, 12, day=MONDAY + DAY)], by=None)
    change = partial(
        operations.set_hours,
        berlin,
        save=[hours(start, start + 1, day=MONDAY + DAY)],
        by=None,
    )

    if overlaps:
        with pytest.raises(HoursOverlap):
            change()
    else:
        change()


def test_hours_meet_over_midnight_of_the_other_zone(two_hosts):
    berlin, auckland = two_hosts
    Office.objects.filter(hosts=auckland).update(time_zone="Pacific/Auckland")
    auckland.refresh_from_db()
    operations.set_hours(auckland, save=[hours(8, 9, day=MONDAY + DAY)], by=None)

    with pytest.raises(HoursOverlap):
        operations.set_hours(berlin, save=[hours(20, 21, day=MONDAY)], by=None)

    operations.set_hours(berlin, save=[hours(20, 21, day=MONDAY + DAY)], by=None)


def test_taking_a_closure_back_makes_no_overlap(two_hosts):
    here, there = two_hosts
    closed_here = operations.close(
        here.office, starts_at=NOW - DAY, ends_at=NOW + 90 * DAY, by=None
    )
    operations.set_hours(here, save=[hours(8, 12)], by=None)
    operations.set_hours(there, save=[hours(8, 12)], by=None)

    with pytest.raises(HoursOverlap):
        operations.reopen(closed_here, by=None)
    closed_here = Closure.objects.get()
    closed_here.is_overridden = True
    with pytest.raises(HoursOverlap):
        operations.save_closure(closed_here, by=None)

    assert [opened(each) for each in two_hosts] == [0, clock_hours(8, 12)]


# Closures and holidays. --------------------------------------------------------------


def test_an_office_that_closes_offers_nothing_meanwhile(host):
    operations.set_hours(host, save=[hours(8, 12)], by=None)
    secretary = member(host.office, Role.SECRETARY)

    closure = operations.close(
        host.office,
        starts_at=datetime(2030, 3, 4, 9, tzinfo=host.office.zone),
        ends_at=datetime(2030, 3, 4, 10, tzinfo=host.office.zone),
        reason="Fire drill",
        by=secretary,
    )

    assert (closure.kind, closure.reason) == (ClosureKind.STAFF, "Fire drill")
    assert opened(host) == clock_hours(8, 9) | clock_hours(10, 12)


def test_one_host_can_be_away_alone(host):
    other = HostFactory(office=host.office)
    for each in (host, other):
        operations.set_hours(each, save=[hours(8, 12)], by=None)

    operations.close(host.office, starts_at=NOW, ends_at=NOW + DAY, host=host, by=None)

    assert [opened(host), opened(other)] == [0, clock_hours(8, 12)]


def test_a_closure_that_is_moved_frees_the_time_it_left(host):
    operations.set_hours(host, save=[hours(8, 12)], by=None)
    closure = operations.close(host.office, starts_at=NOW, ends_at=NOW + DAY, by=None)

    closure.starts_at, closure.ends_at = NOW + DAY, NOW + 2 * DAY
    operations.save_closure(closure, by=None)

    assert opened(host) == clock_hours(8, 12)
    assert opened(host, MONDAY + DAY) == 0


def test_a_closure_that_is_taken_back_opens_the_office(host):
    operations.set_hours(host, save=[hours(8, 12)], by=None)
    closure = operations.close(host.office, starts_at=NOW, ends_at=NOW + DAY, by=None)

    operations.reopen(closure, by=None)

    assert opened(host) == clock_hours(8, 12)
    assert not Closure.objects.exists()


def test_a_wrong_closure_is_refused(host):
    foreign = HostFactory()

    for wrong in ({"ends_at": NOW}, {"host": foreign}):
        times = {"starts_at": NOW, "ends_at": NOW + DAY, **wrong}
        with pytest.raises(ValidationError):
            operations.close(host.office, by=None, **times)

    assert not Closure.objects.exists()


def test_public_holidays_close_an_office_once(host):
    operations.set_hours(host, save=[hours(8, 12)], by=None)

    written = [operations.generate([host.office]) for _ in range(2)]

    closures = Closure.objects.order_by("starts_at").values_list(
        "kind", "starts_at", "ends_at"
    )
    assert written == [3, 0]
    assert list(closures) == [
        ("holiday", starts_at, starts_at + DAY)
        for starts_at in (
            datetime(2030, 4, 18, 22, tzinfo=UTC),  # Good Friday
            datetime(2030, 4, 21, 22, tzinfo=UTC),
            datetime(2030, 4, 30, 22, tzinfo=UTC),
        )
    ]
    assert opened(host, EASTER_MONDAY) == 0


@pytest.mark.parametrize(
    ("country", "subdivision", "time_zone", "day"),
    [
        ("DE", "BY", "Europe/Berlin", date(2030, 1, 6)),
        ("US", "", "America/New_York", date(2030, 1, 21)),
        ("NP", "", "Asia/Kathmandu", date(2030, 1, 11)),
    ],
)
def test_holidays_are_those_of_the_place_in_its_time(
    host, clock, country, subdivision, time_zone, day
):
    clock.move_to(datetime(2030, 1, 2, tzinfo=UTC))
    office = host.office
    office.country, office.subdivision = country, subdivision
    office.time_zone = time_zone
    office.save()
    operations.set_hours(host, save=[hours(0, 0)], by=None)

    operations.generate([office], until=date(2030, 1, 25))

    assert opened(host, day) == 0
    assert opened(host, day - DAY) == opened(host, day + DAY) == clock_hours(0, 24)


def test_an_office_can_open_on_a_holiday_and_stays_open(host, clock):
    operations.set_hours(host, save=[hours(8, 12)], by=None)
    operations.generate([host.office])
    easter = Closure.objects.get(starts_at=datetime(2030, 4, 21, 22, tzinfo=UTC))

    easter.is_overridden = True
    operations.save_closure(easter, by=None)
    clock.shift(DAY)
    operations.generate([host.office])

    assert opened(host, EASTER_MONDAY) == clock_hours(8, 12)


def test_a_holiday_that_is_taken_back_does_not_come_again(host, clock):
    operations.set_hours(host, save=[hours(8, 12)], by=None)
    operations.generate([host.office])
    easter = Closure.objects.get(starts_at=datetime(2030, 4, 21, 22, tzinfo=UTC))

    operations.reopen(easter, by=None)
    clock.shift(DAY)
    operations.generate([host.office])

    assert opened(host, EASTER_MONDAY) == clock_hours(8, 12)


def test_a_day_more_is_generated_each_night(host, clock):
    operations.set_hours(host, save=[hours(8, 12)], by=None)
    operations.generate([host.office])
    clock.shift(DAY)

    written = operations.generate([host.office])

    assert written == 1
    assert opened(host, MONDAY + 61 * DAY) == clock_hours(8, 12)


# At the same time. ------------------------------------------------------------------


@pytest.fixture
def shared_host(transactional_db):
    """A counter open from 8:00 to 16:00, for other connections to see."""
    return OpenHostFactory()


def test_whoever_changes_hours_waits_for_who_does_at_that_office(shared_host):
    office = shared_host.office
    closure = operations.close(office, starts_at=NOW, ends_at=NOW + DAY, by=None)
    with transaction.atomic():
        Office.objects.select_for_update(no_key=True).get(pk=office.pk)

        waited = [
            would_wait(partial(act, by=None))
            for act in (
                partial(operations.set_hours, shared_host, save=[hours(17, 18)]),
                partial(operations.save_closure, closure),
                partial(operations.reopen, closure),
            )
        ]
        waited.append(would_wait(partial(operations.generate, [office])))

    assert waited == [True] * 4


def test_a_generation_that_waited_reads_the_newest_hours(shared_host):
    rule = shared_host.rules.get()
    with transaction.atomic():
        rule.end_time = time(12)
        operations.set_hours(shared_host, save=[rule], by=None)
        waiting = start_and_wait(partial(operations.generate, [shared_host.office]))

    waiting.result()
    assert opened(shared_host) == clock_hours(8, 12)


def test_generations_and_changes_at_once_leave_the_newest_hours(shared_host):
    rule = shared_host.rules.get()

    def change(end):
        rule = AvailabilityRule.objects.get()
        rule.end_time = time(end)
        operations.set_hours(shared_host, save=[rule], by=None)

    with no_deadlocks():
        for _ in range(4):
            at_once(
                partial(operations.generate, [shared_host.office]),
                partial(change, 12),
                partial(operations.generate, [shared_host.office]),
                partial(change, 18),
            )

            rule.refresh_from_db()
            week = shared_host.days.filter(day__lt=MONDAY + 7 * DAY)
            offered = set(week.values_list("open", flat=True))
            assert offered == {clock_hours(8, rule.end_time.hour)}


def test_hours_change_while_their_times_are_claimed(shared_host):
    """The day that is being claimed waits; its claim is kept."""
    with transaction.atomic():
        slot = nine_on(MONDAY + DAY, shared_host.office)
        claims.claim([shared_host.pk], slot)
        waiting = start_and_wait(
            partial(operations.set_hours, shared_host, save=[hours(16, 18)], by=None)
        )

    waiting.result()
    day = shared_host.days.get(day=MONDAY + DAY)
    assert (day.open, day.claimed) == (clock_hours(8, 18), slot.quarters)


def test_claims_do_not_wait_for_a_generation_that_changes_nothing(shared_host):
    def claim():
        with transaction.atomic():
            claims.claim([shared_host.pk], slot)

    slot = nine_on(MONDAY + DAY, shared_host.office)
    with transaction.atomic():
        generation.generate([shared_host.office])

        in_threads([claim])

    assert shared_host.days.get(day=slot.day).claimed == slot.quarters


def test_at_one_moment_a_person_gets_hours_at_one_of_two_offices(transactional_db):
    person = UserFactory()
    here, there = HostFactory(user=person), HostFactory(user=person)

    with no_deadlocks():
        for day in range(6):
            outcomes = at_once(
                *[
                    partial(
                        operations.set_hours,
                        host,
                        save=[hours(8, 12, day=MONDAY + day * DAY)],
                        by=None,
                    )
                    for host in (here, there)
                ]
            )

            assert sorted(outcomes, key=str) == [None, "hours_overlap"]


def test_a_person_who_gets_hours_waits_for_the_other_office(transactional_db):
    person = UserFactory()
    here, there = HostFactory(user=person), HostFactory(user=person)
    with transaction.atomic():
        operations.set_hours(here, save=[hours(8, 12)], by=None)

        waiting = start_and_wait(
            partial(operations.set_hours, there, save=[hours(11, 14)], by=None)
        )

    assert waiting.result() == "hours_overlap"


@pytest.mark.django_db
def test_holidays_are_called_as_the_office_speaks_and_in_other_languages():
    office = OfficeFactory(country="CH", language="fr", booking_horizon_days=120)

    operations.save_office(office, by=None)
    french = office.closures.holidays().order_by("starts_at").first()
    office.language = "es"  # which the Swiss calendar does not speak
    operations.save_office(office, by=None)
    spanish = office.closures.holidays().order_by("starts_at").first()

    assert french.reason == spanish.reason_translations["fr"]
    assert sorted(french.reason_translations) == ["de", "en"]
    assert spanish.reason == french.reason_translations["de"]
    assert sorted(spanish.reason_translations) == ["de", "en", "fr"]
