"""The page of the desk: what it shows, what its buttons do, and who may not."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import AdminFactory, UserFactory
from appointments import links, operations
from appointments.models import Appointment, Citizen
from appointments.states import Channel, Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.pages import town_hall, words
from offices.roles import Role
from offices.tests.factories import HostFactory, MembershipFactory, ServiceFactory

NINE = datetime(2030, 3, 12, 8, tzinfo=UTC)  # of a Tuesday, in Berlin
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NINE - DAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(clock):
    """A town hall with two counters; it is nine o'clock."""
    offered = town_hall(hosts=2)
    clock.move_to(NINE)
    return offered


@pytest.fixture
def hosts(offered):
    return list(offered.office.hosts.all())


@pytest.fixture
def member(client, offered):
    """At the reception; signed in."""
    user = MembershipFactory(office=offered.office, role=Role.RECEPTION).user
    client.force_login(user)
    return user


def book(offered, name="Ada Example", minutes=0, **about):
    """The day before, for some minutes after nine."""
    host = {"host": about.pop("host")} if "host" in about else {}
    with time_machine.travel(NINE - DAY, tick=False):
        return AppointmentFactory(
            offered=offered,
            citizen=CitizenFactory(name=name, **about),
            starts_at=NINE + minutes * MINUTE,
            **host,
        )


def arrive(appointment):
    return operations.check_in(appointment, by=None)


def press(client, appointment, step, **data):
    return client.post(step_path(appointment, step), data, follow=True)


def step_path(appointment, step):
    return reverse("admin:desk-step", args=[appointment.pk, step])


def status(appointment):
    return Appointment.objects.get(pk=appointment.pk).status


def said(response):
    return [str(message) for message in response.context["messages"]]


def buttons(response, appointment, where="column"):
    """The steps that are offered for an appointment, in order."""
    pattern = rf'id="{where}-([a-z-]+)-{appointment.pk}" formaction'
    return re.findall(pattern, response.text)


# What it shows. ----------------------------------------------------------------------


def test_each_host_has_a_column_in_time_order(client, member, offered, hosts):
    late = book(offered, "Late", 60, host=hosts[0])
    early = book(offered, "Early", 15, host=hosts[0])
    book(offered, "Tomorrow", 24 * 60)
    operations.cancel(book(offered, "Off", 30), by=None)
    done = arrive(book(offered, "Done", 30, host=hosts[1]))
    operations.complete(operations.start(done, by=None), by=None)

    board = client.get(reverse("admin:desk")).context["board"]

    columns = [
        (c.host, [v.appointment for v in c.open], [v.appointment for v in c.over])
        for c in board.columns
    ]
    assert columns == [(hosts[0], [early, late], []), (hosts[1], [], [done])]


def test_who_waits_is_listed_the_longest_first(client, member, offered, clock):
    first, second = book(offered, "First", 30), book(offered, "Second")
    arrive(first)
    clock.move_to(NINE + 20 * MINUTE)
    arrive(second)
    clock.move_to(NINE + 31 * MINUTE)

    response = client.get(reverse("admin:desk"))

    waiting = response.context["board"].waiting
    assert [(v.appointment, v.minutes, v.waits_long) for v in waiting] == [
        (first, 31, True),
        (second, 11, False),
    ]
    assert "Long wait: 31 minutes" in words(response)
    assert "Waits 11 minutes" in words(response)


def test_who_was_called_is_shown_where_to(client, member, offered, hosts):
    waits = arrive(book(offered, host=hosts[0]))
    operations.call(waits, host=hosts[1], by=None)

    response = client.get(reverse("admin:desk"))

    assert f"Called to {hosts[1].name}, 0 minutes ago" in words(response)
    assert [v.appointment for v in response.context["board"].columns[1].open] == [waits]


def test_what_was_imported_without_its_times_is_shown(client, member, offered, clock):
    waits, served = arrive(book(offered, "Waits")), book(offered, "Served")
    rows = Appointment.objects
    rows.filter(pk=waits.pk).update(checked_in_at=None)
    rows.filter(pk=served.pk).update(status=Status.IN_PROGRESS, started_at=None)
    clock.move_to(NINE + 10 * MINUTE)

    response = client.get(reverse("admin:desk"))

    assert (response.status_code, "In progress for" in words(response)) == (200, False)
    visits = response.context["board"].visits
    assert {v.appointment: v.minutes for v in visits} == {waits: 10, served: None}


