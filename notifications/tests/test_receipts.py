"""What providers tell of messages, and what follows for an address."""

import pytest
from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from twilio.request_validator import RequestValidator

from appointments.tests.factories import AppointmentFactory, CitizenFactory
from notifications import receipts
from notifications.exceptions import AlreadyLifted
from notifications.models import Block
from notifications.states import Cause, Channel, Receipt, Status
from notifications.tests.factories import MessageFactory
from offices.roles import Role
from offices.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

NUMBER = "+491701234567"


@pytest.fixture
def sent():
    """A text message that the provider has taken as SM1."""
    return MessageFactory(
        status=Status.SENT, channel=Channel.SMS, recipient=NUMBER, provider_id="SM1"
    )


@pytest.fixture
def from_twilio(client, settings):
    """Post as Twilio does, signed with `secret`."""
    settings.SMS_PROVIDER, settings.SMS_CALLBACK_SECRET = "twilio", "auth-token"

    def post(name, *, secret="auth-token", **told):  # noqa: S107 (of a test)
        path = reverse(f"notifications:{name}")
        url = f"{settings.FRONTEND_HOST}{path}"
        signature = RequestValidator(secret).compute_signature(url, told)
        return client.post(path, told, headers={"X-Twilio-Signature": signature})

    return post


def receipt_of(message):
    message.refresh_from_db()
    return message.receipt


def blocked():
    rows = Block.objects.standing().values_list("channel", "address", "cause")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("status", "error", "receipt", "blocks"),
    [
        ("queued", "", "", []),
        ("sent", "", "", []),
        ("delivered", "", "delivered", []),
        ("undelivered", "30003", "bounced", []),
        ("undelivered", "30005", "bounced", [("sms", NUMBER, "bounced")]),
        ("failed", "30006", "bounced", [("sms", NUMBER, "bounced")]),
    ],
)
def test_twilio_tells_what_became_of_it(
    from_twilio, sent, status, error, receipt, blocks
):
    response = from_twilio(
        "sms_status", MessageSid="SM1", MessageStatus=status, ErrorCode=error
    )

    assert response.status_code == 204
    assert receipt_of(sent) == receipt
    assert blocked() == blocks


@pytest.mark.parametrize("name", ["sms_status", "sms_incoming"])
def test_a_forged_call_is_refused(from_twilio, sent, name):
    response = from_twilio(
        name,
        secret="guessed",
        MessageSid="SM1",
        MessageStatus="failed",
        ErrorCode="30005",
        From=NUMBER,
        Body="STOP",
    )

    assert response.status_code == 403
    assert (receipt_of(sent), blocked()) == ("", [])


@pytest.mark.parametrize(
    ("provider", "secret"), [("console", "auth-token"), ("twilio", "")]
)
def test_nothing_is_believed_where_nothing_can_be_proved(
    from_twilio, settings, sent, provider, secret
):
    settings.SMS_PROVIDER, settings.SMS_CALLBACK_SECRET = provider, secret

    response = from_twilio("sms_status", MessageSid="SM1", MessageStatus="failed")

    assert (response.status_code, receipt_of(sent)) == (403, "")


def test_who_answers_stop_is_written_to_no_more_until_start(from_twilio):
    told = []
    for body in [" stop ", "STOP", "start"]:
        assert from_twilio("sms_incoming", From=NUMBER, Body=body).status_code == 200
        told.append(blocked())

    stopped = [("sms", NUMBER, "stopped")]
    assert told == [stopped, stopped, []]


def test_start_lifts_what_twilio_says_was_stopped(from_twilio, sent):
    about = {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "21610"}
    from_twilio("sms_status", **about)
    stopped = blocked()

    from_twilio("sms_incoming", From=NUMBER, Body="START")

    assert (stopped, blocked()) == ([("sms", NUMBER, "stopped")], [])


def test_start_does_not_lift_what_did_not_arrive(from_twilio):
    receipts.block(Channel.SMS, NUMBER, Cause.BOUNCED)

    from_twilio("sms_incoming", From=NUMBER, Body="START")

    assert blocked() == [("sms", NUMBER, "bounced")]


@pytest.mark.parametrize(
    ("event", "receipt", "blocks"),
    [
        (EventType.DELIVERED, "delivered", []),
        (EventType.DEFERRED, "", []),
        (EventType.OPENED, "", []),
        (EventType.REJECTED, "bounced", []),
        (EventType.BOUNCED, "bounced", [("mail", "ada@example.org", "bounced")]),
        (
            EventType.COMPLAINED,
            "complained",
            [("mail", "ada@example.org", "complained")],
        ),
    ],
)
def test_a_mail_provider_tells_what_became_of_it(event, receipt, blocks):
    mail = MessageFactory(
        status=Status.SENT, recipient="Ada@example.org", provider_id="pm-1"
    )

    told = AnymailTrackingEvent(event_type=event, message_id="pm-1", description="No")
    tracking.send(sender=None, event=told, esp_name="Postmark")

    assert receipt_of(mail) == receipt
    assert blocked() == blocks


def test_what_did_not_arrive_is_not_said_to_have_arrived_after_all(sent):
    receipts.record(Channel.SMS, "SM1", Receipt.BOUNCED)
    told = receipts.record(Channel.SMS, "SM1", Receipt.DELIVERED)

    assert (told, receipt_of(sent)) == (0, "bounced")


def test_a_receipt_of_another_channel_or_of_nothing_changes_nothing(sent):
    MessageFactory(channel=Channel.SMS, recipient=NUMBER)
    told = [
        receipts.record(Channel.MAIL, "SM1", Receipt.BOUNCED),
        receipts.record(Channel.SMS, "SM2", Receipt.BOUNCED),
        receipts.record(Channel.SMS, "", Receipt.BOUNCED),
    ]

    assert (told, receipt_of(sent)) == ([0, 0, 0], "")


# --- lifting it again ---


@pytest.fixture
def block():
    AppointmentFactory(citizen=CitizenFactory(email="ada@example.org"))
    return receipts.block(Channel.MAIL, "ada@example.org", Cause.BOUNCED)


def member(office, role):
    return MembershipFactory(office=office, role=role).user


def office_of(block):
    return (
        CitizenFactory._meta.model.objects.get(email=block.address)
        .appointments.get()
        .office
    )


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SECRETARY, Role.RECEPTION])
def test_who_books_for_people_lifts_it(block, role):
    user = member(office_of(block), role)

    receipts.lift(block, by=user)

    block.refresh_from_db()
    assert (block.lifted_by, blocked()) == (user, [])


def test_who_does_not_book_must_not(block):
    with pytest.raises(PermissionDenied):
        receipts.lift(block, by=member(office_of(block), Role.HOST))

    assert blocked() != []


def test_nobody_of_another_office_sees_or_lifts_it(block):
    stranger = MembershipFactory(role=Role.MANAGER).user

    with pytest.raises(PermissionDenied):
        receipts.lift(block, by=stranger)

    assert not Block.objects.visible_to(stranger).exists()
    own = member(office_of(block), Role.MANAGER)
    assert list(Block.objects.visible_to(own)) == [block]


def test_it_is_lifted_once(block):
    receipts.lift(block, by=None)

    with pytest.raises(AlreadyLifted):
        receipts.lift(block, by=None)
