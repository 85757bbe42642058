"""Closing the day: by hand, page by page, and by an office's own rule."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from accounts.tests.factories import AdminFactory, UserFactory
from appointments import closing, operations, tasks
from appointments.exceptions import NotOver, NotToday, NotYetDue, TransitionRefused
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.states import EventKind, Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.history import last_line, listening
from appointments.tests.pages import words
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeServiceFactory

NINE = datetime(2030, 3, 5, 8, tzinfo=UTC)  # of a Tuesday, in Berlin
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
PAGE = reverse("admin:closing")
CLOSABLE = [Status.CONFIRMED, Status.CHECKED_IN, Status.IN_PROGRESS]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NINE - DAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(clock):
    """Of yesterday at nine, confirmed and nothing more."""
    visit = AppointmentFactory(starts_at=NINE, citizen__name="Ada Example")
    clock.move_to(NINE + DAY)
    return visit


@pytest.fixture
def colleague(visit):
    return MembershipFactory(office=visit.office, role=Role.RECEPTION).user


def put(visit, status):
    """Bring it into a status, as the desk would have."""
    with time_machine.travel(visit.starts_at, tick=False):
        if status in (Status.CHECKED_IN, Status.IN_PROGRESS, Status.COMPLETED):
            operations.check_in(visit, by=None)
        if status in (Status.IN_PROGRESS, Status.COMPLETED):
            operations.start(visit, by=None)
        if status == Status.COMPLETED:
            operations.complete(visit, by=None)
        if status == Status.NO_SHOW:
            operations.mark_no_show(visit, by=None)
        if status == Status.CANCELLED:
            operations.cancel(visit, by=None)


def status(visit):
    return Appointment.objects.get(pk=visit.pk).status


# --- the operation ---


@pytest.mark.parametrize(
    ("before", "outcome", "kind"),
    [
        (Status.CONFIRMED, Status.COMPLETED, EventKind.COMPLETED),
        (Status.CONFIRMED, Status.NO_SHOW, EventKind.NO_SHOW),
        (Status.CHECKED_IN, Status.COMPLETED, EventKind.COMPLETED),
        (Status.CHECKED_IN, Status.NO_SHOW, EventKind.NO_SHOW),
        (Status.IN_PROGRESS, Status.COMPLETED, EventKind.COMPLETED),
    ],
)
def test_what_became_of_it_is_written_down(visit, colleague, before, outcome, kind):
    put(visit, before)

    with listening() as heard:
        closed = operations.close_out(visit, outcome, by=colleague)

    assert (closed.status, closed.completed_at) == (outcome, None)
    assert heard == [(kind, outcome)]
    assert last_line(visit) == (kind, "staff", colleague.pk, "")
    assert broken() == {}


@pytest.mark.parametrize(
    ("before", "outcome"),
    [
        (Status.IN_PROGRESS, Status.NO_SHOW),
        (Status.COMPLETED, Status.NO_SHOW),
        (Status.NO_SHOW, Status.COMPLETED),
        (Status.CANCELLED, Status.COMPLETED),
        (Status.CONFIRMED, Status.CANCELLED),
        (Status.CONFIRMED, Status.CHECKED_IN),
    ],
)
def test_an_outcome_that_cannot_be_is_refused(visit, before, outcome):
    put(visit, before)
    lines = visit.events.count()

    with pytest.raises(TransitionRefused):
        operations.close_out(visit, outcome, by=None)

    assert (status(visit), visit.events.count()) == (before, lines)


def test_nothing_is_closed_before_it_is_over(visit, clock):
    clock.move_to(visit.ends_at - MOMENT)
    with pytest.raises(NotOver):
        operations.close_out(visit, Status.COMPLETED, by=None)

    clock.move_to(visit.ends_at)

    assert operations.close_out(visit, Status.COMPLETED, by=None).status == "completed"


def test_only_who_runs_the_desk_there_closes(visit):
    elsewhere = MembershipFactory(role=Role.MANAGER).user

    for by in (elsewhere, UserFactory(), visit.citizen):
        with pytest.raises(PermissionDenied):
            operations.close_out(visit, Status.COMPLETED, by=by)

    assert status(visit) == Status.CONFIRMED


@pytest.mark.parametrize("role", sorted(Role))
def test_every_role_at_the_office_closes(visit, role):
    by = MembershipFactory(office=visit.office, role=role).user

    assert operations.close_out(visit, Status.NO_SHOW, by=by).status == "no_show"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_at_once_one_is_told_so(visit):
    start = threading.Barrier(2)

    def close(outcome):
        start.wait()
        try:
            operations.close_out(visit, outcome, by=None)
        except TransitionRefused:
            return None
        finally:
            connection.close()
        return outcome

    with ThreadPoolExecutor(2) as pool:
        ways = [Status.COMPLETED, Status.NO_SHOW]
        said = [outcome for outcome in pool.map(close, ways) if outcome]

    assert said == [status(visit)]
    assert visit.events.count() == 2
    assert broken() == {}


# --- the page ---


def post(client, visits, **pressed):
    return client.post(PAGE, {"shown": [visit.pk for visit in visits], **pressed})


def told(response):
    return [str(message) for message in response.wsgi_request._messages]


def test_the_page_lists_what_is_left_by_host(client, visit, colleague, clock):
    offered = visit.office.offered.get()
    other = OpenHostFactory(office=visit.office, name="Zuse")
    clock.move_to(NINE - DAY)
    book = {"offered": offered, "host": other, "override": "x"}
    later = AppointmentFactory(starts_at=NINE + QUARTER, **book)
    first = AppointmentFactory(starts_at=NINE, **book)
    for n, settled in enumerate((Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED)):
        put(AppointmentFactory(starts_at=NINE + (n + 2) * QUARTER, **book), settled)
    clock.move_to(NINE + DAY)
    AppointmentFactory(starts_at=NINE + DAY + 4 * QUARTER, **book)
    client.force_login(colleague)

    groups = client.get(PAGE).context["groups"]

    shown = [(g["host"], [row["visit"] for row in g["rows"]]) for g in groups]
    assert shown == [(visit.host, [visit]), (other, [first, later])]


def test_each_row_has_its_buttons(client, visit, colleague):
    client.force_login(colleague)

    response = post(client, [visit], no_show=visit.pk)

    assert (response.status_code, status(visit)) == (302, Status.NO_SHOW)
    assert last_line(visit)[2] == colleague.pk
    assert "1 appointment is closed." in words(client.get(PAGE))
    assert client.get(PAGE).context["groups"] == []


def test_all_of_a_host_are_closed_at_once_but_only_those_shown(
    client, visit, colleague, clock
):
    clock.move_to(NINE - DAY)
    offered = visit.office.offered.get()
    second, unseen = (
        AppointmentFactory(offered=offered, starts_at=NINE + n * QUARTER)
        for n in (1, 2)
    )
    clock.move_to(NINE + DAY)
    client.force_login(colleague)

    post(client, [visit, second], every="completed")

    assert [status(row) for row in (visit, second, unseen)] == [
        Status.COMPLETED,
        Status.COMPLETED,
        Status.CONFIRMED,
    ]


def test_what_somebody_has_closed_meanwhile_is_said(client, visit, colleague):
    operations.close_out(visit, Status.COMPLETED, by=None)
    client.force_login(colleague)

    response = post(client, [visit], no_show=visit.pk)

    assert told(response) == [
        "1 appointment is not closed: "
        "This cannot be done now: the appointment is “Completed”."
    ]
    assert status(visit) == Status.COMPLETED


@pytest.mark.parametrize(
    "data", [{}, {"every": "cancelled"}, {"completed": "x"}, {"no_show": "1" * 32}]
)
def test_a_form_that_says_nothing_changes_nothing(client, visit, colleague, data):
    client.force_login(colleague)

    response = post(client, [visit], **data)

    assert told(response) == ["Nothing was closed. Please look again."]
    assert status(visit) == Status.CONFIRMED


def test_another_office_gets_nothing_and_does_nothing(client, visit):
    manager = MembershipFactory(role=Role.MANAGER).user
    client.force_login(manager)

    page = client.get(PAGE)
    post(client, [visit], every="completed")
    asked = client.get(PAGE, {"office": visit.office.slug})

    assert page.context["groups"] == []
    assert "Ada Example" not in page.text
    assert (asked.status_code, status(visit)) == (404, Status.CONFIRMED)


def test_who_works_nowhere_does_not_get_in(client, visit):
    client.force_login(UserFactory(is_staff=True))

    assert client.get(PAGE).status_code == 403
    assert post(client, [visit], every="completed").status_code == 403
    assert status(visit) == Status.CONFIRMED


def test_an_admin_closes_anywhere(client, visit):
    client.force_login(AdminFactory())

    response = client.post(
        f"{PAGE}?office={visit.office.slug}",
        {"shown": [visit.pk], "completed": visit.pk},
    )

    assert (response.status_code, status(visit)) == (302, Status.COMPLETED)


@pytest.mark.parametrize("many", [1, 30])
def test_the_page_costs_the_same_however_much_is_left(
    client, visit, colleague, clock, django_assert_num_queries, many
):
    clock.move_to(NINE - DAY)
    offered = visit.office.offered.get()
    for n in range(1, many):
        AppointmentFactory(offered=offered, starts_at=NINE + n * QUARTER, override="x")
    clock.move_to(NINE + DAY)
    client.force_login(colleague)
    client.get(PAGE)

    with django_assert_num_queries(11):
        client.get(PAGE)


# --- the rule ---


@pytest.fixture
def strict(visit):
    """The office waits for ten minutes."""
    visit.office.no_show_after = timedelta(minutes=10)
    visit.office.save()
    return visit


def test_who_has_not_come_in_time_is_marked(strict, clock):
    clock.move_to(NINE + timedelta(minutes=10) - MOMENT)
    tasks.mark_no_shows()
    before = status(strict)
    clock.move_to(NINE + timedelta(minutes=10))

    tasks.mark_no_shows()
    tasks.mark_no_shows()

    assert (before, status(strict)) == (Status.CONFIRMED, Status.NO_SHOW)
    assert last_line(strict) == (EventKind.NO_SHOW, "system", None, "")
    assert strict.events.count() == 2
    assert broken() == {}


def test_an_office_without_the_rule_marks_nobody(visit):
    tasks.mark_no_shows()

    assert status(visit) == Status.CONFIRMED


@pytest.mark.parametrize("now", [Status.CHECKED_IN, Status.IN_PROGRESS])
def test_who_is_here_is_not_marked(strict, now):
    put(strict, now)

    tasks.mark_no_shows()

    assert status(strict) == now


def test_what_staff_have_taken_back_is_theirs(strict, clock):
    clock.move_to(NINE + timedelta(minutes=10))
    tasks.mark_no_shows()
    operations.undo(strict, by=None)

    tasks.mark_no_shows()

    assert status(strict) == Status.CONFIRMED


@pytest.mark.django_db(transaction=True)
def test_two_who_mark_at_once_mark_once(strict):
    start = threading.Barrier(2)

    def mark():
        start.wait()
        try:
            tasks.mark_no_shows()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(mark) for _ in range(2)]:
            each.result()

    assert status(strict) == Status.NO_SHOW
    assert strict.events.filter(kind=EventKind.NO_SHOW).count() == 1
    assert broken() == {}


def test_a_standstill_is_caught_up_with_but_not_the_past(strict, clock):
    clock.move_to(NINE + closing.CAUGHT_UP + MOMENT)
    tasks.mark_no_shows()
    too_old = status(strict)
    clock.move_to(NINE + closing.CAUGHT_UP)

    tasks.mark_no_shows()

    assert (too_old, status(strict)) == (Status.CONFIRMED, Status.NO_SHOW)


def test_a_rule_that_has_changed_meanwhile_holds(strict):
    listed = list(closing.missed())
    for grace in (None, timedelta(days=2)):
        strict.office.no_show_after = grace
        strict.office.save()

        with pytest.raises(NotYetDue):
            operations.mark_missed(listed[0])

    assert status(strict) == Status.CONFIRMED


def test_who_has_come_since_the_list_was_made_is_not_marked(strict, clock):
    clock.move_to(NINE + timedelta(minutes=10))
    [listed] = closing.missed()
    arrived = operations.check_in(strict, by=None)
    operations.call(arrived, by=None)  # so that the desk could mark them

    with pytest.raises(TransitionRefused):
        operations.mark_missed(listed)

    assert status(strict) == Status.CHECKED_IN


def test_what_fails_does_not_stop_the_others(strict, clock):
    clock.move_to(NINE - DAY)
    other = AppointmentFactory(
        offered=strict.office.offered.get(), starts_at=NINE + QUARTER
    )
    clock.move_to(NINE + DAY)
    refuse_to_mark(strict)

    tasks.mark_no_shows()

    assert (status(strict), status(other)) == (Status.CONFIRMED, Status.NO_SHOW)


def refuse_to_mark(visit):
    """Have the database refuse any change of its row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'No.'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE UPDATE ON appointments_appointment"
            f" FOR EACH ROW WHEN (OLD.id = '{visit.pk}') EXECUTE FUNCTION refuse()"
        )


