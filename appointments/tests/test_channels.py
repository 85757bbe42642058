"""The same verb has the same result, whichever way a person comes.

Each way in does the verb to an appointment of its own, in a world like the others';
then the worlds are compared: row, history, time taken, and what is owed to whom.
"""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from appointments import links, operations
from appointments.models import Appointment, AppointmentEvent, Citizen
from appointments.states import Channel, EventKind, Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.pages import ANSWERS, confirm, hold_nine, own_path, words
from availability.models import Hold, HostDay
from availability.tests.factories import OpenHostFactory
from config.exceptions import DomainError
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 3, 12, 7, tzinfo=UTC)  # a Tuesday, 8:00 in Berlin
NINE = datetime(2030, 3, 13, 8, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)
TEN_TEXT = "2030-03-13T10:00:00+01:00"
ADMIN = reverse("admin:appointments_appointment_changelist")


@contextmanager
def world(before=None, at=NOW):
    """An office with two counters and a manager; an appointment at nine on the 13th."""
    with time_machine.travel(NOW, tick=False):
        offered = OfficeServiceFactory(office__booking_horizon_days=3)
        first, second = OpenHostFactory.create_batch(2, office=offered.office)
        manager = MembershipFactory(office=offered.office, role=Role.MANAGER).user
        appointment = None
        if before:
            citizen = Citizen(
                name="Ada Example", email="ada@example.org", language="en"
            )
            appointment = AppointmentFactory(
                offered=offered, citizen=citizen, starts_at=NINE, host=first
            )
            same = Appointment.objects.filter(pk=appointment.pk)
            same.update(status=before)
            appointment.refresh_from_db()
    with time_machine.travel(at, tick=False):
        yield SimpleNamespace(
            offered=offered,
            appointment=appointment,
            manager=manager,
            second=second,
            hosts=[first, second],
        )


def outcome(here):
    """All that an operation leaves behind, in words that fit every world."""
    names = {None: None, here.manager.pk: "manager"}
    appointments = Appointment.objects.filter(office=here.offered.office)
    rows = appointments.values_list(
        "status", "starts_at", "ends_at", "sequence", "purpose", "citizen__email"
    )
    events = AppointmentEvent.objects.filter(appointment__in=appointments)
    lines = events.order_by("pk").values_list(
        "kind", "actor_kind", "actor", "reason", "override", "previous_start"
    )
    days = HostDay.objects.filter(host__in=here.hosts).exclude(claimed=0)
    owed = [
        (message.kind, message.recipient, message.status)
        for appointment in appointments
        for message in appointment.messages.order_by("pk")
    ]
    return {
        "rows": list(rows),
        "at": [here.hosts.index(a.host) for a in appointments],
        "history": [(*line[:2], names[line[2]], *line[3:]) for line in lines],
        "claimed": sorted(
            (here.hosts.index(day.host), day.day, day.claimed)
            for day in days.select_related("host")
        ),
        "held": Hold.objects.filter(host__in=here.hosts).count(),
        "owed": owed,
    }


# --- the ways in; each returns the sentence of a refusal, or nothing ---


def by_operation(here, verb, **how):
    by = here.appointment.citizen if verb in OF_CITIZENS else here.manager
    if how.get("starts_at"):
        how["starts_at"] = datetime.fromisoformat(how["starts_at"])
    if how.get("host"):
        how["host"] = here.second
    try:
        getattr(operations, verb)(here.appointment, by=by, **how)
    except DomainError as error:
        return str(error)
    return None


def by_api(here, verb, **how):
    client = APIClient()
    if verb in OF_CITIZENS:
        client = APIClient(headers={"Appointment-Token": token(here)})
    else:
        client.force_authenticate(here.manager)
    if how.get("host"):
        how["host"] = here.second.pk
    url = f"/api/v1/appointments/{here.appointment.pk}"
    if verb == "cancel":
        response = client.delete(url, query_params=how)
    else:
        path = {"mark_no_show": "no-show"}.get(verb, verb).replace("_", "-")
        response = client.post(f"{url}/{path}", how or None)
    return response.json().get("detail")


def by_patch(here, verb, **how):
    client = APIClient(headers={"Appointment-Token": token(here)})
    url = f"/api/v1/appointments/{here.appointment.pk}"
    return client.patch(url, how).json().get("detail")


def in_admin(here, verb, **how):
    client = Client()
    client.force_login(here.manager)
    body = {"action": verb, "_selected_action": [here.appointment.pk], **how}
    response = client.post(ADMIN, body)
    said = " ".join(str(message) for message in get_messages(response.wsgi_request))
    done = here.appointment.events.count() > 1
    return None if done else said.partition(": ")[2]


def on_page(here, verb, **how):
    client, visit = Client(), here.appointment
    if verb == "cancel":
        response = client.post(own_path("cancel", visit), how)
    else:
        held = client.post(own_path("move_times", visit, "2030-03-13"), how)
        response = client.post(held.url, {}) if held.status_code == 303 else held
    done = visit.events.count() > 1
    return None if done else words(response)


def token(here):
    return links.token_for(here.appointment)


OF_CITIZENS = {"cancel", "reschedule"}
STAFF = [by_operation, by_api, in_admin]
MOVES = [by_operation, by_api]
CITIZEN = [by_operation, by_api, on_page]

