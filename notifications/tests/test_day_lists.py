"""The list of the day in the office's mailbox."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from appointments.tests.factories import AppointmentFactory
from availability.models import HostDay
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from notifications import day_lists
from notifications.models import DayList
from notifications.states import Status
from notifications.tests.factories import DayListFactory
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeServiceFactory

SEVEN = datetime(2030, 3, 5, 6, tzinfo=UTC)  # of a Tuesday, in Berlin
TODAY = date(2030, 3, 5)
MOMENT = timedelta(microseconds=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(SEVEN - timedelta(days=1), tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(clock):
    """Open from 8:00 to 16:00; wants its list at seven, and it is seven."""
    offered = OfficeServiceFactory(
        office__name="Town <hall>",
        office__slug="town-hall",
        office__email="desk@example.org",
        office__day_list_at=time(7),
    )
    OpenHostFactory(office=offered.office, name="Counter 1", place="Room 7")
    clock.move_to(SEVEN)
    return offered


def book(offered, hours_later=2, **facts):
    with time_machine.travel(SEVEN - timedelta(days=1), tick=False):
        return AppointmentFactory(
            offered=offered, starts_at=SEVEN + timedelta(hours=hours_later), **facts
        )


def planned():
    day_lists.plan()
    return list(DayList.objects.values_list("office__slug", "day", "recipient"))


# --- planning ---


def test_it_is_owed_once_from_its_time_on(offered, clock):
    clock.move_to(SEVEN - MOMENT)
    too_soon = planned()
    clock.move_to(SEVEN)

    assert too_soon == []
    assert planned() == [("town-hall", TODAY, "desk@example.org")]
    assert planned() == [("town-hall", TODAY, "desk@example.org")]


def test_the_next_day_has_a_list_of_its_own(offered, clock):
    planned()
    clock.move_to(SEVEN + timedelta(days=1))

    assert [day for _, day, _ in planned()] == [TODAY + timedelta(days=1), TODAY]


def test_a_standstill_is_caught_up_with_while_there_are_hours(offered, clock):
    four = SEVEN + timedelta(hours=9)
    clock.move_to(four)
    too_late = planned()
    clock.move_to(four - MOMENT)

    assert too_late == []
    assert len(planned()) == 1


def test_a_day_without_hours_has_no_list(offered):
    HostDay.objects.filter(day=TODAY).update(open=0)

    assert planned() == []


@pytest.mark.parametrize(
    "fields", [{"email": ""}, {"day_list_at": None}, {"status": "closed"}]
)
def test_an_office_that_wants_none_is_owed_none(offered, fields):
    for name, value in fields.items():
        setattr(offered.office, name, value)
    offered.office.save()

    assert planned() == []


def test_the_clock_and_the_day_are_those_of_the_office(clock):
    offered = OfficeServiceFactory(
        office__time_zone="Pacific/Auckland",
        office__email="desk@example.org",
        office__day_list_at=time(7),
    )
    OpenHostFactory(office=offered.office)
    clock.move_to(datetime(2030, 3, 4, 18, tzinfo=UTC))  # seven of the fifth there

    assert [day for _, day, _ in planned()] == [TODAY]


@pytest.mark.parametrize("many", [1, 30])
def test_planning_costs_four_queries(offered, clock, django_assert_num_queries, many):
    for n in range(many - 1):
        office = OfficeServiceFactory(
            office__email=f"{n}@example.org", office__day_list_at=time(7)
        ).office
        OpenHostFactory(office=office)

    with django_assert_num_queries(4):
        day_lists.plan()

    assert DayList.objects.count() == many


@pytest.mark.django_db(transaction=True)
def test_many_who_plan_at_once_owe_it_once(offered):
    start = threading.Barrier(4)

    def plan():
        start.wait()
        try:
            day_lists.plan()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(plan) for _ in range(4)]:
            each.result()

    assert DayList.objects.count() == 1


# --- sending ---


@pytest.fixture
def owed(offered):
    day_lists.plan()
    return DayList.objects.get()


def test_the_mail_says_who_comes_to_whom(offered, owed, mailoutbox):
    later = book(offered, 3, citizen__name="Bob <b>")
    first = book(
        offered,
        citizen__name="Ada",
        citizen__phone="+49301234567",
        access_needs="A step-free entrance",
    )

    day_lists.deliver(owed.pk)

    owed.refresh_from_db()
    [mail] = mailoutbox
    assert (owed.status, owed.attempts) == (Status.SENT, 1)
    assert mail.to == ["desk@example.org"]
    assert mail.subject == "Town <hall>: appointments of Tuesday 5 March 2030"
    assert mail.body == (
        "Town <hall>\n"
        "Tuesday 5 March 2030\n"
        "\n"
        "Counter 1, Room 7\n"
        "\n"
        "09:00 – 09:15  Ada\n"
        f"  {first.service}, {first.reference}, +49 30 1234567\n"
        "  Needs: A step-free entrance\n"
        "\n"
        "10:00 – 10:15  Bob <b>\n"
        f"  {later.service}, {later.reference}\n"
        "\n"
        "As it is now, to print:\n"
        "http://localhost:8000/admin/day-list/?office=town-hall&day=2030-03-05\n"
    )
    [(html, kind)] = [tuple(part) for part in mail.alternatives]
    assert kind == "text/html"
    assert "Bob &lt;b&gt;" in html
    assert "Bob <b>" not in html


def test_a_day_on_which_nobody_comes_says_so(owed, mailoutbox):
    day_lists.deliver(owed.pk)

    assert "There are no appointments so far." in mailoutbox[0].body


def test_it_is_sent_once(owed, mailoutbox):
    day_lists.deliver(owed.pk)
    day_lists.deliver(owed.pk)
    day_lists.deliver(0)

    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_one_of_many_who_deliver_at_once_sends(owed, mailoutbox):
    start = threading.Barrier(4)

    def deliver():
        start.wait()
        try:
            day_lists.deliver(owed.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(deliver) for _ in range(4)]:
            each.result()

    assert len(mailoutbox) == 1


def test_a_server_that_is_busy_is_tried_again(owed, by_smtp, clock):
    by_smtp.mood = "busy"
    day_lists.deliver(owed.pk)
    owed.refresh_from_db()
    failed = (owed.status, owed.due_at - timezone.now())
    by_smtp.mood = "accept"
    clock.move_to(owed.due_at)

    day_lists.deliver(owed.pk)

    owed.refresh_from_db()
    assert failed == (Status.QUEUED, day_lists.PAUSE)
    assert (owed.status, owed.attempts, owed.last_error) == (Status.SENT, 2, "")
    assert by_smtp.recipients == ["desk@example.org"]


def test_a_server_that_refuses_is_not_asked_again(owed, by_smtp):
    by_smtp.mood = "unknown"

    day_lists.deliver(owed.pk)

    owed.refresh_from_db()
    assert (owed.status, owed.sent_at) == (Status.FAILED, None)
    assert owed.last_error.startswith("SMTPRecipientsRefused")


def test_a_list_of_yesterday_is_dropped(owed, mailoutbox, clock):
    midnight = SEVEN + timedelta(hours=17)
    clock.move_to(midnight - MOMENT)
    with time_machine.travel(midnight, tick=False):
        day_lists.deliver(owed.pk)

    owed.refresh_from_db()
    assert (owed.status, mailoutbox) == (Status.DROPPED, [])


def test_a_late_outcome_leaves_the_next_lease_alone(owed):
    slow = DayList.objects.claim(owed.pk)
    DayList.objects.update(due_at=timezone.now())
    DayList.objects.claim(owed.pk)

    day_lists._update(slow, status=Status.FAILED)

    owed.refresh_from_db()
    assert (owed.status, owed.attempts) == (Status.QUEUED, 2)


def test_a_list_costs_the_same_however_long(offered, owed, django_assert_num_queries):
    for n in range(30):
        book(offered, 1 + n * QUARTER / timedelta(hours=1))

    with django_assert_num_queries(3):  # the lease, the row, the list
        day_lists._mail(DayList.objects.select_related("office").claim(owed.pk))


# --- the page ---


@pytest.mark.parametrize("role", sorted(Role))
def test_every_role_sees_those_of_its_office_and_no_others(client, owed, role):
    DayListFactory(recipient="elsewhere@example.org")
    client.force_login(MembershipFactory(office=owed.office, role=role).user)

    response = client.get(reverse("admin:notifications_daylist_changelist"))

    assert list(response.context["cl"].queryset) == [owed]
    assert "elsewhere@example.org" not in response.text


def test_nobody_writes_there(client, owed):
    client.force_login(MembershipFactory(office=owed.office, role=Role.MANAGER).user)
    path = reverse("admin:notifications_daylist_change", args=[owed.pk])

    assert client.get(path).status_code == 200
    assert client.post(path, {"recipient": "x@example.org"}).status_code == 403
    assert client.get(reverse("admin:notifications_daylist_add")).status_code == 403