@pytest.mark.parametrize(
    ("role", "leads_to_door"),
    [
        (Role.HOST, False),
        (Role.MANAGER, True),
        (Role.RECEPTION, False),
        (Role.SECRETARY, False),
    ],
)
def test_it_leads_to_the_day_list_and_managers_to_the_door(
    client, offered, role, leads_to_door
):
    client.force_login(MembershipFactory(office=offered.office, role=role).user)
    where = f"?office={offered.office.slug}"

    page = client.get(reverse("admin:desk")).text

    assert f'href="{reverse("admin:day_list")}{where}"' in page
    assert (f'href="{reverse("admin:door")}{where}"' in page) == leads_to_door


def test_the_same_is_shown_as_a_list(client, member, offered):
    late, early = book(offered, "Late", 60), book(offered, "Early", 15)

    response = client.get(reverse("admin:desk"), {"view": "list"})

    found = re.findall(r'id="list-name-([0-9a-f-]+)"', response.text)
    assert found == [str(early.pk), str(late.pk)]


def test_the_buttons_are_the_steps_that_are_possible(client, member, offered, hosts):
    hosts[1].delete()
    due, later = book(offered), book(offered, minutes=60)
    page = client.get(reverse("admin:desk"))
    assert buttons(page, due) == ["check-in", "no-show"]
    assert buttons(page, later) == ["check-in"]

    arrive(due)
    page = client.get(reverse("admin:desk"))
    assert buttons(page, due) == ["call", "start", "no-show", "undo"]
    assert buttons(page, due, "waiting") == ["call", "start", "no-show", "undo"]

    operations.call(due, by=None)
    page = client.get(reverse("admin:desk"))
    assert buttons(page, due) == ["start", "call", "no-show", "undo"]

    operations.start(due, by=None)
    assert buttons(client.get(reverse("admin:desk")), due) == ["complete", "undo"]

    operations.complete(due, by=None)
    assert buttons(client.get(reverse("admin:desk")), due) == ["undo"]


def test_a_wrong_complete_is_taken_back(client, member, offered):
    begun = operations.start(arrive(book(offered)), by=None)
    done = operations.complete(begun, by=None)

    response = press(client, done, "undo")

    after = Appointment.objects.get(pk=done.pk)
    assert (after.status, after.started_at, after.completed_at) == (
        Status.IN_PROGRESS,
        begun.started_at,
        None,
    )
    assert said(response) == ["Ada Example: last step taken back."]


def test_only_hosts_with_that_time_free_are_offered_to_take_over(
    client, member, offered, hosts
):
    waits = arrive(book(offered, host=hosts[0]))
    other = book(offered, "Other", host=hosts[1])
    page = client.get(reverse("admin:desk"))
    assert "reassign" not in buttons(page, waits)

    operations.cancel(other, by=None)

    assert "reassign" in buttons(client.get(reverse("admin:desk")), waits)
    response = press(client, waits, "reassign", to=hosts[1].pk)
    assert said(response) == [f"Ada Example: now with {hosts[1].name}."]


def test_who_serves_elsewhere_calls_to_where_it_is_planned(
    client, member, offered, hosts
):
    """The button never calls to a host that does not serve it."""
    hosts[1].services.add(ServiceFactory())
    waits = arrive(book(offered, host=hosts[0]))
    client.post(reverse("admin:desk-next"), {"host": hosts[1].pk})

    page = client.get(reverse("admin:desk"))

    assert f"Call to {hosts[0].name}" in words(page)
    assert f"Call to {hosts[1].name}" not in words(page)
    refused = press(client, waits, "call", host=hosts[1].pk)
    assert said(refused) == [
        "Ada Example: This host does not serve this service at this office. "
        "Please choose another, or any."
    ]


def test_who_is_signed_out_meanwhile_is_led_to_sign_in(client, member, offered):
    page = client.get(reverse("admin:desk"))
    assert 'id="desk-signed-out" role="alert" hidden' in page.text

    client.logout()

    assert client.get(reverse("admin:desk-board")).status_code == 302


