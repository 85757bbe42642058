"""What each mail says, in text, HTML and calendar."""

from datetime import timedelta

import pytest
from django.utils import translation
from icalendar import Calendar

from appointments import operations
from appointments.links import url_for
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from availability.tests.factories import OpenHostFactory
from notifications import sandbox, texts
from notifications.models import Message
from notifications.sms.segments import length
from notifications.states import Audience, Channel, Kind
from notifications.tests.factories import MessageFactory, MessageTemplateFactory
from offices.tests.factories import OfficeFactory, OfficeServiceFactory
from offices.times import office_date, office_time

pytestmark = pytest.mark.django_db

REASON = "The lift is broken & closed <today>."


@pytest.fixture
def offered():
    office = OfficeFactory(
        name="Town hall",
        phone="040 123 456",
        email="hall@example.org",
        accessibility="Step-free entrance\nLift",
        latitude=53.5,
        longitude=9.9,
    )
    OpenHostFactory(office=office, name="Counter 3")
    return OfficeServiceFactory(
        office=office,
        service__name="Passport",
        service__what_to_bring="<p>Bring:</p><ul><li>old passport</li></ul>",
        service__fee="<p>70 €</p>",
    )


def act(offered, kind):
    """An appointment after the event of this kind."""
    citizen = CitizenFactory()
    offered.office.approval_required = kind in {"requested", "approved", "denied"}
    offered.office.save()
    appointment = AppointmentFactory(offered=offered, citizen=citizen, by=citizen)
    later = appointment.starts_at + timedelta(hours=2)
    match kind:
        case Kind.APPROVED:
            return operations.approve(appointment, by=None)
        case Kind.DENIED:
            return operations.deny(appointment, by=None, reason=REASON)
        case Kind.RESCHEDULED:
            return operations.reschedule(appointment, later, by=citizen)
        case Kind.POSTPONED:
            return operations.postpone(appointment, later, by=None, reason=REASON)
        case Kind.CANCELLED:
            return operations.cancel(appointment, by=None, reason=REASON)
    return appointment


def letter_of(appointment):
    message = (
        Message.objects.with_details()
        .queued()
        .get(appointment=appointment, audience=Audience.CITIZEN)
    )
    return texts.write(message)


@pytest.mark.parametrize("kind", Kind)
def test_every_mail_says_what_when_where_and_which(offered, kind):
    appointment = act(offered, kind)

    letter = letter_of(appointment)

    office = appointment.office
    when = office_date(appointment.starts_at, office)
    start, end = (
        office_time(instant, office)
        for instant in (appointment.starts_at, appointment.ends_at)
    )
    for body in (letter.text, letter.html):
        assert "Passport" in body
        assert "Town hall" in body
        assert when in body
        assert f"{start} to {end}" in body
        assert "Europe/Berlin (CE" in body
        assert appointment.reference in body
        assert "040 123 456" in body
        assert "hall@example.org" in body
    assert letter.subject.count("\n") == 0
    assert appointment.reference in letter.subject
    assert when in letter.subject


@pytest.mark.parametrize("kind", sorted(set(Kind) - texts.CALLED_OFF))
def test_mails_of_what_stands_help_to_come_or_not(offered, kind):
    appointment = act(offered, kind)

    letter = letter_of(appointment)

    manage = url_for(appointment)
    assert manage in letter.text
    for page in ("", "move/", "cancel/", "calendar.ics"):
        assert f'href="{manage}{page}"' in letter.html
    for body in (letter.text, letter.html):
        assert "Counter 3" in body
        assert "Marktplatz 1, 12345 Musterstadt" in body
        assert "old passport" in body
        assert "70 €" in body
        assert "Step-free entrance" in body
        assert f"{manage}calendar.ics" in body


