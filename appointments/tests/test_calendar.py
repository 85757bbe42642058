from datetime import UTC, datetime, time, timedelta

import pytest
from icalendar import Calendar

from appointments import operations
from appointments.calendar import Method, calendar_file, filename
from appointments.links import url_for
from appointments.tests.factories import AppointmentFactory, CitizenFactory, tomorrow_at
from offices.tests.factories import OfficeFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment():
    office = OfficeFactory(
        name="Town hall", email="hall@example.org", latitude=48.137, longitude=11.575
    )
    return AppointmentFactory(
        offered=OfficeServiceFactory(office=office, service__name="Passport"),
        citizen=CitizenFactory(name='Ada "The Countess" Möller', email="ada@x.org"),
        starts_at=tomorrow_at(office, time(9)),
    )


def event_of(appointment, **options):
    calendar = Calendar.from_ical(calendar_file(appointment, **options))
    [event] = calendar.walk("VEVENT")
    return event


def test_calendar_file_tells_what_when_and_where(appointment):
    event = event_of(appointment)

    assert {name: event[name] for name in ["SUMMARY", "LOCATION", "STATUS", "URL"]} == {
        "SUMMARY": "Passport – Town hall",
        "LOCATION": "Town hall, Marktplatz 1, 12345 Musterstadt",
        "STATUS": "CONFIRMED",
        "URL": url_for(appointment),
    }
    assert event["GEO"].to_ical() == "48.137;11.575"
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (
        appointment.starts_at,
        appointment.ends_at,
    )
    assert event["ORGANIZER"] == "mailto:hall@example.org"
    assert appointment.reference in event["DESCRIPTION"]


def test_calendar_file_does_not_name_a_sensitive_service(appointment):
    appointment.service.is_sensitive = True

    event = event_of(appointment)

    assert event["SUMMARY"] == "Appointment – Town hall"
    assert b"Passport" not in calendar_file(appointment)


def test_calendar_file_has_one_uid_and_rising_sequence(appointment):
    booked = event_of(appointment, method=Method.REQUEST)
    later = appointment.starts_at + timedelta(hours=1)
    moved = operations.reschedule(appointment, later, by=None)
    moved_event = event_of(moved, method=Method.REQUEST)
    cancelled = operations.cancel(moved, by=None)
    cancelled_event = event_of(cancelled, method=Method.CANCEL)

    events = [booked, moved_event, cancelled_event]
    assert {event["UID"] for event in events} == {f"{appointment.pk}@localhost"}
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
    assert [event["STATUS"] for event in events] == [
        "CONFIRMED",
        "CONFIRMED",
        "CANCELLED",
    ]
    assert cancelled_event.decoded("DTSTAMP") == cancelled.updated_at.replace(
        microsecond=0
    )


def test_calendar_file_of_a_request_is_tentative():
    office = OfficeFactory(approval_required=True)
    citizen = CitizenFactory()
    appointment = AppointmentFactory(
        offered=OfficeServiceFactory(office=office), citizen=citizen, by=citizen
    )

    assert event_of(appointment)["STATUS"] == "TENTATIVE"


@pytest.mark.parametrize(
    ("method", "attendees"),
    [
        (Method.PUBLISH, []),
        (Method.REQUEST, ["mailto:ada@x.org"]),
        (Method.CANCEL, ["mailto:ada@x.org"]),
    ],
)
def test_calendar_file_names_the_attendee_in_mails_alone(
    appointment, method, attendees
):
    calendar = Calendar.from_ical(calendar_file(appointment, method=method))
    [event] = calendar.walk("VEVENT")

    assert calendar["METHOD"] == method.value
    assert [value for name, value in event.items() if name == "ATTENDEE"] == attendees


def test_calendar_file_is_in_utc_whatever_the_zone():
    office = OfficeFactory(time_zone="Asia/Kathmandu")
    day = datetime(2030, 7, 1, 9, tzinfo=office.zone)
    appointment = AppointmentFactory(
        offered=OfficeServiceFactory(office=office),
        starts_at=day,
        override="A test far ahead",
    )

    assert event_of(appointment).decoded("DTSTART") == datetime(
        2030, 7, 1, 3, 15, tzinfo=UTC
    )


def test_calendar_file_of_the_same_state_is_the_same(appointment):
    assert calendar_file(appointment) == calendar_file(appointment)


def test_calendar_file_does_not_pass_on_what_a_citizen_typed():
    citizen = CitizenFactory(name="Buy at evil.example")
    appointment = AppointmentFactory(citizen=citizen, purpose="Buy at evil.example")

    assert b"evil" not in calendar_file(appointment, method=Method.REQUEST)


def test_calendar_file_survives_a_name_of_many_lines():
    office = OfficeFactory(name='Hall\r\nATTENDEE:mailto:evil@x.org\t"; :,\x07')
    appointment = AppointmentFactory(offered=OfficeServiceFactory(office=office))

    event = event_of(appointment, method=Method.REQUEST)

    assert event["ATTENDEE"] == f"mailto:{appointment.citizen.email}"


def test_calendar_file_without_mail_and_place_has_no_attendee_and_no_geo():
    office = OfficeFactory()
    appointment = AppointmentFactory(
        offered=OfficeServiceFactory(office=office), citizen=CitizenFactory(email="")
    )

    event = event_of(appointment, method=Method.REQUEST)

    assert ("ATTENDEE" in event, "GEO" in event) == (False, False)
    assert event["ORGANIZER"] == "mailto:appointments@localhost"


def test_filename_carries_the_reference(appointment):
    assert filename(appointment) == f"appointment-{appointment.reference}.ics"
