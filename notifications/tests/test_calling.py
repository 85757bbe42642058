"""Whom the office has to call, since messages did not arrive or would not."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.tests.factories import (
    AppointmentFactory,
    CitizenFactory,
    tomorrow_at,
)
from notifications import calling
from notifications.exceptions import NothingToTell
from notifications.models import Message
from notifications.states import Audience, Receipt, Status, Why
from notifications.tests.factories import BlockFactory, MessageFactory
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db

URL = reverse("admin:unheard")


@pytest.fixture
def offered():
    return OfficeServiceFactory(office__slug="town-hall")


@pytest.fixture
def visit(offered):
    citizen = CitizenFactory(email="Ada@example.org", phone="+491701234567")
    return AppointmentFactory(offered=offered, citizen=citizen)


def called(appointment):
    return [(c.appointment, c.lost.kind) for c in calling.calls(appointment.office)]


LOST = [
    {"status": Status.FAILED},
    {"status": Status.DROPPED, "dropped_because": Why.BLOCKED},
    {"status": Status.SENT, "receipt": Receipt.BOUNCED},
]
ARRIVED = [
    {"status": Status.QUEUED},
    {"status": Status.SENT},
    {"status": Status.SENT, "receipt": Receipt.DELIVERED},
    {"status": Status.DROPPED, "dropped_because": Why.CHANGED},
]


def became(appointment, kind="booked", *, status, dropped_because=None, **fields):
    rows = appointment.messages.filter(audience=Audience.CITIZEN, kind=kind)
    values = {"status": status, "dropped_because": dropped_because or "", **fields}
    if status == Status.SENT:
        values["sent_at"] = timezone.now()
    if "receipt" in fields:
        values["receipt_at"] = timezone.now()
    assert rows.update(**values) == 1


@pytest.mark.parametrize("lost", LOST)
def test_who_was_not_reached_is_to_be_called(visit, lost):
    became(visit, **lost)

    assert called(visit) == [(visit, "booked")]
    assert calling.count_calls([visit.office]) == {visit.office_id: 1}


@pytest.mark.parametrize("arrived", ARRIVED)
def test_who_was_reached_or_may_still_be_is_not(visit, arrived):
    became(visit, **arrived)

    assert called(visit) == []


def test_what_arrives_later_makes_good_for_it(visit):
    became(visit, status=Status.FAILED)
    later = visit.starts_at + timedelta(hours=1)
    operations.postpone(visit, later, by=None, reason="Ill")
    assert called(visit) == [(visit, "booked")]

    became(visit, "postponed", status=Status.SENT)

    assert called(visit) == []


def test_what_arrived_earlier_does_not(visit):
    became(visit, status=Status.SENT)
    operations.cancel(visit, by=None, reason="Ill")

    became(visit, "cancelled", status=Status.FAILED)

    assert called(visit) == [(visit, "cancelled")]


def test_who_has_cancelled_need_not_hear_of_it(visit):
    became(visit, status=Status.SENT)
    operations.cancel(visit, by=visit.citizen)

    became(visit, "cancelled", status=Status.FAILED)

    assert called(visit) == []


def test_colleagues_are_not_on_the_list(visit):
    became(visit, status=Status.SENT)
    row = visit.messages.get(audience=Audience.CITIZEN)
    row.pk, row.audience, row.status, row.sent_at = None, "office", "failed", None
    row.save()

    assert called(visit) == []


def test_what_is_over_needs_no_call(visit):
    became(visit, status=Status.FAILED)

    with time_machine.travel(visit.starts_at + timedelta(minutes=1)):
        assert called(visit) == []


def test_who_was_told_by_telephone_is_not_called_again(visit):
    became(visit, status=Status.FAILED)
    clerk = MembershipFactory(office=visit.office, role=Role.RECEPTION).user

    calling.told_by_phone(visit, by=clerk)

    message = visit.messages.get(audience=Audience.CITIZEN)
    assert message.called_by == clerk
    assert message.called_at is not None
    assert called(visit) == []
    with pytest.raises(NothingToTell):
        calling.told_by_phone(visit, by=clerk)


@pytest.mark.parametrize("who", ["host", "stranger", "elsewhere"])
def test_who_may_not_book_says_nothing(visit, who):
    became(visit, status=Status.FAILED)
    user = {
        "host": lambda: MembershipFactory(office=visit.office, role=Role.HOST).user,
        "stranger": UserFactory,
        "elsewhere": lambda: MembershipFactory(role=Role.MANAGER).user,
    }[who]()

    with pytest.raises(PermissionDenied):
        calling.told_by_phone(visit, by=user)

    assert called(visit) == [(visit, "booked")]


@pytest.mark.parametrize(
    ("email", "channel", "address", "listed"),
    [
        ("Ada@example.org", "mail", "ada@example.org", True),
        ("Ada@example.org", "sms", "+491701234567", False),
        ("", "sms", "+491701234567", True),
        ("Ada@example.org", "mail", "eve@example.org", False),
    ],
)
def test_whose_address_takes_nothing_would_not_be_told(
    visit, email, channel, address, listed
):
    visit.citizen.email = email
    visit.citizen.save()
    BlockFactory(channel=channel, address=address)

    found = list(calling.unreachable(visit.office))

    assert found == ([visit] if listed else [])


def test_one_is_on_one_list_alone_and_a_lifted_block_is_none(visit):
    block = BlockFactory(address="ada@example.org")
    became(visit, status=Status.FAILED)
    assert list(calling.unreachable(visit.office)) == []

    became(visit, status=Status.SENT)
    block.lifted_at = timezone.now()
    block.save()

    assert list(calling.unreachable(visit.office)) == []


# --- the page ---


@pytest.fixture
def clerk(client, offered):
    user = MembershipFactory(office=offered.office, role=Role.RECEPTION).user
    client.force_login(user)
    return user


def test_the_page_says_whom_and_why_and_takes_note(client, clerk, visit):
    became(visit, status=Status.FAILED, last_error="550 no such user")

    page = client.get(URL).text
    answer = client.post(URL, {"told": str(visit.pk)}, follow=True).text
    again = client.post(URL, {"told": str(visit.pk)}, follow=True).text

    assert 'href="tel:+491701234567"' in page
    assert "550 no such user" in page
    assert "All that was to be said" in answer
    assert "Somebody has told this person meanwhile" in again


def test_the_first_page_leads_there(client, clerk, visit):
    assert "To call" not in client.get("/admin/").text
    became(visit, status=Status.FAILED)

    assert "/admin/to-call/?office=town-hall" in client.get("/admin/").text


def test_hosts_have_no_such_page(client, visit):
    user = MembershipFactory(office=visit.office, role=Role.HOST).user
    client.force_login(user)
    became(visit, status=Status.FAILED)

    answers = [client.get(URL), client.post(URL, {"told": str(visit.pk)})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "To call" not in client.get("/admin/").text


@pytest.mark.parametrize("told", ["", "x", "elsewhere"])
def test_appointments_of_others_do_not_exist(client, clerk, told):
    other = MessageFactory(status=Status.FAILED).appointment

    page = client.get(URL).text
    answer = client.post(URL, {"told": str(other.pk) if told == "elsewhere" else told})

    assert other.reference not in page
    assert answer.status_code == 404
    assert not Message.objects.filter(called_at__isnull=False).exists()


@pytest.mark.parametrize("many", [1, 5])
def test_a_long_list_asks_no_more(
    client, clerk, offered, many, django_assert_num_queries
):
    for place in range(many):
        visit = AppointmentFactory(
            offered=offered,
            starts_at=tomorrow_at(offered.office) + timedelta(minutes=15 * place),
        )
        became(visit, status=Status.FAILED)
        other = AppointmentFactory(
            offered=offered,
            starts_at=tomorrow_at(offered.office) + timedelta(hours=2 + place),
        )
        BlockFactory(address=other.citizen.email)
    client.get(URL)

    with django_assert_num_queries(10):
        client.get(URL)