@pytest.mark.parametrize("kind", sorted(texts.CALLED_OFF))
def test_mails_of_what_is_called_off_lead_to_another(offered, kind):
    appointment = act(offered, kind)

    letter = letter_of(appointment)

    again = f"/book/{appointment.office.slug}/{appointment.service.code}/"
    for body in (letter.text, letter.html):
        assert again in body
        assert url_for(appointment) not in body
        assert "old passport" not in body


@pytest.mark.parametrize("kind", [Kind.DENIED, Kind.POSTPONED, Kind.CANCELLED])
def test_the_office_s_reason_is_told(offered, kind):
    letter = letter_of(act(offered, kind))

    assert f"The office writes: “{REASON}”" in letter.text
    assert "The lift is broken &amp; closed &lt;today&gt;." in letter.html


def test_what_a_citizen_wrote_is_not_mailed_back():
    citizen = CitizenFactory(name="Buy cheap pills at evil.example")
    appointment = AppointmentFactory(
        citizen=citizen, by=citizen, purpose="cheap pills", access_needs="cheap pills"
    )
    booked = letter_of(appointment)
    operations.cancel(appointment, by=citizen, reason="cheap pills")

    cancelled = letter_of(appointment)

    for letter in (booked, cancelled):
        assert "cheap pills" not in letter.text + letter.html + letter.subject
    assert "You have cancelled it" in cancelled.text


def test_an_internal_reason_is_not_told(offered):
    appointment = AppointmentFactory(offered=offered)
    later = appointment.starts_at + timedelta(hours=2)

    operations.reschedule(appointment, later, by=None, override="He shouted at us")

    letter = letter_of(appointment)
    assert "shouted" not in letter.text + letter.html


@pytest.mark.parametrize("kind", [Kind.RESCHEDULED, Kind.POSTPONED])
def test_moves_tell_the_time_before(offered, kind):
    appointment = act(offered, kind)

    letter = letter_of(appointment)

    office = appointment.office
    previous = appointment.events.last().previous_start
    before = f"{office_date(previous, office)}, {office_time(previous, office)}"
    assert f"Before: {before}" in letter.text
    assert f"<s>{before}</s>" in letter.html


def test_a_move_that_waits_for_approval_says_so(offered):
    appointment = act(offered, Kind.REQUESTED)
    later = appointment.starts_at + timedelta(hours=2)

    operations.reschedule(appointment, later, by=appointment.citizen)

    letter = letter_of(appointment)
    assert letter.text.startswith("We have your request for a new time\n")
    assert "Kept for you, not yet approved" in letter.html


def test_the_cut_off_is_told(offered):
    offered.office.cancellation_cutoff = timedelta(hours=1)
    offered.office.save()
    appointment = act(offered, Kind.BOOKED)

    letter = letter_of(appointment)

    until = appointment.starts_at - timedelta(hours=1)
    when = f"{office_date(until, offered.office)}, {office_time(until, offered.office)}"
    assert f"You can move or cancel it until {when}." in letter.text


@pytest.mark.parametrize(
    ("kind", "method", "status"),
    [
        (Kind.REQUESTED, "REQUEST", "TENTATIVE"),
        (Kind.BOOKED, "REQUEST", "CONFIRMED"),
        (Kind.APPROVED, "REQUEST", "CONFIRMED"),
        (Kind.RESCHEDULED, "REQUEST", "CONFIRMED"),
        (Kind.POSTPONED, "REQUEST", "CONFIRMED"),
        (Kind.DENIED, "CANCEL", "CANCELLED"),
        (Kind.CANCELLED, "CANCEL", "CANCELLED"),
    ],
)
def test_the_calendar_file_puts_in_or_strikes_out(offered, kind, method, status):
    appointment = act(offered, kind)

    letter = letter_of(appointment)

    calendar = Calendar.from_ical(letter.calendar)
    [event] = calendar.walk("VEVENT")
    assert (letter.method, calendar["METHOD"], event["STATUS"]) == (
        method,
        method,
        status,
    )
    assert event["SEQUENCE"] == appointment.sequence


