"""Reminders: when they are planned, dropped, moved out of the night, and caught up."""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from accounts.tests.factories import UserFactory
from appointments import operations as visits
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from availability.operations import generate
from availability.tests.factories import OpenHostFactory
from notifications import operations
from notifications.models import Message, MessagePolicy
from notifications.reminders import quiet_around
from notifications.states import Kind, Status
from offices.tests.factories import OfficeFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 3, 4, 9, tzinfo=UTC)  # a Monday, 10:00 in Berlin
NINE = datetime(2030, 3, 7, 8, tzinfo=UTC)  # Thursday, 9:00 in Berlin


@pytest.fixture(autouse=True)
def clock(settings):
    settings.SMS_ENABLED = True
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office():
    office = OfficeFactory(reminder_hours=[48, 24], booking_horizon_days=10)
    OpenHostFactory(office=office)
    generate([office])
    return office


def book(office, starts_at=NINE, **citizen):
    about = {"email": "ada@example.org", "phone": "+491701234567", **citizen}
    return AppointmentFactory(
        offered=OfficeServiceFactory(office=office),
        host=office.hosts.get(),
        starts_at=starts_at,
        citizen=CitizenFactory(**about),
    )


def planned(visit):
    """[(channel, local weekday and time)] of the reminders that are queued."""
    rows = visit.messages.queued().filter(kind=Kind.REMINDER).order_by("due_at")
    zone = visit.office.zone
    return [(m.channel, f"{m.due_at.astimezone(zone):%a %H:%M}") for m in rows]


def deliver_all():
    for pk in Message.objects.due().order_by("due_at").values_list("pk", flat=True):
        operations.deliver(pk)


def test_booking_plans_them(office):
    assert planned(book(office)) == [("mail", "Tue 09:00"), ("mail", "Wed 09:00")]


def test_they_go_where_somebody_is_reached_now(office):
    """Another has the old number by now, and the message lets into the appointment."""
    MessagePolicy.objects.create(office=office, sms_reminder_hours=[2])
    user = UserFactory(email="ada@example.org", phone="+491701234567")
    visit = book(office, user=user)
    visits.own_citizen(user, phone="+491707654321")

    assert set(visit.messages.values_list("kind", "channel", "recipient")) == {
        ("booked", "mail", "ada@example.org"),
        ("reminder", "mail", "ada@example.org"),
        ("reminder", "sms", "+491707654321"),
    }


def test_what_would_have_come_before_the_booking_is_left_out(office):
    soon = datetime(2030, 3, 6, 8, tzinfo=UTC)  # 47 hours ahead

    assert planned(book(office, soon)) == [("mail", "Tue 09:00")]


def test_a_move_plans_anew_and_a_cancellation_drops(office):
    visit = book(office)

    visit = visits.reschedule(visit, NINE + timedelta(days=1), by=visit.citizen)
    moved = planned(visit)
    visits.cancel(visit, by=visit.citizen)

    assert moved == [("mail", "Wed 09:00"), ("mail", "Thu 09:00")]
    assert planned(visit) == []


def test_a_request_is_reminded_of_once_it_is_approved(office):
    office.approval_required = True
    office.save()
    citizen = CitizenFactory(email="ada@example.org")
    visit = AppointmentFactory(
        offered=OfficeServiceFactory(office=office),
        host=office.hosts.get(),
        starts_at=NINE,
        citizen=citizen,
        by=citizen,
    )

    before = planned(visit)
    visits.approve(visit, by=None)

    assert before == []
    assert planned(visit) == [("mail", "Tue 09:00"), ("mail", "Wed 09:00")]


def test_a_text_message_comes_before_the_quiet_hours(office):
    MessagePolicy.objects.create(office=office, sms_reminder_hours=[2, 20])
    office.reminder_hours = []
    office.save()

    # Two hours before is 7:00, which is quiet; twenty hours before is 13:00.
    assert planned(book(office)) == [("sms", "Wed 13:00"), ("sms", "Wed 20:00")]


def test_who_is_here_is_not_reminded(office, clock):
    visit = book(office)
    clock.move_to(NINE - timedelta(minutes=50))
    Message.objects.filter(kind=Kind.REMINDER).update(status=Status.QUEUED)

    visits.check_in(visit, by=None)

    assert planned(visit) == []


def test_it_is_never_sent_after_the_start(office, clock, mailoutbox):
    visit = book(office)
    visit.messages.exclude(kind=Kind.REMINDER).delete()
    clock.move_to(NINE)

    deliver_all()

    reasons = visit.messages.values_list("status", "dropped_because")
    assert (set(reasons), mailoutbox) == ({("dropped", "over")}, [])


def test_after_a_long_time_away_only_the_last_one_is_sent(office, clock, mailoutbox):
    visit = book(office)
    visit.messages.exclude(kind=Kind.REMINDER).delete()
    clock.move_to(NINE - timedelta(hours=10))

    deliver_all()

    rows = visit.messages.order_by("planned_for")
    rows = rows.values_list("status", "dropped_because")
    assert list(rows) == [("dropped", "over"), ("sent", "")]
    assert len(mailoutbox) == 1
    assert mailoutbox[0].subject.startswith("Reminder: your appointment on Thursday")


@pytest.mark.parametrize("first", ["soonest", "latest"])
def test_in_whichever_order_they_are_delivered_one_is_sent(
    office, clock, mailoutbox, first
):
    visit = book(office)
    visit.messages.exclude(kind=Kind.REMINDER).delete()
    clock.move_to(NINE - timedelta(hours=10))
    rows = visit.messages.order_by("planned_for" if first == "soonest" else "-pk")

    for message in rows:
        operations.deliver(message.pk)

    assert len(mailoutbox) == 1