def test_only_who_may_book_gives_to_another_host(client, member, offered, hosts):
    waits = arrive(book(offered, host=hosts[0]))
    assert "reassign" in buttons(client.get(reverse("admin:desk")), waits)

    adviser = MembershipFactory(office=offered.office, role=Role.HOST).user
    client.force_login(adviser)
    assert "reassign" not in buttons(client.get(reverse("admin:desk")), waits)
    refused = press(client, waits, "reassign", to=hosts[1].pk)

    assert said(refused) == [
        "Ada Example: Your role at this office does not allow this."
    ]


# What the buttons do. ----------------------------------------------------------------


def test_a_visit_runs_its_course(client, member, offered, hosts):
    appointment = book(offered, host=hosts[0])
    seen = [
        (said(press(client, appointment, step, **data)), status(appointment))
        for step, data in [
            ("check-in", {}),
            ("call", {"host": hosts[1].pk}),
            ("start", {}),
            ("complete", {}),
        ]
    ]

    assert seen == [
        (["Ada Example: ticket 1."], Status.CHECKED_IN),
        (
            [f"Ada Example: ticket 1 called to {hosts[1].name}."],
            Status.CHECKED_IN,
        ),
        (["Ada Example: started."], Status.IN_PROGRESS),
        (["Ada Example: completed."], Status.COMPLETED),
    ]
    last = appointment.events.last()
    assert last.actor == member


def test_steps_are_taken_back_and_no_shows_marked(client, member, offered, hosts):
    appointment = arrive(book(offered, host=hosts[0]))

    press(client, appointment, "reassign", to=hosts[1].pk)
    press(client, appointment, "undo")
    assert status(appointment) == Status.CONFIRMED
    press(client, appointment, "no-show")
    assert status(appointment) == Status.NO_SHOW
    press(client, appointment, "undo")

    assert status(appointment) == Status.CONFIRMED
    assert Appointment.objects.get(pk=appointment.pk).host == hosts[1]


def test_a_refusal_names_the_person(client, member, offered):
    response = press(client, book(offered), "complete")

    assert said(response) == [
        "Ada Example: This cannot be done now: the appointment is “Confirmed”."
    ]


def test_after_a_step_the_board_is_shown_as_before(client, member, offered):
    path = step_path(book(offered), "check-in")

    response = client.post(f"{path}?office=town-hall&view=list")

    assert (response.status_code, response.url) == (
        303,
        f"{reverse('admin:desk')}?office=town-hall&view=list",
    )


def test_the_next_one_is_called_for_a_host(client, member, offered, hosts):
    waits = arrive(book(offered))

    response = client.post(reverse("admin:desk-next"), {"host": hosts[1].pk})
    page = client.get(response.url)

    assert said(page) == [f"Ada Example: ticket 1 called to {hosts[1].name}."]
    assert Appointment.objects.get(pk=waits.pk).called_to == hosts[1]
    assert page.context["host"] == hosts[1]


def test_where_nobody_waits_it_says_so(client, member, offered, hosts):
    response = client.post(
        reverse("admin:desk-next"), {"host": hosts[0].pk}, follow=True
    )

    assert said(response) == [
        f"{hosts[0].name}: Nobody is waiting whom this host could call."
    ]


def test_who_is_a_host_calls_to_it_at_first(client, member, offered, hosts):
    own = HostFactory(office=offered.office, user=member, name="My room")
    waits = arrive(book(offered, host=hosts[0]))

    page = client.get(reverse("admin:desk"))

    assert page.context["host"] == own
    assert "Call to My room" in words(page)
    assert f'name="host" value="{own.pk}"' in page.text
    press(client, waits, "call", host=own.pk)
    assert Appointment.objects.get(pk=waits.pk).called_to == own


# Finding. ----------------------------------------------------------------------------


def find(client, text):
    return client.post(reverse("admin:desk-find"), {"text": text}, follow=True)


