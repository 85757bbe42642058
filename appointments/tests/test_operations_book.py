import uuid
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from accounts.tests.factories import AdminFactory, UserFactory
from appointments import operations
from appointments.exceptions import LimitReached
from appointments.invariants import broken
from appointments.models import Appointment, AppointmentEvent, Citizen
from appointments.states import Channel, EventKind, Status
from appointments.tests.factories import CitizenFactory
from appointments.tests.history import history, listening
from availability import operations as availability
from availability import quarters
from availability.exceptions import (
    HostRefused,
    NotOffered,
    QuantityRefused,
    SlotClosed,
    SlotPast,
    SlotTaken,
    SlotTooFar,
)
from availability.models import AvailabilityRule, Hold, HostDay
from availability.quarters import QUARTER
from availability.tests.factories import EVERY_DAY, OpenHostFactory
from offices.models import OfficeService
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeServiceFactory,
)

NOW = datetime(2030, 3, 4, 7, tzinfo=UTC)  # a Monday, 8:00 in Berlin
NINE = datetime(2030, 3, 5, 8, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(clock):
    """A quarter of an hour with one counter, from 8:00 to 16:00."""
    offered = OfficeServiceFactory()
    OpenHostFactory(office=offered.office)
    return offered


def guest(**kwargs):
    return Citizen(**{"name": "Ada", "email": "ada@example.org", **kwargs})


def book(offered, starts_at=NINE, *, citizen=None, **kwargs):
    """By the citizen, unless somebody else is named."""
    citizen = citizen or guest()
    kwargs = {"by": citizen, "channel": Channel.WEB, **kwargs}
    return operations.book(offered, starts_at, citizen=citizen, **kwargs)


def member(office, role):
    return MembershipFactory(office=office, role=role).user


def claimed(at=NINE):
    days = HostDay.objects.filter(day=at.date()).order_by("host_id")
    return list(days.values_list("claimed", flat=True))


# What it does. ----------------------------------------------------------------------


def test_a_guest_books(offered):
    citizen = guest(phone="+49 89 1", language="de")

    with listening() as heard:
        appointment = book(
            offered,
            citizen=citizen,
            purpose="A passport",
            access_needs="A ramp",
            language="de",
        )

    row = Appointment.objects.values().get()
    assert row == {
        "id": appointment.pk,
        "reference": appointment.reference,
        "host_id": offered.office.hosts.get().pk,
        "office_id": offered.office_id,
        "service_id": offered.service_id,
        "citizen_id": citizen.pk,
        "person_id": None,
        "day": NINE.date(),
        "quarters": quarters.span(36, 1),
        "starts_at": NINE,
        "ends_at": NINE + QUARTER,
        "busy_until": NINE + QUARTER,
        "outside_hours": False,
        "despite_closure": False,
        "quantity": 1,
        "status": Status.CONFIRMED,
        "channel": Channel.WEB,
        "purpose": "A passport",
        "access_needs": "A ramp",
        "language": "de",
        "note": "",
        "ticket": None,
        "checked_in_at": None,
        "called_at": None,
        "called_to_id": None,
        "started_at": None,
        "completed_at": None,
        "purged_at": None,
        "sequence": 0,
        "created_at": NOW,
        "updated_at": NOW,
    }
    assert Citizen.objects.values(
        "name", "email", "phone", "language", "user"
    ).get() == {
        "name": "Ada",
        "email": "ada@example.org",
        "phone": "+49 89 1",
        "language": "de",
        "user": None,
    }
    assert history(appointment) == [(EventKind.BOOKED, "citizen", None, "")]
    assert heard == [(EventKind.BOOKED, Status.CONFIRMED)]
    assert claimed() == [quarters.span(36, 1)]


def test_each_guest_is_somebody_else(offered):
    first, second = book(offered), book(offered, NINE + QUARTER)

    assert first.citizen != second.citizen


def test_who_is_signed_in_is_the_same_citizen_each_time(offered):
    user = UserFactory()
    citizen = CitizenFactory(user=user)

    booked = [
        book(offered, NINE + n * QUARTER, citizen=citizen, by=user) for n in range(2)
    ]

    assert [each.citizen for each in booked] == [citizen] * 2
    assert history(booked[0]) == [(EventKind.BOOKED, "citizen", user.pk, "")]


def test_staff_book_for_somebody(offered):
    colleague = member(offered.office, Role.RECEPTION)

    appointment = book(offered, by=colleague, channel=Channel.STAFF)

    assert history(appointment) == [(EventKind.BOOKED, "staff", colleague.pk, "")]


def test_the_system_books(offered):
    appointment = book(offered, by=None, channel=Channel.IMPORT)

    assert history(appointment) == [(EventKind.BOOKED, "system", None, "")]


def test_a_20_minute_service_takes_two_quarters(offered):
    offered.own_duration = timedelta(minutes=20)

    appointment = book(offered)

    assert appointment.quarters == quarters.span(36, 2)
    assert appointment.ends_at == NINE + timedelta(minutes=20)
    assert appointment.busy_until == NINE + 2 * QUARTER
    with pytest.raises(SlotTaken):
        book(offered, NINE + QUARTER)


def test_quantity_and_buffer_take_time(offered):
    offered.own_duration = timedelta(minutes=20)
    offered.own_max_quantity = 2
    offered.buffer = timedelta(minutes=10)

    appointment = book(offered, quantity=2)

    assert appointment.quantity == 2
    assert appointment.ends_at == NINE + timedelta(minutes=40)
    assert claimed() == [quarters.span(36, 4)]


def test_a_host_who_is_a_person_is_noted(offered):
    person = UserFactory()
    host = OpenHostFactory(office=offered.office, user=person)

    appointment = book(offered, host=host)

    assert (appointment.host, appointment.person) == (host, person)


def test_where_requests_need_approval_a_citizen_waits(offered):
    offered.office.approval_required = True

    with listening() as heard:
        appointment = book(offered)

    assert appointment.status == Status.PENDING
    assert history(appointment) == [(EventKind.REQUESTED, "citizen", None, "")]
    assert heard == [(EventKind.REQUESTED, Status.PENDING)]
    assert claimed() == [quarters.span(36, 1)]


@pytest.mark.parametrize("role", [Role.RECEPTION, None])
def test_what_staff_or_the_system_book_needs_no_approval(offered, role):
    offered.office.approval_required = True
    by = member(offered.office, role) if role else None

    appointment = book(offered, by=by)

    assert appointment.status == Status.CONFIRMED
    assert history(appointment)[0][0] == EventKind.BOOKED


def test_a_reference_that_is_in_use_gives_way_to_another(offered):
    first = book(offered)

    second = book(offered, NINE + QUARTER, reference=first.reference)

    assert second.reference != first.reference
    assert history(second) == [(EventKind.BOOKED, "citizen", None, "")]
    assert broken() == {}


@pytest.mark.parametrize(
    ("start", "minutes", "ends"),
    [
        (datetime(2030, 3, 31, 0, tzinfo=UTC), 90, (3, 30)),
        (datetime(2030, 3, 31, 0, 45, tzinfo=UTC), 30, (3, 15)),
        (datetime(2030, 10, 27, 0, 30, tzinfo=UTC), 45, (2, 15)),
        (datetime(2030, 10, 27, 1, 30, tzinfo=UTC), 45, (3, 15)),
    ],
)
def test_a_visit_lasts_as_long_when_clocks_change(clock, start, minutes, ends):
    clock.move_to(start - 2 * DAY)
    offered = OfficeServiceFactory(own_duration=timedelta(minutes=minutes))
    OpenHostFactory(office=offered.office, hours=(time(), time()))

    appointment = book(offered, start.astimezone(offered.office.zone))

    assert appointment.ends_at - appointment.starts_at == timedelta(minutes=minutes)
    local_end = appointment.local_end
    assert (local_end.hour, local_end.minute) == ends
    assert broken() == {}


# From a hold. -----------------------------------------------------------------------


def test_what_is_held_becomes_the_appointment(offered):
    hold = availability.hold(offered, NINE, holder="me")

    appointment = book(offered, hold=hold.pk, holder="me")

    assert (appointment.host, appointment.quarters) == (hold.host, hold.quarters)
    assert not Hold.objects.exists()
    assert claimed() == [quarters.span(36, 1)]


def test_a_hold_that_has_expired_still_serves_while_it_is_there(offered, clock):
    hold = availability.hold(offered, NINE, holder="me")
    clock.shift(offered.office.hold_time)

    book(offered, hold=hold.pk, holder="me")

    assert claimed() == [quarters.span(36, 1)]


@pytest.mark.parametrize("hold", [None, "", uuid.uuid4()])
def test_without_its_hold_the_time_is_claimed_anew(offered, hold):
    book(offered, hold=hold, holder="me")

    assert claimed() == [quarters.span(36, 1)]


def test_a_hold_that_was_swept_and_lost_is_no_help(offered, clock):
    hold = availability.hold(offered, NINE, holder="me")
    clock.shift(offered.office.hold_time)
    book(offered)

    with pytest.raises(SlotTaken):
        book(offered, hold=hold.pk, holder="me")


@pytest.mark.parametrize("holder", ["", "you"])
def test_somebody_elses_hold_is_no_help(offered, holder):
    hold = availability.hold(offered, NINE, holder="me")

    with pytest.raises(SlotTaken):
        book(offered, hold=hold.pk, holder=holder)

    assert list(Hold.objects.all()) == [hold]


# What is refused. -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "starts_at", "asked"),
    [
        (SlotPast, NOW - DAY, {}),
        (SlotPast, NOW, {}),
        (SlotPast, NOW + timedelta(minutes=45), {}),
        (SlotTooFar, NINE + 60 * DAY, {}),
        (SlotClosed, NINE - timedelta(hours=2), {}),
        (SlotClosed, NINE + timedelta(hours=7), {}),
        (SlotClosed, NINE + timedelta(minutes=1), {}),
        (QuantityRefused, NINE, {"quantity": 2}),
        (QuantityRefused, NINE, {"quantity": 0}),
    ],
)
def test_what_the_office_does_not_allow_is_refused(offered, refusal, starts_at, asked):
    with pytest.raises(refusal):
        book(offered, starts_at, **asked)

    assert not Citizen.objects.exists()
    assert not AppointmentEvent.objects.exists()
    assert broken() == {}


