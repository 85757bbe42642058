"""What many do at the same moment, and that the database has the last word."""

import random
import threading
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.invariants import broken
from appointments.models import (
    HOST_NOT_DOUBLE_BOOKED,
    PERSON_NOT_DOUBLE_BOOKED,
    Appointment,
    Citizen,
)
from appointments.states import OPEN, TAKES_TIME, Channel, Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from availability import claims
from availability import operations as availability
from availability.models import AvailabilityException, Hold
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from availability.tests.races import (
    at_once,
    in_threads,
    no_deadlocks,
    start_and_wait,
    would_wait,
)
from config.exceptions import DomainError
from offices.tests.factories import HostFactory, OfficeFactory, OfficeServiceFactory

MONDAY = datetime(2030, 3, 4, 7, tzinfo=UTC)  # 8:00 in Berlin
NINE = datetime(2030, 3, 5, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MONDAY) as traveller:
        yield traveller


@pytest.fixture
def offered(transactional_db):
    """A quarter of an hour with one counter, from 8:00 to 16:00."""
    offered = OfficeServiceFactory(office__max_open_appointments=1000)
    OpenHostFactory(office=offered.office)
    return offered


def guest(**kwargs):
    return Citizen(name="Ada", email="ada@example.org", **kwargs)


def book(offered, starts_at, **kwargs):
    citizen = kwargs.pop("citizen", None) or guest()
    return operations.book(
        offered, starts_at, citizen=citizen, by=citizen, channel=Channel.WEB, **kwargs
    )


def statuses(outcomes):
    """How often each outcome came: a status of an appointment, or a refusal."""
    return Counter(getattr(outcome, "status", outcome) for outcome in outcomes)


# One time, many who want it. --------------------------------------------------------


def test_of_32_who_book_one_time_one_gets_it_round_after_round(offered):
    rounds = [NINE + n * QUARTER for n in range(6)]
    start = threading.Barrier(32, timeout=30)

    def book_each_round():
        outcomes = []
        for starts_at in rounds:
            start.wait()
            try:
                outcomes.append(book(offered, starts_at).status)
            except DomainError as refusal:
                outcomes.append(refusal.code)
        return outcomes

    with no_deadlocks():
        by_booker = in_threads([book_each_round] * 32)

    for outcomes in zip(*by_booker, strict=True):
        assert Counter(outcomes) == {Status.CONFIRMED: 1, "slot_taken": 31}
    assert Appointment.objects.count() == Citizen.objects.count() == len(rounds)
    assert broken() == {}


def test_a_booking_waits_for_whoever_has_the_hosts_day(offered):
    with transaction.atomic():
        claims.lock([(offered.office.hosts.get().pk, NINE.date())])

        assert would_wait(partial(book, offered, NINE))


def test_a_booking_that_waited_finds_the_time_taken(offered):
    with transaction.atomic():
        book(offered, NINE)
        waiting = start_and_wait(partial(book, offered, NINE, citizen=guest()))

    assert waiting.result() == "slot_taken"


def test_a_booking_of_any_host_does_not_wait_for_one_of_them(offered):
    busy = offered.office.hosts.get()
    other = OpenHostFactory(office=offered.office)
    with transaction.atomic():
        claims.lock([(busy.pk, NINE.date())])

        [appointment] = in_threads([partial(book, offered, NINE)])

    assert appointment.host == other


def test_a_held_time_becomes_one_appointment(offered):
    hold = availability.hold(offered, NINE, holder="me")
    book_held = partial(book, offered, NINE, hold=hold.pk, holder="me")

    with no_deadlocks():
        outcomes = at_once(
            *[book_held] * 8, *[partial(book, offered, NINE)] * 8, claims.sweep
        )

    assert statuses(outcomes[:8]) == {Status.CONFIRMED: 1, "hold_expired": 7}
    assert statuses(outcomes[8:-1]) == {"slot_taken": 8}
    assert broken() == {}


def test_at_the_limit_one_address_books_no_more_at_once(offered):
    offered.office.max_open_appointments = 2
    times = [NINE + n * QUARTER for n in range(8)]

    outcomes = at_once(*[partial(book, offered, starts_at) for starts_at in times])

    assert statuses(outcomes) == {Status.CONFIRMED: 2, "limit_reached": 6}


def test_bookings_with_one_address_take_turns(offered):
    with transaction.atomic():
        book(offered, NINE)

        assert would_wait(partial(book, offered, NINE + DAY))
        assert not would_wait(
            partial(
                book, offered, NINE + DAY, citizen=Citizen(name="B", email="b@b.de")
            )
        )


# The constraints behind it. ---------------------------------------------------------