def test_one_that_is_being_sent_overtakes_those_before_it(office, clock, mailoutbox):
    visit = book(office)
    earlier, later = visit.messages.filter(kind=Kind.REMINDER).order_by("planned_for")
    clock.move_to(NINE - timedelta(hours=10))
    Message.objects.claim(later.pk)

    operations.deliver(earlier.pk)

    earlier.refresh_from_db()
    assert (earlier.dropped_because, mailoutbox) == ("over", [])


def test_one_that_failed_overtakes_those_before_it_all_the_same(
    office, clock, mailoutbox
):
    visit = book(office)
    earlier, later = visit.messages.filter(kind=Kind.REMINDER).order_by("planned_for")
    clock.move_to(NINE - timedelta(hours=10))
    Message.objects.filter(pk=later.pk).update(status="failed")

    operations.deliver(earlier.pk)

    earlier.refresh_from_db()
    assert (earlier.dropped_because, mailoutbox) == ("over", [])


def test_who_was_checked_in_by_mistake_is_reminded_after_all(office, clock):
    office.reminder_hours = [1]
    office.save()
    visit = book(office)
    clock.move_to(NINE - timedelta(minutes=90))

    here = visits.check_in(visit, by=None)
    while_here = planned(visit)
    visits.undo(here, by=None)

    assert (while_here, planned(visit)) == ([], [("mail", "Thu 08:00")])


def test_without_an_e_mail_address_a_text_message_comes_when_the_mail_would(office):
    MessagePolicy.objects.create(office=office, sms_reminder_hours=[20])

    by_text = planned(book(office, email=""))

    assert by_text == [
        ("sms", "Tue 09:00"),
        ("sms", "Wed 09:00"),
        ("sms", "Wed 13:00"),
    ]


def test_a_reminder_that_is_late_wakes_nobody(office, clock):
    MessagePolicy.objects.create(
        office=office, sms_reminder_hours=[14], quiet_until=time(9, 30)
    )
    visit = book(office)
    message = visit.messages.get(kind=Kind.REMINDER, channel="sms")
    clock.move_to(NINE - timedelta(hours=6))

    operations.deliver(message.pk)

    message.refresh_from_db()
    assert (message.status, message.due_at) == (
        "queued",
        NINE + timedelta(minutes=30),
    )


def test_a_text_message_at_night_waits_for_the_morning(office, clock, tmp_path):
    visit = book(office, NINE + timedelta(days=1), email="")
    message = visit.messages.get(kind=Kind.BOOKED)
    clock.move_to(datetime(2030, 3, 4, 21, tzinfo=UTC))

    operations.deliver(message.pk)

    message.refresh_from_db()
    assert (message.status, message.attempts) == ("queued", 0)
    assert message.due_at == datetime(2030, 3, 5, 7, tzinfo=UTC)


def test_news_that_cannot_wait_are_sent_at_night(office, clock, settings, tmp_path):
    settings.SMS_DIR = tmp_path
    MessagePolicy.objects.create(office=office, quiet_until=time(9, 30))
    clock.move_to(NINE - timedelta(hours=12))
    visit = book(office, email="")
    visits.cancel(visit, by=None)
    message = visit.messages.get(kind=Kind.CANCELLED)

    operations.deliver(message.pk)

    message.refresh_from_db()
    assert (message.status, message.segments) == ("sent", 1)


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (7, ("Sun 20:00", "Mon 08:00")),
        (8, None),
        (19, None),
        (20, ("Mon 20:00", "Tue 08:00")),
        (0, ("Sun 20:00", "Mon 08:00")),
    ],
)
def test_quiet_hours_over_night(hour, expected):
    policy = MessagePolicy(office=OfficeFactory())
    local = datetime(2030, 3, 4, hour, tzinfo=policy.office.zone)

    found = quiet_around(local, policy)

    assert (found and tuple(f"{each:%a %H:%M}" for each in found)) == expected


def test_quiet_hours_within_a_day():
    policy = MessagePolicy(
        office=OfficeFactory(), quiet_from=time(12), quiet_until=time(14)
    )
    zone = policy.office.zone
    found = [
        quiet_around(datetime(2030, 3, 4, hour, tzinfo=zone), policy) is not None
        for hour in (11, 12, 13, 14)
    ]

    assert found == [False, True, True, False]


def test_quiet_hours_that_begin_when_they_end_are_none():
    policy = MessagePolicy(
        office=OfficeFactory(), quiet_from=time(0), quiet_until=time(0)
    )

    assert quiet_around(NOW, policy) is None


@pytest.mark.parametrize(
    ("night", "begins", "ends"),
    [
        (datetime(2030, 3, 31, 0, 30, tzinfo=UTC), "19:00", "06:00"),
        (datetime(2030, 10, 27, 0, 30, tzinfo=UTC), "18:00", "07:00"),
        (datetime(2030, 10, 27, 1, 30, tzinfo=UTC), "18:00", "07:00"),
    ],
)
def test_quiet_hours_in_a_night_when_clocks_change(night, begins, ends):
    found = quiet_around(night, MessagePolicy(office=OfficeFactory()))

    assert [f"{each.astimezone(UTC):%H:%M}" for each in found] == [begins, ends]


def test_an_hour_that_clocks_show_twice_is_quiet_once():
    """From 2:00 to 2:30, which in October comes twice: the first one is meant."""
    policy = MessagePolicy(
        office=OfficeFactory(), quiet_from=time(2), quiet_until=time(2, 30)
    )
    first = datetime(2030, 10, 27, 0, 15, tzinfo=UTC)

    found = [
        quiet_around(first + timedelta(hours=hours), policy) is not None
        for hours in (0, 1)
    ]

    assert found == [True, False]