@pytest.mark.parametrize("starts_at", [NOW + timedelta(hours=1), NINE + 59 * DAY])
def test_lead_time_and_horizon_are_included(offered, starts_at):
    assert book(offered, starts_at).starts_at == starts_at


def test_a_visit_that_no_run_of_quarters_can_hold_is_refused(offered):
    offered.own_duration = timedelta(hours=9)

    with pytest.raises(SlotClosed):
        book(offered)


def test_nothing_spans_midnight(offered):
    availability.set_hours(
        offered.office.hosts.get(),
        save=[
            AvailabilityRule(weekdays=EVERY_DAY, start_time=time(), end_time=time()),
        ],
        by=None,
    )
    offered.own_duration = timedelta(minutes=30)
    midnight = datetime(2030, 3, 5, 23, tzinfo=UTC)

    with pytest.raises(SlotClosed):
        book(offered, midnight - QUARTER)
    assert book(offered, midnight - 2 * QUARTER).ends_at == midnight


def test_a_taken_time_is_refused(offered):
    book(offered)

    with pytest.raises(SlotTaken):
        book(offered)

    assert Citizen.objects.count() == Appointment.objects.count() == 1


def test_a_foreign_host_is_refused(offered):
    with pytest.raises(HostRefused):
        book(offered, host=OpenHostFactory())