def unclaimed(appointment, **kwargs):
    """A copy, unsaved, that claims nothing."""
    fields = {
        field.attname: getattr(appointment, field.attname)
        for field in Appointment._meta.concrete_fields
        if field.name not in ("id", "reference")
    }
    return Appointment(**{**fields, **kwargs})


def test_without_claims_the_constraint_is_met(offered):
    """The control: the race is real, and the constraint stands behind the claims."""
    draft = unclaimed(AppointmentFactory(offered=offered), starts_at=NINE + DAY)
    draft.ends_at = draft.busy_until = NINE + DAY + QUARTER

    def insert():
        try:
            unclaimed(draft).save(force_insert=True)
        except IntegrityError as error:
            return error.__cause__.diag.constraint_name
        except OperationalError as error:  # two that met there
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
            return HOST_NOT_DOUBLE_BOOKED
        return "inserted"

    outcomes = at_once(*[insert] * 8)

    assert Counter(outcomes) == {"inserted": 1, HOST_NOT_DOUBLE_BOOKED: 7}


@pytest.mark.parametrize("status", TAKES_TIME)
@pytest.mark.parametrize("by", [-QUARTER, timedelta(0), QUARTER])
def test_an_overlap_of_one_host_is_refused_by_the_database(db, status, by):
    taken = AppointmentFactory(offered__own_duration=timedelta(minutes=30))
    overlap = unclaimed(taken, status=status)
    for field in ("starts_at", "ends_at", "busy_until"):
        setattr(overlap, field, getattr(taken, field) + by)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        overlap.save(force_insert=True)

    assert refusal.value.__cause__.diag.constraint_name == HOST_NOT_DOUBLE_BOOKED


@pytest.mark.parametrize("status", sorted(set(Status) - set(TAKES_TIME)))
def test_what_takes_no_time_overlaps_nothing(db, status):
    overlap = unclaimed(AppointmentFactory(), status=status)

    overlap.save(force_insert=True)

    assert Appointment.objects.count() == 2


def test_a_buffer_is_part_of_what_must_not_overlap(db):
    taken = AppointmentFactory(offered__buffer=timedelta(minutes=15))
    overlap = unclaimed(taken, starts_at=taken.ends_at)
    overlap.ends_at = overlap.busy_until = taken.busy_until

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        overlap.save(force_insert=True)

    assert refusal.value.__cause__.diag.constraint_name == HOST_NOT_DOUBLE_BOOKED


def test_an_overlap_of_one_person_is_refused_by_the_database(db):
    taken = AppointmentFactory()
    person = UserFactory()
    Appointment.objects.update(person=person)
    elsewhere = unclaimed(taken, host_id=OpenHostFactory().pk, person_id=person.pk)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        elsewhere.save(force_insert=True)

    assert refusal.value.__cause__.diag.constraint_name == PERSON_NOT_DOUBLE_BOOKED


# One person, two offices. -----------------------------------------------------------


@pytest.fixture
def two_offices(transactional_db):
    """One service at two offices where the same person hosts, without hours."""
    service = OfficeServiceFactory().service
    person = UserFactory()
    offereds = OfficeServiceFactory.create_batch(2, service=service)
    for offered in offereds:
        HostFactory(office=offered.office, user=person)
    return offereds


def book_outside_hours(offered, starts_at=NINE):
    return operations.book(
        offered,
        starts_at,
        citizen=CitizenFactory(),
        by=None,
        channel=Channel.STAFF,
        override="An emergency",
    )


def test_a_person_is_booked_at_one_office_at_a_time(two_offices):
    here, there = two_offices
    book_outside_hours(here)

    [outcome] = in_threads([partial(book_outside_hours, there)])

    assert outcome == "slot_taken"
    assert broken() == {}


def test_at_one_moment_a_person_is_booked_at_one_of_two_offices(two_offices):
    with no_deadlocks():
        for n in range(8):
            outcomes = at_once(
                *[
                    partial(book_outside_hours, offered, NINE + n * QUARTER)
                    for offered in two_offices * 2
                ]
            )

            assert statuses(outcomes) == {Status.CONFIRMED: 1, "slot_taken": 3}
    assert broken() == {}


def test_who_books_a_person_waits_for_the_other_office(two_offices):
    here, there = two_offices
    with transaction.atomic():
        book_outside_hours(here)

        assert would_wait(partial(book_outside_hours, there, NINE + DAY))


# One appointment, many who change it. -----------------------------------------------


def test_an_appointment_is_cancelled_or_moved_as_if_one_came_first(offered):
    for n in range(6):
        starts_at = NINE + n * DAY
        appointment = book(offered, starts_at)
        move = partial(operations.reschedule, appointment, by=None)

        with no_deadlocks():
            outcomes = at_once(
                partial(move, starts_at + QUARTER),
                partial(operations.cancel, appointment, by=None),
                partial(move, starts_at + 3 * DAY + 8 * QUARTER),
            )

        refusals = {each for each in outcomes if isinstance(each, str)}
        assert refusals <= {"changed", "transition_refused"}
        assert broken() == {}


