"""Sight: what became of messages, on an appointment, in lists and in figures."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import AdminFactory
from appointments.statistics.scope import Scope
from appointments.tests.factories import AppointmentFactory
from notifications import counts, day_lists
from notifications.exceptions import NoLongerHolds, NotFailed
from notifications.log_words import outcome
from notifications.models import DayList, Message
from notifications.states import Channel, Receipt, Status, Why
from notifications.tests.factories import DayListFactory, MessageFactory
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeFactory

pytestmark = pytest.mark.django_db


def page_of(appointment):
    return reverse("admin:appointments_appointment_change", args=[appointment.pk])


def again(message):
    return reverse("admin:message_send_again", args=[message.pk])


def signed_in(client, office, role):
    user = MembershipFactory(office=office, role=role).user
    client.force_login(user)
    return user


# --- the log on an appointment's page ---


@pytest.mark.parametrize("role", Role)
def test_an_appointment_s_page_has_its_messages(client, role):
    message = MessageFactory(status=Status.FAILED, last_error="550 no such user")
    signed_in(client, message.appointment.office, role)

    page = client.get(page_of(message.appointment)).text

    assert message.recipient in page
    assert "550 no such user" in page
    assert (f'formaction="{again(message)}"' in page) == (role != Role.HOST)


def test_what_did_not_fail_has_no_button(client):
    message = MessageFactory()
    signed_in(client, message.appointment.office, Role.MANAGER)

    assert "formaction" not in client.get(page_of(message.appointment)).text


def test_what_failed_is_sent_again_from_there(client):
    message = MessageFactory(status=Status.FAILED)
    signed_in(client, message.appointment.office, Role.RECEPTION)

    page = client.post(again(message), follow=True)

    message.refresh_from_db()
    assert message.status == Status.QUEUED
    assert page.redirect_chain == [(page_of(message.appointment), 302)]
    assert "Goes out within a minute." in page.text


def test_what_is_refused_is_said_there(client):
    message = MessageFactory()
    signed_in(client, message.appointment.office, Role.RECEPTION)

    page = client.post(again(message), follow=True).text

    assert "Only a message that has failed can be sent again." in page


def test_the_button_is_nobody_else_s(client):
    message, mine = MessageFactory(status=Status.FAILED), AppointmentFactory()
    signed_in(client, message.appointment.office, Role.HOST)
    of_a_host = client.post(again(message))
    signed_in(client, mine.office, Role.MANAGER)

    of_another = client.post(again(message))

    message.refresh_from_db()
    assert (of_a_host.status_code, of_another.status_code) == (403, 404)
    assert client.get(again(message)).status_code == 405
    assert message.status == Status.FAILED


@pytest.mark.parametrize(
    ("fields", "words", "detail", "level"),
    [
        ({"status": Status.SENT}, "Sent Today, ", "", "good"),
        (
            {"status": Status.SENT, "receipt": Receipt.DELIVERED},
            "Delivered, Today, ",
            "Sent Today, ",
            "good",
        ),
        (
            {"status": Status.SENT, "receipt": Receipt.BOUNCED},
            "Did not arrive, Today, ",
            "full",
            "bad",
        ),
        ({"status": Status.FAILED, "last_error": "550"}, "Failed", "550", "bad"),
        ({"status": Status.QUEUED}, "Queued for Today, ", "", "quiet"),
        (
            {"status": Status.DROPPED, "dropped_because": Why.CHANGED},
            "Not sent",
            "The appointment has changed since.",
            "quiet",
        ),
        (
            {"status": Status.DROPPED, "dropped_because": Why.BLOCKED},
            "Not sent",
            "This address takes no messages.",
            "bad",
        ),
        (
            {"status": Status.FAILED, "called_at": timezone.now()},
            "Failed",
            "Told by telephone: Today, ",
            "quiet",
        ),
    ],
)
def test_what_became_of_it_is_said(fields, words, detail, level):
    if "receipt" in fields:
        fields = {**fields, "receipt_at": timezone.now(), "receipt_detail": "full"}

    told = outcome(MessageFactory(**fields))

    assert told.words.startswith(words)
    assert detail in told.detail
    assert told.level == level


# --- the log of an office ---


@pytest.mark.parametrize(
    "query",
    [
        {"status__exact": "failed"},
        {"receipt__exact": ""},
        {"kind__exact": "booked"},
        {"channel__exact": "mail"},
        {"audience__exact": "citizen"},
        {"planned_for__gte": "2020-01-01 00:00:00+00:00"},
    ],
)
def test_the_log_is_filtered(client, query):
    message = MessageFactory(status=Status.FAILED)
    office = message.appointment.office
    client.force_login(AdminFactory())
    url = reverse("admin:notifications_message_changelist")
    of_office = {"appointment__office__id__exact": office.pk}
    others = {"status__exact": "sent", "planned_for__gte": "2100-01-01 00:00:00+00:00"}

    found = client.get(url, of_office | query).context["cl"].queryset
    none = client.get(url, of_office | others).context["cl"].queryset

    assert (list(found), list(none)) == ([message], [])


# --- lists of the day that failed ---


def test_a_day_list_that_failed_is_sent_again(client):
    row = DayListFactory(status=Status.FAILED, attempts=3, day=_today())
    signed_in(client, row.office, Role.SECRETARY)

    page = client.post(
        reverse("admin:notifications_daylist_changelist"),
        {"action": "send_again", "_selected_action": [row.pk]},
        follow=True,
    ).text

    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.QUEUED, 0)
    assert list(DayList.objects.due()) == [row]
    assert "Goes out within five minutes." in page


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"status": Status.QUEUED}, NotFailed),
        ({"status": Status.SENT, "sent_at": timezone.now()}, NotFailed),
        ({"status": Status.FAILED, "day": timedelta(days=-2)}, NoLongerHolds),
    ],
)
def test_a_day_list_is_not_sent_in_vain(fields, refusal):
    day = _today() + fields.pop("day", timedelta(0))
    row = DayListFactory(day=day, **fields)

    with pytest.raises(refusal):
        day_lists.send_again(row, by=None)


def test_a_host_sends_no_day_list_again(client):
    row = DayListFactory(status=Status.FAILED, day=_today())
    signed_in(client, row.office, Role.HOST)

    client.post(
        reverse("admin:notifications_daylist_changelist"),
        {"action": "send_again", "_selected_action": [row.pk]},
    )

    row.refresh_from_db()
    assert row.status == Status.FAILED


def _today():
    return OfficeFactory.build().today()


# --- in figures ---


def test_messages_are_counted_by_channel_and_what_became_of_them():
    message = MessageFactory(status=Status.FAILED)
    appointment = message.appointment
    MessageFactory(status=Status.SENT)  # at another office
    became = [
        {"status": Status.SENT},
        {"status": Status.SENT, "receipt": Receipt.DELIVERED},
        {"status": Status.SENT, "receipt": Receipt.BOUNCED},
        {"status": Status.SENT, "receipt": Receipt.COMPLAINED},
        {"status": Status.DROPPED, "dropped_because": Why.OVER},
        {"status": Status.QUEUED},
    ]
    now = timezone.now()
    for place, fields in enumerate(became):
        row = Message.objects.get(pk=message.pk)
        row.pk, row.channel, row.status = None, Channel.SMS, Status.QUEUED
        row.recipient = f"+49{place}"
        sent = {"sent_at": now} if fields["status"] == Status.SENT else {}
        receipt = {"receipt_at": now} if "receipt" in fields else {}
        for name, value in {**fields, **sent, **receipt}.items():
            setattr(row, name, value)
        row.save()

    figure = counts.figure(
        Scope([appointment.office], appointment.day, appointment.day)
    )
    before = appointment.day - timedelta(days=1)
    none = counts.figure(Scope([appointment.office], before, before))

    assert figure.table == [
        ("Sent", ["0", "1"]),
        ("Delivered", ["0", "1"]),
        ("Bounced or unwanted", ["0", "2"]),
        ("Failed", ["1", "0"]),
        ("Dropped", ["0", "1"]),
        ("Queued", ["0", "1"]),
    ]
    assert [series.name for series in figure.series] == ["E-mail", "Text message"]
    assert none.is_empty


def test_the_statistics_show_them(client):
    message = MessageFactory(status=Status.FAILED)
    signed_in(client, message.appointment.office, Role.MANAGER)
    day = message.appointment.day.isoformat()

    page = client.get(reverse("admin:statistics"), {"from": day, "to": day}).text

    assert "Bounced or unwanted" in page
