"""Booking, taking in and calling have the same result, whichever way in."""

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from appointments import operations
from appointments.models import Appointment, Citizen
from appointments.states import Channel, EventKind, Status
from appointments.tests.channels import NINE, outcome, world
from appointments.tests.pages import ANSWERS, confirm, hold_nine

pytestmark = pytest.mark.django_db

API = "/api/v1"


def ada():
    return Citizen(name="Ada Example", email="ada@example.org", language="en")


def as_manager(here, client):
    sign_in = getattr(client, "force_authenticate", client.force_login)
    sign_in(here.manager)
    return client


def choice(here):
    return {"office": here.offered.office_id, "service": here.offered.service_id}


# --- a citizen books ---


def book_by_operation(here):
    citizen = ada()
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


def book_by_api(here, client=None):
    client = client or APIClient()
    when = {**choice(here), "starts_at": NINE.isoformat()}
    hold = client.post(f"{API}/appointments/holds", when).json()["id"]
    citizen = {name: ANSWERS[name] for name in ("name", "email", "phone")}
    body = {**when, "hold": hold, "purpose": ANSWERS["purpose"], "citizen": citizen}
    client.post(f"{API}/appointments", body)


# --- staff book for somebody ---


def staff_book_by_operation(here):
    operations.book(
        *(here.offered, NINE),
        citizen=ada(),
        by=here.manager,
        channel=Channel.STAFF,
        purpose=ANSWERS["purpose"],
    )


def staff_book_by_api(here):
    book_by_api(here, as_manager(here, APIClient()))


def staff_book_in_admin(here):
    client = as_manager(here, Client())
    wanted = {"office": here.offered.office.slug, "service": here.offered.service_id}
    page = reverse("admin:book", query=wanted)
    details = client.post(page, {"starts_at": NINE.isoformat()}).url
    names = ("name", "email", "phone", "purpose")
    client.post(details, {"language": "en", **{name: ANSWERS[name] for name in names}})


@pytest.mark.parametrize(
    ("ways", "who"),
    [
        ([book_by_operation, book_on_page, book_by_api], "citizen"),
        ([staff_book_by_operation, staff_book_by_api, staff_book_in_admin], "staff"),
    ],
    ids=["citizen", "staff"],
)
def test_every_way_in_books_alike(ways, who):
    left = []
    for way in ways:
        with world() as here:
            here.hosts.remove(here.second)
            here.second.is_active = False
            here.second.save()
            way(here)
            left.append(outcome(here))

    assert left[0]["rows"][0][:2] == (Status.CONFIRMED, NINE)
    assert left[0]["history"][0][:2] == (EventKind.BOOKED, who)
    assert left[0]["claimed"]
    assert left == left[:1] * 3


# --- walk-ins ---


def walk_in_by_operation(here):
    operations.walk_in(here.offered, citizen=Citizen(name="Ada"), by=here.manager)


def walk_in_by_api(here):
    body = {**choice(here), "citizen": {"name": "Ada"}}
    as_manager(here, APIClient()).post(f"{API}/appointments/walk-in", body)


def walk_in_at_desk(here):
    page = reverse("admin:desk-walk-in")
    body = {"service": here.offered.pk, "name": "Ada"}
    as_manager(here, Client()).post(page, body)


def test_walk_ins_are_taken_alike():
    left = []
    for way in (walk_in_by_operation, walk_in_by_api, walk_in_at_desk):
        with world(at=NINE) as here:
            way(here)
            left.append({**outcome(here), "at": None, "claimed": None})

    assert left[0]["rows"][0][0] == Status.CHECKED_IN
    assert left == left[:1] * 3


# --- who is next ---


def next_by_operation(here):
    operations.call_next(here.second, by=here.manager)


def next_by_api(here):
    page = f"{API}/offices/{here.offered.office_id}/call-next"
    as_manager(here, APIClient()).post(page, {"host": here.second.pk})


def next_at_desk(here):
    body = {"host": here.second.pk}
    as_manager(here, Client()).post(reverse("admin:desk-next"), body)


def test_who_is_next_is_called_alike():
    left, called = [], []
    for way in (next_by_operation, next_by_api, next_at_desk):
        with world(at=NINE) as here:
            operations.walk_in(here.offered, citizen=Citizen(name="Ada"), by=None)
            way(here)
            left.append({**outcome(here), "at": None, "claimed": None})
            called += [Appointment.objects.get(called_to=here.second).ticket]

    assert left[0]["history"][-1][:2] == (EventKind.CALLED, "staff")
    assert left == left[:1] * 3
    assert called == [1] * 3