def test_two_who_swap_their_times_meet_no_deadlock(offered):
    OpenHostFactory(office=offered.office)
    with no_deadlocks():
        for n in range(6):
            first, second = (
                book(offered, NINE + day * DAY) for day in (2 * n, 2 * n + 1)
            )

            outcomes = at_once(
                partial(operations.reschedule, first, second.starts_at, by=None),
                partial(operations.reschedule, second, first.starts_at, by=None),
            )

            assert statuses(outcomes) == {Status.CONFIRMED: 2}
    assert broken() == {}


@pytest.mark.parametrize(
    "change",
    [
        operations.approve,
        partial(operations.deny, reason="No"),
        operations.check_in,
        operations.start,
        operations.complete,
        operations.mark_no_show,
        operations.cancel,
        operations.undo,
        lambda appointment, by: operations.reschedule(appointment, NINE + DAY, by=by),
        lambda appointment, by: operations.postpone(appointment, NINE + DAY, by=by),
        lambda appointment, by: operations.reassign(
            appointment, appointment.office.hosts.last(), by=by
        ),
    ],
)
def test_every_change_waits_for_whoever_changes_the_appointment(offered, change):
    OpenHostFactory(office=offered.office, name="Zuse")
    appointment = book(offered, NINE)
    with transaction.atomic():
        Appointment.objects.select_for_update(no_key=True).get(pk=appointment.pk)

        assert would_wait(partial(change, appointment, by=None))


@pytest.mark.parametrize(
    "change",
    [
        operations.cancel,
        operations.mark_no_show,
        operations.undo,
        partial(operations.deny, reason="No"),
        lambda appointment, by: operations.reschedule(appointment, NINE + DAY, by=by),
        lambda appointment, by: operations.postpone(appointment, NINE + DAY, by=by),
        lambda appointment, by: operations.reassign(
            appointment, appointment.office.hosts.last(), by=by
        ),
    ],
)
def test_host_days_are_locked_before_the_appointment(offered, change):
    OpenHostFactory(office=offered.office, name="Zuse")
    appointment = book(offered, NINE)
    with transaction.atomic():
        claims.lock([(appointment.host_id, appointment.day)])
        waiting = start_and_wait(partial(change, appointment, by=None))

        Appointment.objects.select_for_update(nowait=True).get(pk=appointment.pk)

    waiting.result()
    assert broken() == {}


@pytest.mark.parametrize("change", [operations.check_in, operations.approve])
def test_who_waited_for_a_move_finds_the_appointment_with_its_new_host(
    offered, clock, change
):
    appointment = book(offered, NINE)
    other = OpenHostFactory(office=offered.office)
    clock.move_to(NINE)
    with transaction.atomic():
        operations.reassign(appointment, other, by=None)
        waiting = start_and_wait(partial(change, appointment, by=None))

    if change is operations.check_in:
        assert waiting.result().host == other
    else:
        assert waiting.result() == "transition_refused"
    assert broken() == {}


# Everything at once. ----------------------------------------------------------------