def test_mails_are_in_the_language_of_the_message():
    message = MessageFactory(language="de")

    letter = texts.write(message)

    with translation.override("de"):
        when = office_date(message.appointment.starts_at, message.appointment.office)
    assert '<html lang="de" dir="ltr">' in letter.html
    assert when in letter.text
    assert translation.get_language() == "en"


def test_a_text_message_has_plain_marks_and_so_fewer_parts():
    message = MessageFactory(
        appointment__offered__office__name="Citizens’ Office", channel=Channel.SMS
    )

    text = texts.write(message).text

    assert text.startswith("Citizens' Office: ")
    assert length(text).encoding == "GSM-7"


def test_html_of_mails_loads_nothing_and_needs_no_image(offered):
    offered.service.what_to_bring = (
        '<p onclick="x()">Bring<script>x()</script> <img src="https://x.org/a.png">'
        '<a href="javascript:x()">this</a></p>'
    )
    offered.service.save()

    html = letter_of(act(offered, Kind.BOOKED)).html

    for forbidden in ("<img", "<script", "onclick", "javascript:", "@import", "url("):
        assert forbidden not in html
    assert "prefers-color-scheme: dark" in html


def test_times_are_those_of_the_office():
    office = OfficeFactory(time_zone="Asia/Kathmandu")
    appointment = AppointmentFactory(offered=OfficeServiceFactory(office=office))

    letter = letter_of(appointment)

    assert ", 09:00 to 09:15" in letter.text
    assert "Asia/Kathmandu (+0545)" in letter.text


def test_several_at_once_are_counted(offered):
    offered.service.max_quantity = 3
    offered.service.save()

    letter = letter_of(AppointmentFactory(offered=offered, quantity=2))

    assert "What: Passport × 2" in letter.text
    assert "Passport × 2" in letter.html


# --- the office's own words ---


def test_own_words_replace_the_words_and_nothing_else(offered):
    MessageTemplateFactory(
        office=offered.office,
        subject="See you\non {{ date }}",
        body="Welcome!\n\nBring {{ name|upper }} & {{ service }}.\n\n\nBye",
    )
    appointment = AppointmentFactory(
        offered=offered, citizen=CitizenFactory(name="Ann <b>")
    )

    letter = letter_of(appointment)

    when = office_date(appointment.starts_at, offered.office)
    assert letter.subject == f"See you on {when}"
    assert letter.text.startswith("Welcome!\n\nBring ANN <B> & Passport.\n\nBye\n\n")
    assert "Bring ANN &lt;B&gt; &amp; Passport.</p>" in letter.html
    assert ">Welcome!</h1>" in letter.html
    assert "booked" not in letter.text
    assert url_for(appointment) in letter.text


@pytest.mark.parametrize("other", [{"language": "de"}, {"kind": "cancelled"}, {}])
def test_own_words_are_for_one_office_kind_and_language(offered, other):
    MessageTemplateFactory(**{"office": offered.office, **other} if other else {})

    letter = letter_of(act(offered, Kind.BOOKED))

    assert letter.text.startswith("Your appointment is booked\n")


@pytest.mark.parametrize(
    "broken", [{"body": "{% include 'x' %}"}, {"subject": "{{ }}"}, {"body": "{# #}"}]
)
def test_broken_words_give_way_to_the_usual_ones(offered, broken, caplog):
    MessageTemplateFactory(office=offered.office, **broken)

    letter = letter_of(act(offered, Kind.BOOKED))

    assert letter.text.startswith("Your appointment is booked\n")


def test_all_that_templates_may_name_is_there_as_plain_text(offered):
    message = Message.objects.with_details().get(appointment=act(offered, Kind.BOOKED))

    facts = texts.facts_of(message)

    named = {name: facts[name] for name in sandbox.VARIABLES}
    assert {type(value) for value in named.values()} == {str}
