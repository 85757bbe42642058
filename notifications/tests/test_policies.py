"""Who is told what by which channel, as an office chooses."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.states import Channel as BookedBy
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from availability.tests.factories import OpenHostFactory
from notifications import policies
from notifications.models import Notice
from notifications.policies import recipients
from notifications.states import CHOICES, DEFAULTS, Audience, Channel, Kind
from notifications.tests.factories import NoticeFactory
from offices.roles import Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db

MAIL, PHONE = "ada@example.org", "+491701234567"


@pytest.fixture(autouse=True)
def with_sms(settings):
    settings.SMS_ENABLED = True


@pytest.fixture
def visit():
    """An appointment with a host who is a person, at an office with a mailbox."""
    office = OfficeFactory(email="office@example.org")
    host = OpenHostFactory(office=office, user=UserFactory(email="host@example.org"))
    return AppointmentFactory(
        offered=OfficeServiceFactory(office=office),
        host=host,
        citizen=CitizenFactory(email=MAIL, phone=PHONE),
    )


def told(visit, kind, **about):
    found = recipients(visit, kind, **about)[kind]
    return [(each.channel.value, each.address) for each in found]


def choose(visit, kind, audience, channel, *, is_sent=True):
    Notice.objects.create(
        office=visit.office,
        kind=kind,
        audience=audience,
        channel=channel,
        is_sent=is_sent,
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.BOOKED, [("mail", MAIL)]),
        (Kind.CANCELLED, [("mail", MAIL)]),
        (Kind.REQUESTED, [("mail", MAIL), ("mail", "office@example.org")]),
        (Kind.REMINDER, [("mail", MAIL), ("sms", PHONE)]),
        (Kind.LATE, [("sms", PHONE)]),
        (Kind.UNCLOSED, [("mail", "host@example.org")]),
    ],
)
def test_who_is_told_where_an_office_has_chosen_nothing(visit, kind, expected):
    assert told(visit, kind) == expected


def test_an_office_chooses_more_and_less(visit):
    choose(visit, Kind.BOOKED, Audience.HOST, Channel.MAIL)
    choose(visit, Kind.BOOKED, Audience.CITIZEN, Channel.SMS)
    choose(visit, Kind.REQUESTED, Audience.OFFICE, Channel.MAIL, is_sent=False)

    booked = [("mail", MAIL), ("sms", PHONE), ("mail", "host@example.org")]
    assert told(visit, Kind.BOOKED) == booked
    assert told(visit, Kind.REQUESTED) == [("mail", MAIL)]


def test_what_one_office_chooses_is_nothing_to_another(visit):
    choose(AppointmentFactory(), Kind.BOOKED, Audience.OFFICE, Channel.MAIL)

    assert told(visit, Kind.BOOKED) == [("mail", MAIL)]


def test_without_an_e_mail_address_a_text_message_tells(visit):
    visit.citizen.email = ""

    assert told(visit, Kind.BOOKED) == [("sms", PHONE)]


def test_nobody_is_written_to_by_text_message_where_it_is_off(visit, settings):
    settings.SMS_ENABLED = False
    visit.citizen.email = ""

    assert [told(visit, kind) for kind in (Kind.BOOKED, Kind.REMINDER)] == [[], []]


def test_a_host_is_not_told_what_he_did(visit):
    choose(visit, Kind.CANCELLED, Audience.HOST, Channel.MAIL)

    by_host = told(visit, Kind.CANCELLED, by=visit.host.user)

    assert by_host == [("mail", MAIL)]


def test_what_nobody_could_be_sent_is_refused(visit):
    notice = Notice(
        office=visit.office,
        kind=Kind.UNCLOSED,
        audience=Audience.CITIZEN,
        channel=Channel.SMS,
    )

    with pytest.raises(ValidationError) as refusal:
        policies.save(notice, by=None)

    assert list(refusal.value.message_dict) == ["channel"]


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HOST, Role.RECEPTION])
def test_who_does_not_manage_an_office_does_not_choose(visit, role):
    user = MembershipFactory(office=visit.office, role=role).user

    with pytest.raises(PermissionDenied):
        policies.save(NoticeFactory.build(office=visit.office), by=user)

    assert not Notice.objects.exists()


def test_all_that_is_sent_by_default_can_be_chosen():
    assert DEFAULTS.issubset(CHOICES)


def test_colleagues_are_owed_what_an_event_tells(visit):
    choose(visit, Kind.CANCELLED, Audience.HOST, Channel.MAIL)
    choose(visit, Kind.CANCELLED, Audience.OFFICE, Channel.MAIL)
    manager = MembershipFactory(office=visit.office, role=Role.MANAGER).user

    operations.cancel(visit, by=manager, reason="Fire drill")

    owed = visit.messages.queued().order_by("pk")
    assert [(m.audience, m.recipient, m.language) for m in owed] == [
        ("citizen", MAIL, "en"),
        ("host", "host@example.org", "en"),
        ("office", "office@example.org", "en"),
    ]


def test_a_walk_in_is_told_nothing_but_colleagues_are(visit):
    choose(visit, Kind.CANCELLED, Audience.OFFICE, Channel.MAIL)
    visit.channel = BookedBy.WALK_IN
    visit.save(update_fields=["channel"])

    operations.cancel(visit, by=None)

    assert [m.audience for m in visit.messages.queued()] == ["office"]
