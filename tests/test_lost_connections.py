"""The database is lost after each statement of a request in turn: 503, never 500.

And the same request does what it should when it is sent again.
"""

import itertools
import os
import socket
import uuid
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.pages import (
    NINE,
    NOW,
    confirm,
    hold_nine,
    times_path,
    town_hall,
)
from offices.roles import Role
from offices.tests.factories import MembershipFactory

pytestmark = pytest.mark.faults


class Loss:
    """Cuts the connection of this thread when so many statements were answered."""

    def __init__(self, after):
        self.after, self.answered, self.happened = after, 0, False

    def __call__(self, execute, sql, params, many, context):
        if self.after == 0:
            self.cut()
        answer = execute(sql, params, many, context)
        self.answered += 1
        if self.answered == self.after:
            self.cut()
        return answer

    def cut(self):
        """As seen from here, the server is killed."""
        if not self.happened:
            self.happened = True
            number = os.dup(connection.connection.fileno())
            with socket.socket(fileno=number) as wire:
                wire.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(transactional_db, clock):
    return town_hall()


@pytest.fixture(params=["lasting", "pooled"])
def kept(request, offered):
    """How connections are kept: as by a worker, and as by a web process."""
    if request.param == "lasting":
        yield
        return
    one = connections["default"]
    pooled = one.copy()
    pooled.settings_dict["CONN_MAX_AGE"] = 0
    pooled.settings_dict["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 2}
    connections["default"] = pooled
    yield
    pooled.close()
    pooled.close_pool()
    connections["default"] = one


def send_until_nothing_is_lost(send):
    """The statuses of the answers; the last is that of a request that lost nothing."""
    statuses, happened = [], True
    for after in itertools.count():
        if not happened:
            break
        cache.clear()  # nothing is known from before
        loss = Loss(after)
        with connection.execute_wrapper(loss):
            statuses.append(send().status_code)
        connection.close()
        happened = loss.happened
    return statuses


def browser():
    return Client(raise_request_exception=False)


def sent(path, body):
    """A request of a program, the same each time it is sent."""
    program = APIClient(raise_request_exception=False)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    return partial(program.post, f"/api/v1/appointments{path}", body, headers=key)


def test_choosing_a_time_and_booking_it_on_the_pages(kept, offered):
    person = browser()
    choose = partial(person.post, times_path(offered), {"starts_at": NINE})

    *lost, done = send_until_nothing_is_lost(choose)

    assert len(lost) > 5
    assert (set(lost), done) == ({503}, 303)

    address = hold_nine(person, offered)
    *lost, done = send_until_nothing_is_lost(partial(confirm, person, address))

    assert len(lost) > 10
    assert (set(lost), done) == ({503}, 303)
    assert Appointment.objects.count() == 1


def test_holding_and_booking_by_api(kept, offered):
    choice = {
        "office": offered.office_id,
        "service": offered.service_id,
        "starts_at": NINE,
    }
    hold = sent("/holds", choice)

    *lost, done = send_until_nothing_is_lost(hold)

    assert len(lost) > 10
    assert (set(lost), done) == ({503}, 201)

    held, who = hold().json()["id"], {"name": "Ada", "email": "ada@example.org"}
    book = sent("", {**choice, "citizen": who, "hold": held})
    *lost, done = send_until_nothing_is_lost(book)

    assert len(lost) > 15
    assert (set(lost), done) == ({503}, 201)
    assert Appointment.objects.count() == 1

    late = sent("", {**choice, "citizen": who})
    *lost, done = send_until_nothing_is_lost(late)

    assert len(lost) > 10
    assert (set(lost), done) == ({503}, 409)


def test_checking_in_at_the_desk(kept, offered, clock):
    """Of a clerk whose session is noted, and so written, in this hour."""
    visit = AppointmentFactory(offered=offered)
    clock.move_to(visit.starts_at - timedelta(minutes=65))
    clerk = browser()
    user = MembershipFactory(office=offered.office, role=Role.RECEPTION).user
    clerk.force_login(user)
    clock.move_to(visit.starts_at - timedelta(minutes=5))
    address = reverse("admin:desk-step", args=[visit.pk, "check-in"])

    *lost, done = send_until_nothing_is_lost(partial(clerk.post, address))

    assert len(lost) > 10
    assert set(lost) <= {303, 503}
    assert done == 303
    visit.refresh_from_db()
    assert visit.status == Status.CHECKED_IN
