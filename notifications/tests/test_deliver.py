"""Who sends a message, when it is tried again, and when no more."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from appointments import operations as visits
from appointments.tests.factories import CitizenFactory, tomorrow_at
from notifications import operations
from notifications.exceptions import NoLongerHolds, NotFailed
from notifications.models import Message
from notifications.states import Status
from notifications.tests.factories import MessageFactory
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeServiceFactory

NOW = timezone.now

pytestmark = pytest.mark.django_db


def addressed(email):
    return MessageFactory(appointment__citizen=CitizenFactory(email=email))


def in_three_days():
    """A message of a visit that is far enough ahead to give up on the message."""
    offered = OfficeServiceFactory()
    starts_at = tomorrow_at(offered.office) + timedelta(days=2)
    return MessageFactory(
        appointment__offered=offered, appointment__starts_at=starts_at
    )


def test_deliver_sends_and_keeps_what_was_sent(mailoutbox):
    message = addressed("ada@example.org")

    operations.deliver(message.pk)

    message.refresh_from_db()
    [mail] = mailoutbox
    assert mail.to == ["ada@example.org"]
    assert (message.status, message.attempts, message.last_error) == ("sent", 1, "")
    assert message.subject == mail.subject
    assert message.provider_id == mail.extra_headers["Message-ID"]
    assert NOW() - message.sent_at < timedelta(seconds=10)


def test_deliver_keeps_no_way_in(mailoutbox):
    message = MessageFactory()

    operations.deliver(message.pk)

    message.refresh_from_db()
    link = f"/appointments/{message.appointment_id.hex}"
    assert link in mailoutbox[0].body
    assert link not in message.body
    assert message.appointment.reference in message.body


def test_deliver_twice_sends_once(mailoutbox):
    message = MessageFactory()

    operations.deliver(message.pk)
    operations.deliver(message.pk)

    assert len(mailoutbox) == 1


def test_deliver_leaves_what_is_not_due(mailoutbox):
    message = MessageFactory(due_at=NOW() + timedelta(minutes=1))

    operations.deliver(message.pk)

    assert mailoutbox == []


@pytest.mark.parametrize("status", [Status.SENT, Status.FAILED, Status.DROPPED])
def test_deliver_leaves_what_is_not_queued(mailoutbox, status):
    message = MessageFactory(status=status)

    operations.deliver(message.pk)

    assert mailoutbox == []


def test_deliver_of_nothing_does_nothing(mailoutbox):
    operations.deliver(0)

    assert mailoutbox == []


@pytest.mark.django_db(transaction=True)
def test_one_of_many_simultaneous_deliverers_sends(mailoutbox):
    message = MessageFactory()
    start = threading.Barrier(8)

    def deliver():
        start.wait()
        try:
            operations.deliver(message.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        for each in [pool.submit(deliver) for _ in range(8)]:
            each.result()

    assert len(mailoutbox) == 1


def test_claim_lends_for_as_long_as_the_lease(time_machine):
    message = MessageFactory()
    time_machine.move_to(NOW(), tick=False)

    first = Message.objects.claim(message.pk)
    second = Message.objects.claim(message.pk)
    time_machine.shift(Message.LEASE - timedelta(seconds=1))
    still = Message.objects.claim(message.pk)
    time_machine.shift(timedelta(seconds=1))
    after = Message.objects.claim(message.pk)

    assert (first, second, still, after) == (message, None, None, message)
    assert after.attempts == 2


def test_pauses_grow_to_an_hour_and_differ(time_machine, by_smtp):
    by_smtp.mood = "busy"
    message = MessageFactory()
    pauses = []

    for _ in range(9):
        operations.deliver(message.pk)
        message.refresh_from_db()
        pauses.append((message.due_at - NOW()) / timedelta(minutes=1))
        time_machine.move_to(message.due_at)

    for pause, usual in zip(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60], strict=True):
        assert 0.74 * usual <= pause <= 1.26 * usual
    assert len({round(pause % 1, 3) for pause in pauses}) > 1


def test_gives_up_after_a_day(time_machine, by_smtp):
    by_smtp.mood = "busy"
    message = in_three_days()
    began = NOW()

    while message.status == Status.QUEUED:
        operations.deliver(message.pk)
        message.refresh_from_db()
        ended = NOW()
        time_machine.move_to(message.due_at)

    assert (message.status, message.sent_at) == (Status.FAILED, None)
    assert timedelta(hours=24) < ended - began < timedelta(hours=26)
    assert message.last_error.startswith("Given up. SMTPRecipientsRefused")


def test_a_day_of_standstill_does_not_fail_what_was_never_tried(
    time_machine, mailoutbox
):
    message = in_three_days()
    time_machine.move_to(NOW() + timedelta(hours=30))

    operations.deliver(message.pk)

    message.refresh_from_db()
    assert (message.status, len(mailoutbox)) == (Status.SENT, 1)


def test_a_day_after_a_worker_was_killed_it_is_tried(time_machine, mailoutbox):
    message = in_three_days()
    Message.objects.claim(message.pk)  # and no more: the lease ends by itself
    time_machine.move_to(NOW() + timedelta(hours=30))

    operations.deliver(message.pk)

    message.refresh_from_db()
    assert (message.status, len(mailoutbox)) == (Status.SENT, 1)


def test_nothing_is_sent_about_what_is_over(time_machine, mailoutbox):
    message = MessageFactory()
    time_machine.move_to(message.appointment.ends_at)

    operations.deliver(message.pk)

    message.refresh_from_db()
    assert (message.status, message.dropped_because) == ("dropped", "over")
    assert mailoutbox == []


def test_what_is_dropped_while_it_is_sent_is_logged_as_sent(mailoutbox):
    message = Message.objects.with_details().claim(MessageFactory().pk)
    visits.cancel(message.appointment, by=None)

    operations._try(message)

    message.refresh_from_db()
    assert (message.status, len(mailoutbox)) == (Status.SENT, 1)


def test_what_is_dropped_while_it_fails_stays_dropped(by_smtp):
    by_smtp.mood = "busy"
    message = Message.objects.with_details().claim(MessageFactory().pk)
    visits.cancel(message.appointment, by=None)

    operations._try(message)

    message.refresh_from_db()
    assert message.status == Status.DROPPED


def test_a_late_outcome_leaves_the_next_lease_alone(by_smtp):
    by_smtp.mood = "busy"
    pk = MessageFactory().pk
    slow = Message.objects.with_details().claim(pk)
    Message.objects.update(due_at=NOW())  # its lease has ended
    quick = Message.objects.claim(pk)

    operations._try(slow)

    quick.refresh_from_db()
    assert (quick.attempts, quick.last_error) == (2, "")
    assert quick.due_at > NOW() + timedelta(minutes=4)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SECRETARY, Role.RECEPTION])
def test_send_again_queues_it_anew(role, mailoutbox):
    message = MessageFactory(status=Status.FAILED, attempts=7, last_error="No.")
    member = MembershipFactory(office=message.appointment.office, role=role)

    operations.send_again(message, by=member.user)
    operations.deliver(message.pk)

    message.refresh_from_db()
    assert (message.status, message.attempts, len(mailoutbox)) == ("sent", 1, 1)


def test_send_again_of_an_old_one_tries_twice_at_most(time_machine, by_smtp):
    by_smtp.mood = "busy"
    message = in_three_days()
    time_machine.move_to(NOW() + timedelta(hours=30))
    Message.objects.update(status=Status.FAILED, attempts=20)

    operations.send_again(message, by=None)
    for _ in range(2):
        operations.deliver(message.pk)
        message.refresh_from_db()
        time_machine.move_to(message.due_at)

    assert message.status == Status.FAILED


@pytest.mark.parametrize("status", [Status.QUEUED, Status.SENT, Status.DROPPED])
def test_send_again_refuses_what_has_not_failed(status):
    message = MessageFactory(status=status)

    with pytest.raises(NotFailed):
        operations.send_again(message, by=None)


def test_send_again_looks_anew():
    message = MessageFactory(status=Status.FAILED)
    operations.send_again(message, by=None)

    with pytest.raises(NotFailed):
        operations.send_again(message, by=None)


def test_send_again_refuses_what_no_longer_holds():
    message = MessageFactory(status=Status.FAILED)
    visits.cancel(message.appointment, by=None)

    with pytest.raises(NoLongerHolds):
        operations.send_again(message, by=None)


def test_send_again_refuses_what_is_over(time_machine):
    message = MessageFactory(status=Status.FAILED)
    time_machine.move_to(message.appointment.ends_at)

    with pytest.raises(NoLongerHolds):
        operations.send_again(message, by=None)


def test_send_again_is_not_for_hosts_nor_strangers():
    message = MessageFactory(status=Status.FAILED)
    host = MembershipFactory(office=message.appointment.office, role=Role.HOST)
    elsewhere = MembershipFactory(role=Role.MANAGER)

    for member in [host, elsewhere]:
        with pytest.raises(PermissionDenied):
            operations.send_again(message, by=member.user)

    message.refresh_from_db()
    assert message.status == Status.FAILED
