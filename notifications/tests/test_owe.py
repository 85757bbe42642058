"""What is owed, and what is not, by the event that owes it."""

from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.models import AppointmentEvent
from appointments.states import Channel as BookedBy
from appointments.states import EventKind
from appointments.tests.factories import AppointmentFactory, CitizenFactory, tomorrow_at
from availability.exceptions import SlotTaken
from availability.tests.factories import OpenHostFactory
from notifications.models import Message
from notifications.operations import owe
from notifications.states import Status
from notifications.tests.factories import NoticeFactory
from offices.tests.factories import OfficeFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db


def owed(appointment):
    """Kind and status of all messages of an appointment, the oldest first."""
    rows = appointment.messages.order_by("pk")
    return [(message.kind, message.status) for message in rows]


def an_hour_later(appointment):
    return appointment.starts_at + timedelta(hours=1)


@pytest.fixture
def asking():
    """A request that waits for approval."""
    office = OfficeFactory(approval_required=True)
    citizen = CitizenFactory()
    return AppointmentFactory(
        offered=OfficeServiceFactory(office=office), citizen=citizen, by=citizen
    )


def test_booking_owes_one_mail_to_its_citizen():
    appointment = AppointmentFactory(citizen=CitizenFactory(email="ada@example.org"))

    message = appointment.messages.get()

    event = appointment.events.get()
    assert (message.event, message.kind, message.channel, message.recipient) == (
        event,
        "booked",
        "mail",
        "ada@example.org",
    )
    assert (message.status, message.attempts) == (Status.QUEUED, 0)
    assert message.planned_for == message.due_at == event.created_at


def test_request_and_approval_owe_their_mails(asking):
    operations.approve(asking, by=None)

    assert owed(asking) == [
        ("requested", Status.DROPPED),
        ("approved", Status.QUEUED),
    ]


def test_denial_owes_its_mail(asking):
    operations.deny(asking, by=None, reason="Not here")

    assert owed(asking) == [("requested", Status.DROPPED), ("denied", Status.QUEUED)]


def test_moves_and_cancellation_owe_a_mail_each_and_drop_older_ones():
    appointment = AppointmentFactory()

    moved = operations.reschedule(appointment, an_hour_later(appointment), by=None)
    moved = operations.reschedule(moved, an_hour_later(moved), by=None)
    moved = operations.postpone(moved, an_hour_later(moved), by=None)
    operations.cancel(moved, by=None)

    assert owed(appointment) == [
        ("booked", Status.DROPPED),
        ("rescheduled", Status.DROPPED),
        ("rescheduled", Status.DROPPED),
        ("postponed", Status.DROPPED),
        ("cancelled", Status.QUEUED),
    ]


def test_what_is_sent_or_failed_stays_so():
    appointment = AppointmentFactory()
    appointment.messages.update(status=Status.FAILED)

    operations.cancel(appointment, by=None)

    assert owed(appointment) == [
        ("booked", Status.FAILED),
        ("cancelled", Status.QUEUED),
    ]


def test_messages_of_others_are_not_dropped():
    other = AppointmentFactory()

    operations.cancel(AppointmentFactory(), by=None)

    assert owed(other) == [("booked", Status.QUEUED)]


def test_another_host_owes_nothing_and_drops_nothing():
    appointment = AppointmentFactory()
    host = OpenHostFactory(office=appointment.office)

    operations.reassign(appointment, host, by=None)

    assert owed(appointment) == [("booked", Status.QUEUED)]


def test_a_host_whose_appointment_it_is_no_more_is_told_nothing_of_it():
    offered = OfficeServiceFactory()
    NoticeFactory(office=offered.office, kind="booked", audience="host")
    host = OpenHostFactory(office=offered.office, user=UserFactory())
    appointment = AppointmentFactory(offered=offered, host=host)
    to_host = appointment.messages.filter(audience="host")
    before = to_host.get().status

    operations.reassign(appointment, OpenHostFactory(office=offered.office), by=None)

    assert (before, to_host.get().status) == (Status.QUEUED, Status.DROPPED)
    assert appointment.messages.get(audience="citizen").status == Status.QUEUED


def test_the_desk_owes_nothing_and_completion_drops_what_is_queued(time_machine):
    appointment = AppointmentFactory()
    time_machine.move_to(appointment.starts_at - timedelta(minutes=5))

    operations.check_in(appointment, by=None)
    operations.start(appointment, by=None)
    at_the_desk = owed(appointment)
    operations.complete(appointment, by=None)

    assert at_the_desk == [("booked", Status.QUEUED)]
    assert owed(appointment) == [("booked", Status.DROPPED)]


def test_no_show_drops_what_is_queued(time_machine):
    appointment = AppointmentFactory()
    time_machine.move_to(appointment.starts_at + timedelta(minutes=10))

    operations.mark_no_show(appointment, by=None)

    assert owed(appointment) == [("booked", Status.DROPPED)]


def test_a_walk_in_owes_nothing(time_machine):
    host = OpenHostFactory(hours=(time(0), time(0)))
    offered = OfficeServiceFactory(office=host.office)
    time_machine.move_to(tomorrow_at(host.office, time(10)))

    appointment = operations.walk_in(offered, citizen=CitizenFactory(), by=None)
    operations.cancel(appointment, by=None)

    assert (appointment.channel, owed(appointment)) == (BookedBy.WALK_IN, [])


def test_nothing_is_owed_without_an_address():
    appointment = AppointmentFactory(citizen=CitizenFactory(email=""))

    assert owed(appointment) == []


def test_nothing_is_owed_where_an_operation_refuses():
    appointment = AppointmentFactory()
    stranger = CitizenFactory()

    with pytest.raises(PermissionDenied):
        operations.cancel(appointment, by=stranger)
    with pytest.raises(SlotTaken):
        AppointmentFactory(
            offered=appointment.office.offered.get(), starts_at=appointment.starts_at
        )

    assert Message.objects.count() == 1


def test_nothing_is_owed_where_the_transaction_rolls_back():
    appointment = AppointmentFactory()

    with transaction.atomic():
        operations.cancel(appointment, by=None)
        transaction.set_rollback(True)

    assert owed(appointment) == [("booked", Status.QUEUED)]


def test_the_database_refuses_to_owe_an_event_twice():
    appointment = AppointmentFactory()

    with (
        pytest.raises(IntegrityError, match="message_owed_once"),
        transaction.atomic(),
    ):
        owe(appointment.events.get())

    assert owed(appointment) == [("booked", Status.QUEUED)]


@pytest.mark.parametrize(
    ("of_booking", "of_citizen", "language"),
    [("de", "en", "de"), ("", "de", "de"), ("", "", "en"), ("tlh", "de", "en")],
)
def test_language_is_that_of_the_booking_then_of_the_citizen(
    of_booking, of_citizen, language
):
    citizen = CitizenFactory(language=of_citizen)
    appointment = AppointmentFactory(citizen=citizen, language=of_booking)

    assert appointment.messages.get().language == language


@pytest.mark.parametrize("kind", EventKind.values)
def test_every_kind_of_event_is_decided_upon(kind):
    """A new kind of event makes somebody think of what it tells."""
    appointment = AppointmentFactory()
    event = AppointmentEvent.objects.create(
        appointment=appointment, kind=kind, actor_kind="system"
    )

    messages = owe(event)

    told = {"requested", "booked", "approved", "denied"}
    told |= {"rescheduled", "postponed", "cancelled"}
    assert bool(messages) == (kind in told)