@pytest.mark.parametrize(
    "typed",
    [
        lambda appointment: appointment.reference,
        lambda appointment: appointment.reference.lower().replace("-", " "),
        links.url_for,
    ],
    ids=["reference", "careless", "scanned"],
)
def test_a_reference_or_a_scanned_code_checks_in(client, member, offered, typed):
    appointment = book(offered)

    response = find(client, typed(appointment))

    assert said(response) == ["Ada Example: ticket 1."]
    assert status(appointment) == Status.CHECKED_IN
    assert said(find(client, typed(appointment))) == [
        "Ada Example: is checked in already, ticket 1."
    ]


@pytest.mark.parametrize("typed", ["noel", "NOËL ex", "citizen@home", "901820"])
def test_a_part_of_the_name_finds_people_of_today(client, member, offered, typed):
    appointment = book(
        offered, "Noël Example", email="citizen@home.example", phone="+4930901820"
    )
    book(offered, "Somebody else")

    response = find(client, typed)

    assert [v.appointment for v in response.context["found"]] == [appointment]
    assert status(appointment) == Status.CONFIRMED


@pytest.mark.parametrize(
    "typed",
    [lambda other: other.reference, links.url_for, lambda other: other.citizen.name],
    ids=["reference", "scanned", "name"],
)
def test_nobody_of_another_office_is_found(client, member, offered, typed):
    other = book(town_hall(office__slug="elsewhere", service__code="x"), "Other One")

    response = find(client, typed(other))

    assert response.context["found"] == []
    assert status(other) == Status.CONFIRMED


def test_an_empty_search_shows_the_desk(client, member, offered):
    assert find(client, "  ").context["found"] is None


# Walk-ins. ---------------------------------------------------------------------------


def take_in(client, offered, **answers):
    data = {"service": offered.pk, **answers}
    return client.post(reverse("admin:desk-walk-in"), data, follow=True)


def test_a_walk_in_is_given_a_ticket(client, member, offered):
    response = take_in(client, offered)

    appointment = Appointment.objects.select_related("citizen").get()
    assert (appointment.citizen.name, appointment.channel) == (
        "Walk-in",
        Channel.WALK_IN,
    )
    assert "Your number 1 Passport" in words(response)
    assert said(response) == ["Walk-in: ticket 1."]


def test_a_walk_in_may_say_who_it_is(client, member, offered):
    take_in(client, offered, name="Ada", email="a@b.de", phone="030 901820")

    citizen = Citizen.objects.get()
    assert (citizen.name, citizen.email, citizen.phone) == (
        "Ada",
        "a@b.de",
        "+4930901820",
    )


@pytest.mark.parametrize(
    "wrong", [{"service": ""}, {"email": "no"}, {"phone": "12"}], ids=str
)
def test_a_wrong_answer_is_shown_on_the_form(client, member, offered, wrong):
    response = take_in(client, offered, **wrong)

    assert response.status_code == 422
    assert list(response.context["walk_in"].errors) == list(wrong)
    assert not Appointment.objects.exists()


def test_when_nobody_is_free_it_says_so(client, member, offered, clock):
    clock.move_to(NINE + timedelta(hours=10))

    response = take_in(client, offered, name="Ada")

    assert said(response) == ["Ada: Nobody is free any more today."]


# Telling what has changed. -----------------------------------------------------------


def ask(client, etag, **query):
    path = reverse("admin:desk-board")
    return client.get(path, query, headers={"if-none-match": etag})


def test_the_board_is_told_only_when_it_has_changed(client, member, offered, clock):
    appointment = book(offered)
    page = client.get(reverse("admin:desk"))
    etag = page.context["etag"]
    same = ask(client, etag, office="town-hall")
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", etag)

    clock.shift(MINUTE / 2)
    arrive(appointment)
    changed = ask(client, etag, office="town-hall")

    assert changed.status_code == 200
    assert "Waits 0 minutes" in words(changed)
    assert "<html" not in changed.text
    assert ask(client, changed["ETag"], office="town-hall").status_code == 304
    clock.shift(MINUTE)
    assert ask(client, changed["ETag"], office="town-hall").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda a: operations.postpone(a, NINE + DAY, by=None),
        lambda a: operations.cancel(a, by=None),
        lambda a: operations.mark_no_show(a),
        lambda a: operations.reassign(a, a.office.hosts.last(), by=None),
        lambda a: operations.change(a, note="Key", by=None),
        lambda a: book(a.office.offered.get()),
    ],
    ids=["postpone", "cancel", "no-show", "reassign", "note", "book"],
)
def test_every_change_is_told(client, member, offered, hosts, clock, change):
    appointment = book(offered, host=hosts[0])
    etag = client.get(reverse("admin:desk")).context["etag"]
    clock.shift(timedelta(seconds=1))

    change(appointment)

    assert ask(client, etag, office="town-hall").status_code == 200


