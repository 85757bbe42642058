"""What is owed because time has passed: once, to whom it concerns, and as it reads."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.tests.factories import UserFactory
from appointments import operations as visits
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from availability.operations import generate
from availability.tests.factories import OpenHostFactory
from notifications import by_time, operations
from notifications.models import Message, MessagePolicy
from notifications.states import Kind
from offices.tests.factories import OfficeFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db

NINE = datetime(2030, 3, 7, 8, tzinfo=UTC)  # Thursday, 9:00 in Berlin


@pytest.fixture(autouse=True)
def clock(settings, tmp_path):
    settings.SMS_ENABLED, settings.SMS_DIR = True, tmp_path
    with time_machine.travel(NINE - timedelta(hours=1), tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit():
    """Today at nine, with a host who is a person, at an office that tells who waits."""
    office = OfficeFactory(name="Town hall", booking_horizon_days=5)
    MessagePolicy.objects.create(office=office, late_after=timedelta(minutes=20))
    host = OpenHostFactory(office=office, user=UserFactory(email="host@example.org"))
    generate([office])
    return AppointmentFactory(
        offered=OfficeServiceFactory(office=office),
        host=host,
        starts_at=NINE,
        citizen=CitizenFactory(email="ada@example.org", phone="+491701234567"),
    )


def owed(kind):
    rows = Message.objects.filter(kind=kind)
    return [(m.audience, m.channel, m.recipient) for m in rows]


def minutes_late(clock, count):
    clock.move_to(NINE + timedelta(minutes=count))


def test_who_waits_too_long_is_told_once(clock, visit):
    visits.check_in(visit, by=None)
    counts = []
    for late in (20, 21, 25):
        minutes_late(clock, late)
        counts.append(by_time.owe_late())

    assert counts == [0, 1, 0]
    assert owed(Kind.LATE) == [("citizen", "sms", "+491701234567")]


def test_who_is_not_here_or_called_is_not_told(clock, visit):
    minutes_late(clock, 25)
    not_here = by_time.owe_late()
    visits.call(visits.check_in(visit, by=None), by=None)

    assert (not_here, by_time.owe_late(), owed(Kind.LATE)) == (0, 0, [])


def test_where_an_office_tells_nobody_nobody_is_told(clock, visit):
    MessagePolicy.objects.update(late_after=None)
    visits.check_in(visit, by=None)
    minutes_late(clock, 60)

    assert by_time.owe_late() == 0


def test_word_to_who_waits_reads_so_and_is_dropped_once_called(clock, visit):
    visit = visits.check_in(visit, by=None)
    minutes_late(clock, 25)
    by_time.owe_late()
    message = Message.objects.get(kind=Kind.LATE)

    operations.deliver(message.pk)

    message.refresh_from_db()
    assert (message.status, message.segments) == ("sent", 1)
    assert message.body.startswith("Town hall: we are running late today")


def test_a_host_is_asked_once_for_yesterdays_outcomes(clock, visit, mailoutbox):
    same_day = by_time.owe_unclosed()
    clock.move_to(NINE + timedelta(days=1))
    counts = [by_time.owe_unclosed() for _ in range(2)]
    clock.move_to(NINE + timedelta(days=2))
    counts.append(by_time.owe_unclosed())

    assert (same_day, counts) == (0, [1, 0, 0])
    assert owed(Kind.UNCLOSED) == [("host", "mail", "host@example.org")]


@pytest.fixture
def next_visit(visit):
    """The last of its host on that day."""
    return AppointmentFactory(
        offered=OfficeServiceFactory(office=visit.office),
        host=visit.host,
        starts_at=NINE + timedelta(hours=1),
    )


def test_a_host_who_has_begun_to_answer_is_not_asked_again(clock, visit, next_visit):
    clock.move_to(NINE + timedelta(days=1))
    first = by_time.owe_unclosed()
    operations.deliver(next_visit.messages.get(kind=Kind.UNCLOSED).pk)
    visits.close_out(next_visit, "completed", by=None)

    assert (first, by_time.owe_unclosed()) == (1, 0)


def test_a_host_is_asked_once_though_the_visit_has_got_a_later_time(
    clock, visit, next_visit
):
    clock.move_to(NINE + timedelta(days=1))
    first = by_time.owe_unclosed()
    operations.deliver(next_visit.messages.get(kind=Kind.UNCLOSED).pk)

    visits.postpone(next_visit, NINE + timedelta(days=2), by=None)

    assert (first, by_time.owe_unclosed()) == (1, 0)


def test_a_question_dropped_unsent_is_asked_of_what_is_left(clock, visit, next_visit):
    clock.move_to(NINE + timedelta(days=1))
    by_time.owe_unclosed()
    visits.close_out(next_visit, "completed", by=None)

    counts = [by_time.owe_unclosed() for _ in range(2)]

    assert counts == [1, 0]
    assert visit.messages.get(kind=Kind.UNCLOSED).status == "queued"


def test_the_question_leads_to_where_it_is_answered(clock, visit, mailoutbox):
    clock.move_to(NINE + timedelta(days=1))
    by_time.owe_unclosed()

    operations.deliver(Message.objects.get(kind=Kind.UNCLOSED).pk)

    [mail] = mailoutbox
    assert f"/admin/closing/?office={visit.office.slug}" in mail.body
    assert mail.attachments == mail.alternatives == []


def test_what_has_its_outcome_is_asked_no_more(clock, visit, mailoutbox):
    clock.move_to(NINE + timedelta(days=1))
    by_time.owe_unclosed()
    visits.close_out(visit, "completed", by=None)

    operations.deliver(Message.objects.get(kind=Kind.UNCLOSED).pk)

    message = Message.objects.get(kind=Kind.UNCLOSED)
    assert (message.status, message.dropped_because) == ("dropped", "changed")
    assert mailoutbox == []
