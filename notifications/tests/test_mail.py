"""Mail over real SMTP, whatever the server's mood."""

import time
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.utils import timezone
from icalendar import Calendar

from appointments import operations as visits
from appointments.tests.factories import CitizenFactory
from notifications import operations
from notifications.channels.errors import Refused
from notifications.channels.mail import compose, send
from notifications.models import Message
from notifications.states import Status
from notifications.tests.factories import MessageFactory
from notifications.texts import write

pytestmark = pytest.mark.django_db


def deliver(message):
    operations.deliver(message.pk)
    message.refresh_from_db()
    return message.status


def test_a_mail_arrives_whole(by_smtp):
    citizen = CitizenFactory(email="ada@example.org", language="de")
    message = MessageFactory(
        appointment__citizen=citizen,
        appointment__offered__office__email="hall@example.org",
    )

    assert deliver(message) == Status.SENT

    [mail] = by_smtp.mails
    uid = message.appointment.pk.hex
    headers = ["To", "Reply-To", "Subject", "Message-ID", "References"]
    headers += ["Content-Language", "Auto-Submitted"]
    assert [mail[name] for name in headers] == [
        "ada@example.org",
        "hall@example.org",
        message.subject,
        f"<{uid}.{message.pk}@localhost>",
        f"<{uid}@localhost>",
        "de",
        "auto-generated",
    ]
    letter = write(message)
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert text.split("\r\n")[:-1] == letter.text.split("\n")
    assert html.split("\r\n")[:-1] == letter.html.strip().split("\n")


def test_the_calendar_file_says_its_method_in_the_mail_too(by_smtp):
    message = MessageFactory()
    deliver(message)
    visits.cancel(message.appointment, by=None)
    deliver(message.appointment.messages.queued().get())

    parts = [next(mail.iter_attachments()) for mail in by_smtp.mails]

    reference = message.appointment.reference
    assert [part.get_content_type() for part in parts] == ["text/calendar"] * 2
    assert [part["Content-Type"].params["method"] for part in parts] == [
        "REQUEST",
        "CANCEL",
    ]
    assert {part.get_filename() for part in parts} == {f"appointment-{reference}.ics"}
    contents = [part.get_payload(decode=True) for part in parts]
    assert all(b"\n" not in content.replace(b"\r\n", b"") for content in contents)
    booked, cancelled = map(Calendar.from_ical, contents)
    assert [c["METHOD"] for c in (booked, cancelled)] == ["REQUEST", "CANCEL"]
    [before], [after] = (c.walk("VEVENT") for c in (booked, cancelled))
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)


@pytest.mark.parametrize("mood", ["busy", "full", "hang", "drop"])
def test_a_passing_trouble_is_tried_again(by_smtp, mood):
    message = MessageFactory()
    by_smtp.mood = mood

    during = deliver(message)
    by_smtp.mood = "accept"
    too_soon = deliver(message)
    Message.objects.update(due_at=timezone.now())
    after = deliver(message)

    assert (during, too_soon, after) == (Status.QUEUED, Status.QUEUED, Status.SENT)
    assert (len(by_smtp.mails), message.attempts, message.last_error) == (1, 2, "")


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        ("unknown", "SMTPRecipientsRefused: {'x@example.org': (550, b'Nobody here')}"),
        ("spam", "SMTPDataError: (554, b'Not this')"),
    ],
)
def test_a_refusal_for_good_fails_at_once(by_smtp, mood, error):
    message = MessageFactory(appointment__citizen__email="x@example.org")
    by_smtp.mood = mood

    status = deliver(message)

    assert (status, message.last_error) == (Status.FAILED, error)


def test_a_server_that_is_away_is_tried_again(settings):
    message = MessageFactory()
    options = {"host": "127.0.0.1", "port": 1, "timeout": 0.5}
    settings.MAILERS = {"default": settings.MAILERS["default"] | {"OPTIONS": options}}
    settings.MAILERS["default"]["BACKEND"] = (
        "django.core.mail.backends.smtp.EmailBackend"
    )

    status = deliver(message)

    assert status == Status.QUEUED
    assert message.last_error.startswith("ConnectionRefusedError")