# verb, how, the status before, when, where it leads, and the ways in.
VERBS = [
    ("approve", {}, Status.PENDING, NOW, Status.CONFIRMED, STAFF),
    ("deny", {"reason": "Full"}, Status.PENDING, NOW, Status.DENIED, STAFF),
    ("check_in", {}, Status.CONFIRMED, NINE, Status.CHECKED_IN, STAFF),
    ("start", {}, Status.CHECKED_IN, NINE, Status.IN_PROGRESS, STAFF),
    ("complete", {}, Status.IN_PROGRESS, NINE, Status.COMPLETED, STAFF),
    ("mark_no_show", {}, Status.CONFIRMED, NINE, Status.NO_SHOW, STAFF),
    ("undo", {}, Status.CHECKED_IN, NINE, Status.CONFIRMED, STAFF),
    (
        "postpone",
        {"starts_at": TEN_TEXT, "reason": "Ill"},
        *(Status.CONFIRMED, NOW, Status.CONFIRMED, MOVES),
    ),
    (
        "reassign",
        {"host": True, "reason": "Ill"},
        *(Status.CONFIRMED, NOW, Status.CONFIRMED, MOVES),
    ),
    ("cancel", {"reason": "Ill"}, Status.CONFIRMED, NOW, Status.CANCELLED, CITIZEN),
    (
        "reschedule",
        {"starts_at": TEN_TEXT},
        *(Status.CONFIRMED, NOW, Status.CONFIRMED, [*CITIZEN, by_patch]),
    ),
]
every_verb = pytest.mark.parametrize(
    ("verb", "how", "before", "at", "after", "ways"),
    [pytest.param(*line, id=line[0]) for line in VERBS],
)


def results(ways, verb, how, before, at):
    told, left = [], []
    for way in ways:
        with world(before, at) as here:
            told.append(way(here, verb, **how))
            left.append(outcome(here))
    return told, left


@every_verb
def test_every_way_in_does_the_same(verb, how, before, at, after, ways):
    if verb in ("reschedule", "postpone"):  # else it could be any of the hosts
        ways = [one_counter(way) for way in ways]

    told, left = results(ways, verb, how, before, at)

    assert told == [None] * len(ways)
    assert left[0]["rows"][0][0] == after
    assert len(left[0]["history"]) == 2
    assert left == left[:1] * len(ways)


def one_counter(way):
    def alone(here, verb, **how):
        type(here.second).objects.filter(pk=here.second.pk).update(is_active=False)
        return way(here, verb, **how)

    return alone


@every_verb
def test_every_way_in_refuses_alike(verb, how, before, at, after, ways):
    """What is denied is over: nothing can be done with it."""
    told, left = results(ways, verb, how, Status.DENIED, at)

    assert told[0]
    assert all(told[0] in sentence for sentence in told)
    assert len(left[0]["history"]) == 1
    assert left == left[:1] * len(ways)


def test_staff_cancel_alike_by_api_and_in_admin():
    def by_api_as_staff(here, verb, **how):
        client = APIClient()
        client.force_authenticate(here.manager)
        url = f"/api/v1/appointments/{here.appointment.pk}"
        return client.delete(url, query_params=how).json().get("detail")

    told, left = results(
        [by_api_as_staff, in_admin], "cancel", {"reason": "Ill"}, Status.CONFIRMED, NOW
    )

    assert told == [None, None]
    assert left[0]["history"][-1][:4] == (
        EventKind.CANCELLED,
        "staff",
        "manager",
        "Ill",
    )
    assert left[0] == left[1]


# --- booking ---


def book_by_operation(here):
    citizen = Citizen(name="Ada Example", email="ada@example.org", language="en")
    operations.book(
        *(here.offered, NINE),
        citizen=citizen,
        by=citizen,
        channel=Channel.WEB,
        purpose=ANSWERS["purpose"],
    )


def book_on_page(here):
    client = Client()
    confirm(client, hold_nine(client, here.offered))


def book_by_api(here):
    client = APIClient()
    choice = {
        "office": here.offered.office_id,
        "service": here.offered.service_id,
        "starts_at": NINE.isoformat(),
    }
    hold = client.post("/api/v1/appointments/holds", choice).json()["id"]
    citizen = {name: ANSWERS[name] for name in ("name", "email", "phone")}
    body = {**choice, "hold": hold, "purpose": ANSWERS["purpose"], "citizen": citizen}
    client.post("/api/v1/appointments", body)


def test_every_way_in_books_alike():
    left = []
    for way in (book_by_operation, book_on_page, book_by_api):
        with world() as here:
            here.hosts.remove(here.second)
            here.second.is_active = False
            here.second.save()
            way(here)
            left.append(outcome(here))

    assert left[0]["rows"][0][:2] == (Status.CONFIRMED, NINE)
    assert left[0]["claimed"]
    assert left == left[:1] * 3


def test_walk_ins_are_taken_alike():
    def by_operation(here):
        operations.walk_in(here.offered, citizen=Citizen(name="Ada"), by=here.manager)

    def by_api(here):
        client = APIClient()
        client.force_authenticate(here.manager)
        about = {"office": here.offered.office_id, "service": here.offered.service_id}
        client.post(
            "/api/v1/appointments/walk-in", {**about, "citizen": {"name": "Ada"}}
        )

    left = []
    for way in (by_operation, by_api):
        with world(at=NINE) as here:
            way(here)
            left.append({**outcome(here), "at": None, "claimed": None})

    assert left[0]["rows"][0][0] == Status.CHECKED_IN
    assert left[0] == left[1]


def test_no_operation_is_forgotten():
    compared = {verb for verb, *_ in VERBS} | {"book", "walk_in"}
    no_verbs_of_their_own = {
        "book_once",  # is book, sent twice
        "change",  # is reschedule, and words; see by_patch
        "grant_at",  # is approve and postpone in one
        "own_citizen",
        "offered_of",
        "check_cancellable",
        "check_movable",
        "check_in_at_door",  # is check_in, by whoever is at the door
        "close_out",  # for staff's own page alone
        "mark_missed",  # is mark_no_show, by an office's rule
        "make_tablet_key",
        "revoke_tablet_key",
    }

    assert compared | no_verbs_of_their_own == set(operations.__all__)