class Plan:
    """What one of many does, one thing after the other, chosen by a seed.

    Each verb takes any host, office service, appointment or hold; whatever is
    refused is part of the game.
    """

    verbs = [
        *["hold_a_time"] * 4,
        *["book_what_is_held"] * 3,
        *["book"] * 4,
        *["reschedule"] * 5,
        *["cancel"] * 3,
        *["mark_no_show", "undo"] * 2,
        "release",
        "let_a_hold_expire",
        "sweep",
        "postpone",
        "reassign",
        "approve",
        "deny",
        "check_in",
        "start",
        "complete",
        "walk_in",
        "book_outside_hours",
        "change_hours",
        "generate",
    ]

    def __init__(self, seed, offereds, hosts):
        self.random = random.Random(seed)
        self.offereds, self.hosts = offereds, hosts
        self.name = f"client {seed}"
        self.held = []

    def run(self, steps):
        outcomes = Counter()
        for _ in range(steps):
            verb = self.random.choice(self.verbs)
            try:
                getattr(self, verb)()
            except DomainError as refusal:
                outcomes[verb, refusal.code] += 1
            else:
                outcomes[verb, "done"] += 1
        return outcomes

    # What is chosen from.

    def offered(self):
        return self.random.choice(self.offereds)

    def host(self):
        return self.random.choice([None, None, *self.hosts])

    def time(self):
        """A quarter-hour from ten to noon, today or tomorrow."""
        first = self.random.choice([MONDAY, NINE - timedelta(hours=1)])
        return first + 8 * QUARTER + self.random.randrange(9) * QUARTER

    def appointment(self):
        """One that is open, if there is; now and then any."""
        rows = Appointment.objects.order_by("created_at")
        found = list(rows.filter(status__in=OPEN))
        if not found or self.random.random() < 0.2:
            found = list(rows)
        return self.random.choice(found)

    def citizen(self):
        return Citizen(name="Ada", email=f"{self.random.random()}@example.org")

    # The verbs.

    def hold_a_time(self):
        offered, starts_at, host = self.offered(), self.time(), self.host()
        hold = availability.hold(offered, starts_at, holder=self.name, host=host)
        self.held.append((offered, starts_at, host, hold.pk))

    def book_what_is_held(self):
        if self.held:
            offered, starts_at, host, hold = self.held.pop()
            book(
                offered,
                starts_at,
                host=host,
                hold=hold,
                holder=self.name,
                citizen=self.citizen(),
            )

    def book(self):
        book(self.offered(), self.time(), host=self.host(), citizen=self.citizen())

    def release(self):
        availability.release(holder=self.name)

    def let_a_hold_expire(self):
        pks = Hold.objects.order_by("?").values_list("pk", flat=True)[:2]
        Hold.objects.filter(pk__in=list(pks)).update(expires_at=timezone.now())

    def sweep(self):
        availability.sweep_holds()

    def reschedule(self):
        hold = {}
        if self.held and self.random.random() < 0.3:
            _offered, starts_at, host, pk = self.held.pop()
            hold = {"hold": pk, "holder": self.name}
        else:
            starts_at, host = self.time(), self.host()
        appointment = self.appointment()
        by = self.random.choice([None, appointment.citizen])
        operations.reschedule(appointment, starts_at, by=by, host=host, **hold)

    def postpone(self):
        operations.postpone(self.appointment(), self.time(), by=None)

    def reassign(self):
        operations.reassign(self.appointment(), self.random.choice(self.hosts), by=None)

    def cancel(self):
        operations.cancel(self.appointment(), by=None)

    def approve(self):
        operations.approve(self.appointment(), by=None)

    def deny(self):
        operations.deny(self.appointment(), by=None, reason="No")

    def check_in(self):
        operations.check_in(self.appointment(), by=None)

    def start(self):
        operations.start(self.appointment(), by=None)

    def complete(self):
        operations.complete(self.appointment(), by=None)

    def mark_no_show(self):
        operations.mark_no_show(self.appointment(), by=None)

    def undo(self):
        operations.undo(self.appointment(), by=None)

    def walk_in(self):
        operations.walk_in(self.offered(), citizen=self.citizen(), by=None)

    def book_outside_hours(self):
        operations.book(
            self.offered(),
            self.time() + timedelta(hours=self.random.choice([0, 8])),
            citizen=self.citizen(),
            by=None,
            channel=Channel.STAFF,
            host=self.host(),
            override="An emergency",
        )

    def change_hours(self):
        host = self.random.choice(self.hosts)
        old = list(AvailabilityException.objects.filter(host=host))
        new = AvailabilityException(
            kind="away", day=self.time().date(), start_time=time(11), end_time=time(12)
        )
        availability.set_hours(host, save=[] if old else [new], delete=old, by=None)

    def generate(self):
        availability.generate([self.hosts[0].office])


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_many_do_at_once_no_time_is_taken_twice(
    transactional_db, clock, settings, seed
):
    settings.HOLDS_PER_CLIENT = 100
    office = OfficeFactory(
        lead_time=timedelta(0), approval_required=True, max_open_appointments=1000
    )
    hosts = OpenHostFactory.create_batch(4, office=office, hours=(time(8), time(13)))
    offereds = [
        OfficeServiceFactory(
            office=office,
            own_duration=timedelta(minutes=minutes),
            buffer=timedelta(minutes=buffer),
        )
        for minutes, buffer in [(15, 0), (20, 5), (45, 0), (50, 10)]
    ]
    hosts[3].services.set(offered.service for offered in offereds[:2])
    for host in hosts[:3]:  # half over when the others begin
        operations.book(
            offereds[3],
            MONDAY + 6 * QUARTER,
            citizen=CitizenFactory(),
            by=None,
            host=host,
            channel=Channel.STAFF,
        )
    clock.move_to(MONDAY + 8 * QUARTER - timedelta(minutes=1))
    plans = [Plan(100 * seed + n, offereds, hosts) for n in range(16)]

    with no_deadlocks():
        outcomes = sum(in_threads([partial(plan.run, 30) for plan in plans]), Counter())

    assert broken() == {}
    assert {verb for verb, outcome in outcomes if outcome == "done"} >= {
        "hold_a_time",
        "book_what_is_held",
        "book",
        "reschedule",
        "cancel",
    }
    assert sum(n for (_verb, outcome), n in outcomes.items() if outcome == "slot_taken")