@pytest.mark.parametrize("many", [1, 30])
def test_looking_costs_one_query(strict, clock, django_assert_num_queries, many):
    clock.move_to(NINE - DAY)
    offered = OfficeServiceFactory(office__no_show_after=timedelta(minutes=1))
    for n in range(many):
        AppointmentFactory(offered=offered, starts_at=NINE + n * QUARTER, override="x")
    clock.move_to(NINE + DAY)

    with django_assert_num_queries(1):
        found = len(closing.missed())

    assert found == many + 1


# --- what was said by mistake ---


@pytest.mark.parametrize("before", CLOSABLE)
@pytest.mark.parametrize("outcome", [Status.COMPLETED, Status.NO_SHOW])
def test_an_outcome_is_taken_back_on_the_day_it_was_said(visit, clock, before, outcome):
    if (before, outcome) == (Status.IN_PROGRESS, Status.NO_SHOW):
        return
    put(visit, before)
    then = Appointment.objects.values().get()
    closed = operations.close_out(visit, outcome, by=None)

    operations.undo(closed, by=None)

    now = Appointment.objects.values().get()
    assert {**now, "updated_at": None} == {**then, "updated_at": None}
    assert last_line(visit)[0] == EventKind.UNDONE
    assert broken() == {}


def test_a_day_later_an_outcome_stays(visit, clock):
    closed = operations.close_out(visit, Status.COMPLETED, by=None)
    clock.move_to(NINE + 2 * DAY)

    with pytest.raises(NotToday):
        operations.undo(closed, by=None)

    assert status(visit) == Status.COMPLETED


def test_the_page_takes_back_what_was_closed_today(client, visit, colleague, clock):
    client.force_login(colleague)
    post(client, [visit], no_show=visit.pk)
    assert list(client.get(PAGE).context["closed"]) == [visit]

    response = client.post(PAGE, {"undo": visit.pk})

    assert told(response) == ["Ada Example: last step taken back."]
    assert (status(visit), last_line(visit)[2]) == (Status.CONFIRMED, colleague.pk)
    assert list(client.get(PAGE).context["closed"]) == []


def test_nothing_of_another_office_is_taken_back(client, visit):
    operations.close_out(visit, Status.COMPLETED, by=None)
    client.force_login(MembershipFactory(role=Role.MANAGER).user)

    client.post(PAGE, {"undo": visit.pk})

    assert status(visit) == Status.COMPLETED
    assert list(client.get(PAGE).context["closed"]) == []