def test_where_nobody_can_serve_it_is_closed(offered):
    offered.office.hosts.update(is_active=False)

    for override in ("", "An emergency"):
        with pytest.raises(SlotClosed):
            book(offered, by=None, override=override)


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_an_office_that_takes_no_appointments_takes_none(offered, status):
    offered.office.status = status

    with pytest.raises(NotOffered):
        book(offered)


def test_what_is_not_public_is_booked_by_staff_alone(offered):
    offered.is_public = False

    with pytest.raises(NotOffered):
        book(offered)
    appointment = book(offered, by=member(offered.office, Role.SECRETARY))

    assert appointment.status == Status.CONFIRMED


def test_nobody_books_for_others_who_does_not_work_there(offered):
    citizen = CitizenFactory(user=UserFactory())
    strangers = [
        UserFactory(),
        CitizenFactory(),
        guest(),
        AnonymousUser(),
        member(OfficeServiceFactory().office, Role.MANAGER),
        member(offered.office, Role.HOST),
    ]

    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            book(offered, citizen=citizen, by=stranger)

    assert not Appointment.objects.exists()


# One citizen's limit. ---------------------------------------------------------------


def test_one_address_has_only_so_many_open_appointments(offered):
    offered.office.max_open_appointments = 2
    for n in range(2):
        book(offered, NINE + n * QUARTER)

    with pytest.raises(LimitReached):
        book(offered, NINE + 2 * QUARTER)

    book(offered, NINE + 2 * QUARTER, citizen=guest(email="bob@example.org"))


