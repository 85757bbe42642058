"""What is deleted by itself: tested here, where messages are seen, too."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.tests.factories import UserFactory
from appointments import links, operations
from appointments.exceptions import DataDeleted
from appointments.models import Appointment, AppointmentEvent, Citizen
from appointments.privacy import purging
from appointments.statistics.counting import count
from appointments.statistics.scope import Scope
from appointments.tasks import purge_office
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.pages import own_path, words
from availability.tests.factories import OpenHostFactory
from notifications import privacy
from notifications.models import Block, Message, WebhookAttempt, WebhookDelivery
from notifications.states import Status
from notifications.tests.factories import (
    BlockFactory,
    MessageFactory,
    WebhookAttemptFactory,
)
from offices.tests.factories import OfficeFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 3, 12, 7, tzinfo=UTC)
LATER = NOW + timedelta(days=92)  # 91 days after the appointments of the 13th
EARLIER = LATER - timedelta(days=1)


@pytest.fixture
def offered():
    with time_machine.travel(NOW, tick=False):
        offered = OfficeServiceFactory(office__booking_horizon_days=3)
        OpenHostFactory(office=offered.office)
        return offered


@pytest.fixture
def visit(offered):
    with time_machine.travel(NOW, tick=False):
        return book(offered)


def book(offered, hour=9, **kwargs):
    citizen = kwargs.pop("citizen", None) or CitizenFactory(
        name="Ada Example", email="ada@example.org", phone="+493090182000"
    )
    return AppointmentFactory(
        offered=offered,
        citizen=citizen,
        starts_at=NOW.replace(hour=hour - 1) + timedelta(days=1),
        purpose="My passport",
        access_needs="A ramp",
        language="de",
        **kwargs,
    )


def run(*args):
    told = StringIO()
    call_command("purge_personal_data", *args, stdout=told)
    return told.getvalue()


def test_nothing_is_due_on_the_last_day_of_the_time(visit):
    with time_machine.travel(EARLIER, tick=False):
        assert purging.purge(visit.office) == 0

    visit.refresh_from_db()
    assert visit.citizen.name == "Ada Example"


def test_an_appointment_no_longer_says_who_came(visit):
    Appointment.objects.update(note="Was late")
    AppointmentEvent.objects.update(reason="Ill", override="By phone")

    with time_machine.travel(LATER, tick=False):
        assert purging.purge(visit.office) == 1

    after = Appointment.objects.get()
    told = [after.purpose, after.access_needs, after.note, after.language]
    assert told == [""] * 4
    assert after.purged_at == LATER
    assert after.citizen.is_nobody
    assert str(after.citizen) == "Data deleted"
    assert list(Citizen.objects.filter(is_nobody=False)) == []
    lines = AppointmentEvent.objects.values_list("reason", "override", "actor")
    assert list(lines) == [("", "", None)]


def test_messages_and_webhooks_say_nothing_more(visit):
    MessageFactory(
        appointment=visit,
        status=Status.SENT,
        subject="Ada",
        body="Dear Ada",
        provider_id="4711",
        last_error="ada@example.org is full",
        receipt_detail="ada@example.org",
        receipt="delivered",
        receipt_at=NOW,
    )
    WebhookAttemptFactory(delivery__appointment=visit, delivery__status="failed")

    with time_machine.travel(LATER, tick=False):
        purging.purge(visit.office)

    message = Message.objects.get()
    told = [message.subject, message.body, message.provider_id, message.language]
    assert [*told, message.last_error, message.receipt_detail] == [""] * 6
    assert message.recipient == f"#{message.pk}"
    assert (message.status, message.receipt) == (Status.SENT, "delivered")
    left = WebhookDelivery.objects.count(), WebhookAttempt.objects.count()
    assert left == (0, 0)


def test_what_is_counted_is_the_same_after_it(offered, visit):
    with time_machine.travel(NOW, tick=False):
        operations.cancel(book(offered, 10), by=None, reason="Ill")
        offered.office.refresh_from_db()
        scope = Scope([offered.office], NOW.date(), LATER.date())
    before = count(scope)

    with time_machine.travel(LATER, tick=False):
        assert purging.purge(offered.office) == 2

    assert count(scope) == before
    assert before.total.booked == 2


def test_an_account_stays_and_the_appointment_leaves_it(offered):
    with time_machine.travel(NOW, tick=False):
        user = UserFactory()
        visit = book(offered, citizen=operations.own_citizen(user))

    with time_machine.travel(LATER, tick=False):
        purging.purge(visit.office)

    assert list(Appointment.objects.visible_to(user)) == []
    assert user.citizen.name == user.name


def test_a_guest_of_two_appointments_goes_with_the_last(offered, visit):
    with time_machine.travel(NOW, tick=False):
        second = book(offered, 10, citizen=visit.citizen)
    Appointment.objects.filter(pk=second.pk).update(day=LATER.date())

    with time_machine.travel(LATER, tick=False):
        assert purging.purge(visit.office) == 1

    second.refresh_from_db()
    assert second.citizen.name == "Ada Example"


def test_each_office_has_its_own_time(visit):
    visit.office.retention_days = 91
    visit.office.save()

    with time_machine.travel(LATER, tick=False):
        assert purging.purge(visit.office) == 0


def test_stopped_half_way_it_goes_on_where_it_was(offered, visit):
    with time_machine.travel(NOW, tick=False):
        book(offered, 10)

    with time_machine.travel(LATER, tick=False):
        with transaction.atomic():
            purging.purge_some(visit.office)
            transaction.set_rollback(True)  # as when its connection is lost
        untouched = purging.due(visit.office).count()
        steps = [purging.purge_some(visit.office, most=1) for _ in range(3)]

    assert untouched == 2
    assert steps == [1, 1, 0]


def test_twice_is_once(visit):
    with time_machine.travel(LATER, tick=False):
        purge_office(visit.office_id)
        purge_office(visit.office_id)
        changed = Appointment.objects.get().purged_at

    assert changed == LATER


def test_the_number_of_queries_does_not_grow(offered, visit, django_assert_num_queries):
    with time_machine.travel(LATER, tick=False):
        Citizen.objects.nobody()
        with django_assert_num_queries(11):
            purging.purge_some(visit.office)
    with time_machine.travel(NOW, tick=False):
        for hour in range(10, 15):
            book(offered, hour, citizen=CitizenFactory())
    with time_machine.travel(LATER, tick=False), django_assert_num_queries(11):
        purging.purge_some(visit.office)


def test_the_command_only_says_it_unless_told_to_do_it(visit):
    with time_machine.travel(LATER, tick=False):
        told = run()

    assert told == (
        f"{visit.office.slug}: 1 (keeps them 90 days)\n"
        "1 appointments are due. Nothing is deleted yet: run it with --apply.\n"
    )
    assert Appointment.objects.get().purged_at is None


def test_the_command_does_it(visit):
    other = OfficeFactory()

    with time_machine.travel(LATER, tick=False):
        nothing = run("--apply", "--office", other.slug)
        told = run("--apply")
        again = run("--apply", "--office", visit.office.slug)

    assert nothing.endswith("\n0 appointments no longer say who came.\n")
    assert told.endswith("\n1 appointments no longer say who came.\n")
    assert again.endswith("\n0 appointments no longer say who came.\n")


def test_the_command_knows_no_office_of_that_name():
    with pytest.raises(CommandError, match="No office is called nowhere"):
        run("--office", "nowhere")


def test_its_link_says_so(client, visit):
    with time_machine.travel(LATER, tick=False):
        purging.purge(visit.office)
    with time_machine.travel(NOW, tick=False):
        page = client.get(own_path("manage", visit))
        api = client.get(
            f"/api/v1/appointments/{visit.pk}",
            headers={"Appointment-Token": links.token_for(visit)},
        )

    assert page.status_code == 410
    assert "What it said about you has been deleted" in words(page)
    assert api.status_code == 401


def test_nothing_is_done_with_it_any_more(visit):
    with time_machine.travel(LATER, tick=False):
        purging.purge(visit.office)

        with pytest.raises(DataDeleted):
            operations.change(visit, by=None, note="It was Ada")


def test_old_blocks_of_nobody_go():
    with time_machine.travel(NOW, tick=False):
        BlockFactory(address="nobody@example.org")
        citizen = CitizenFactory(email="Still.Here@example.org")
        user = UserFactory(phone="+4930123")
        kept = [
            BlockFactory(address=citizen.email.lower()),
            BlockFactory(address=user.phone, channel="sms"),
        ]

    with time_machine.travel(NOW + timedelta(days=89), tick=False):
        assert privacy.purge_blocks() == 0
    with time_machine.travel(NOW + timedelta(days=91), tick=False):
        assert privacy.purge_blocks() == 1

    assert list(Block.objects.order_by("pk")) == kept