def count(client, path, **options):
    client.get(path)  # what is looked up once
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path, **options)
    return len(queries), response.status_code


# Four are the session, the person and what the person may at which office; one keeps
# who saw whom.
PAGE, FRAGMENT, UNCHANGED = 15, 12, 6


def test_thirty_cost_no_more_than_one(client, member, offered, hosts):
    page, board = reverse("admin:desk"), reverse("admin:desk-board")
    arrive(book(offered, host=hosts[0]))

    def counts():
        etag = client.get(page).context["etag"]
        return [
            count(client, page),
            count(client, f"{page}?view=list&q=a"),
            count(client, board),
            count(client, board, headers={"if-none-match": etag}),
        ]

    expected = [(PAGE, 200), (PAGE, 200), (FRAGMENT, 200), (UNCHANGED, 304)]
    assert counts() == expected
    for n in range(29):
        visit = book(offered, minutes=15 * (n // 2 + 1), host=hosts[n % 2])
        if n % 3:
            arrive(visit)
        if n % 3 == 2:
            operations.start(operations.call(visit, by=None), by=None)

    assert counts() == expected


# Who may not. ------------------------------------------------------------------------


def addresses(offered, appointment):
    """Each address of the desk with what is sent there; None for a GET."""
    host = offered.office.hosts.first()
    steps = ["check-in", "call", "start", "complete", "no-show", "undo", "reassign"]
    return {
        reverse("admin:desk"): None,
        reverse("admin:desk-board"): None,
        reverse("admin:desk-ticket", args=[appointment.pk]): None,
        reverse("admin:desk-find"): {"text": appointment.reference},
        reverse("admin:desk-next"): {"host": host.pk},
        reverse("admin:desk-walk-in"): {"service": offered.pk},
        **{step_path(appointment, step): {"to": host.pk} for step in steps},
    }


def answers(client, offered, appointment, query=""):
    found = set()
    for path, data in addresses(offered, appointment).items():
        address = f"{path}{query}"
        found.add(
            (
                client.get(address) if data is None else client.post(address, data)
            ).status_code
        )
    return found


@pytest.mark.parametrize("role", Role)
def test_the_desk_of_another_office_does_not_exist(client, offered, role):
    appointment = arrive(book(offered, "Ada Secret"))
    before = Appointment.objects.values().get()
    member = MembershipFactory(role=role, office__name="Own office").user
    client.force_login(member)

    assert answers(client, offered, appointment, "?office=town-hall") == {404}
    own = answers(client, offered, appointment)
    page = client.get(reverse("admin:desk"))

    assert own == {200, 303, 404, 422}
    assert "Ada Secret" not in page.text
    assert "Town hall" not in page.text
    assert Appointment.objects.values().get() == before


def test_citizens_and_strangers_have_no_desk(client, offered):
    appointment = arrive(book(offered))
    before = Appointment.objects.values().get()

    assert answers(client, offered, appointment) == {302}
    client.force_login(UserFactory())
    assert answers(client, offered, appointment) == {302}
    client.force_login(UserFactory(is_staff=True))
    assert answers(client, offered, appointment) == {403}
    assert Appointment.objects.values().get() == before


def test_superusers_have_the_desk_of_every_office(client, offered):
    client.force_login(AdminFactory())

    assert client.get(reverse("admin:desk"), {"office": "town-hall"}).status_code == 200


def test_what_does_not_exist_is_not_found(client, member, offered):
    appointment = book(offered)
    missing = reverse("admin:desk-step", args=[uuid.uuid4(), "start"])

    assert client.post(missing).status_code == 404
    assert client.post(step_path(appointment, "dance")).status_code == 404
    assert client.post(reverse("admin:desk-next"), {"host": "x"}).status_code == 404
    assert client.get(step_path(appointment, "start")).status_code == 405