def test_an_address_is_the_same_in_capital_letters(offered):
    offered.office.max_open_appointments = 1
    book(offered, citizen=guest(email="Ada@Example.org"))

    with pytest.raises(LimitReached):
        book(offered, NINE + QUARTER, citizen=guest(email="ada@example.ORG"))


def test_only_what_is_open_at_that_office_counts(offered, clock):
    offered.office.max_open_appointments = 1
    offered.office.save()
    elsewhere = OfficeServiceFactory()
    OpenHostFactory(office=elsewhere.office)
    book(elsewhere)
    operations.cancel(book(offered), by=None)
    book(offered, NOW + timedelta(hours=1))
    clock.move_to(NOW + timedelta(hours=1) + QUARTER)

    appointment = book(offered)

    assert appointment.status == Status.CONFIRMED


def test_without_an_address_there_is_no_limit(offered):
    offered.office.max_open_appointments = 1

    for n in range(2):
        book(offered, NINE + n * QUARTER, citizen=guest(email=""), by=None)

    assert Appointment.objects.count() == 2


# Going beyond the rules. ------------------------------------------------------------


BEYOND = {
    "outside hours": NINE + timedelta(hours=9),
    "too soon": NOW + QUARTER,
    "too far": NINE + 60 * DAY,
}


@pytest.mark.parametrize("starts_at", BEYOND.values(), ids=BEYOND)
def test_a_manager_books_beyond_the_rules_and_says_why(offered, starts_at):
    manager = member(offered.office, Role.MANAGER)
    with pytest.raises((SlotClosed, SlotPast, SlotTooFar)):
        book(offered, starts_at, by=manager)

    appointment = book(offered, starts_at, by=manager, override="An emergency")

    assert appointment.starts_at == starts_at
    assert history(appointment) == [(EventKind.BOOKED, "staff", manager.pk, "")]
    assert appointment.events.get().override == "An emergency"
    assert broken() == {}


def test_a_manager_books_beyond_the_limit(offered):
    offered.office.max_open_appointments = 1
    manager = member(offered.office, Role.MANAGER)
    book(offered)
    with pytest.raises(LimitReached):
        book(offered, NINE + QUARTER, by=manager)

    book(offered, NINE + QUARTER, by=manager, override="An emergency")

    assert Appointment.objects.count() == 2


def test_within_the_hours_the_hours_are_used_all_the_same(offered):
    OpenHostFactory(office=offered.office, hours=(time(6), time(7)))

    appointment = book(offered, by=None, override="An emergency")

    day = HostDay.objects.get(host=appointment.host, day=NINE.date())
    assert day.claimed & ~day.open == 0


def test_outside_hours_whoever_is_free_is_booked(offered):
    HostFactory(office=offered.office)
    evening = NINE + timedelta(hours=9)

    booked = [book(offered, evening, by=None, override="Fair") for _ in range(2)]

    assert {each.host for each in booked} == set(offered.office.hosts.all())
    with pytest.raises(SlotTaken):
        book(offered, evening, by=None, override="Fair")


@pytest.mark.parametrize("starts_at", [NOW, NOW - QUARTER])
def test_nobody_books_the_past(offered, starts_at):
    with pytest.raises(SlotPast):
        book(offered, starts_at, by=AdminFactory(), override="An emergency")


def test_nobody_books_over_another_appointment(offered):
    book(offered)

    with pytest.raises(SlotTaken):
        book(offered, by=None, override="An emergency")


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.RECEPTION, Role.HOST])
def test_others_do_not_go_beyond_the_rules(offered, role):
    with pytest.raises(PermissionDenied):
        book(offered, by=member(offered.office, role), override="An emergency")


def test_citizens_do_not_go_beyond_the_rules(offered):
    with pytest.raises(PermissionDenied):
        book(offered, override="An emergency")


# What it costs. ---------------------------------------------------------------------


@pytest.mark.parametrize(("hosts", "queries"), [(1, 14), (2, 16), (20, 16)])
def test_a_booking_takes_as_many_queries_however_many_hosts(
    offered, hosts, queries, django_assert_num_queries
):
    OpenHostFactory.create_batch(hosts - 1, office=offered.office)
    offered = OfficeService.objects.with_details().get(pk=offered.pk)

    with django_assert_num_queries(queries):
        book(offered)