@pytest.mark.parametrize("mood", ["mute", "babble"])
def test_a_farewell_that_goes_wrong_does_not_send_again(by_smtp, mood):
    message = MessageFactory()
    by_smtp.mood = mood

    status = deliver(message)

    assert (status, len(by_smtp.mails)) == (Status.SENT, 1)


def test_a_slow_server_holds_nobody_for_long(by_smtp):
    message = MessageFactory()
    by_smtp.mood = "hang"
    start = time.perf_counter()

    deliver(message)

    assert time.perf_counter() - start < 3


@pytest.mark.parametrize("address", ["no address", "ä@example.org", "a@b@c"])
def test_an_address_that_is_none_is_refused(by_smtp, address):
    message = MessageFactory(recipient=address)

    with pytest.raises(Refused):
        send(message, write(message))


def test_a_mail_keeps_its_id_however_often_it_is_sent():
    message = MessageFactory()

    first, second = (compose(message, write(message)) for _ in range(2))

    assert first.message()["Message-ID"] == second.message()["Message-ID"]


def test_without_an_office_address_answers_go_to_the_sender():
    message = MessageFactory()

    mail = compose(message, write(message)).message()

    assert mail["Reply-To"] is None
    assert mail["From"] == "Appointments <appointments@localhost>"


def test_a_name_of_many_lines_begins_no_header(by_smtp):
    message = MessageFactory()
    message.appointment.service.name = "Passport\r\nBcc: all@example.org"

    send(message, write(message))

    [mail] = by_smtp.mails
    assert mail["Bcc"] is None


def attached(mail):
    """(METHOD, the event) of the calendar file in a mail."""
    [part] = mail.iter_attachments()
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    [event] = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


@pytest.mark.parametrize(
    "language", sorted(code for code, _name in configured.LANGUAGES)
)
def test_in_each_language_a_calendar_moves_and_strikes_out_one_event(by_smtp, language):
    visit = MessageFactory(appointment__citizen__language=language).appointment
    begins = [visit.starts_at, visit.starts_at + timedelta(hours=1)] * 2
    deliver(visit.messages.queued().get())
    visit = visits.reschedule(visit, begins[1], by=visit.citizen)
    deliver(visit.messages.queued().get())
    visit = visits.postpone(visit, begins[2], by=None)
    deliver(visit.messages.queued().get())
    visits.cancel(visit, by=visit.citizen)
    deliver(visit.messages.queued().get())

    methods, events = zip(*map(attached, by_smtp.mails), strict=True)

    assert [mail["Content-Language"] for mail in by_smtp.mails] == [language] * 4
    assert methods == ("REQUEST", "REQUEST", "REQUEST", "CANCEL")
    assert len({event["UID"] for event in events}) == 1
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2, 3]
    assert [event.decoded("DTSTART") for event in events] == [*begins[:3], begins[2]]
    stamps = [event.decoded("DTSTAMP") for event in events]
    assert stamps == sorted(stamps)
    assert [event["STATUS"] for event in events] == [*["CONFIRMED"] * 3, "CANCELLED"]


def test_a_request_is_tentative_in_the_calendar_until_it_is_granted(by_smtp):
    citizen = CitizenFactory()
    visit = MessageFactory(
        appointment__offered__office__approval_required=True,
        appointment__citizen=citizen,
        appointment__by=citizen,
    ).appointment
    deliver(visit.messages.get(kind="requested", audience="citizen"))
    visits.approve(visit, by=None)
    deliver(visit.messages.queued().get())

    methods, events = zip(*map(attached, by_smtp.mails), strict=True)

    assert methods == ("REQUEST", "REQUEST")
    assert [event["STATUS"] for event in events] == ["TENTATIVE", "CONFIRMED"]
    assert len({event["UID"] for event in events}) == 1
