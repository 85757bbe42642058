"""Calling by API; who may is in tests/api_matrix.txt."""

import pytest
import time_machine

from appointments import operations
from appointments.models import Citizen
from appointments.tests.channels import NINE
from availability.tests.factories import OpenHostFactory
from config.models import IdempotencyKey
from offices.roles import Role
from offices.tests.callers import API, caller, errors, told
from offices.tests.factories import HostFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NINE, tick=False):
        yield


@pytest.fixture
def hosts(clock):
    offered = OfficeServiceFactory(office__booking_horizon_days=1)
    return OpenHostFactory.create_batch(2, office=offered.office)


@pytest.fixture
def office(hosts):
    return hosts[0].office


@pytest.fixture
def waiting(office):
    """Somebody at the door, with ticket 1."""
    offered = office.offered.select_related("office", "service").get()
    return operations.walk_in(offered, citizen=Citizen(name="Ada"), by=None)


@pytest.fixture
def desk(office):
    return caller(Role.RECEPTION, office)


def call_next(client, host, **headers):
    page = f"{API}/offices/{host.office_id}/call-next"
    return client.post(page, {"host": host.pk}, headers=headers)


def call(client, appointment, body=None):
    return client.post(f"{API}/appointments/{appointment.pk}/call", body)


def test_who_is_next_is_told_with_ticket_and_host(desk, hosts, waiting):
    response = call_next(desk, hosts[1])

    answer = response.json()
    assert response.status_code == 200
    assert (answer["id"], answer["ticket"]) == (str(waiting.pk), 1)
    assert answer["called_to"] == hosts[1].pk
    assert answer["called_at"] == "2030-03-13T09:00:00+01:00"


def test_one_person_is_called_by_one_host(desk, hosts, waiting):
    first = call(desk, waiting, {"host": hosts[1].pk})
    again = call(desk, waiting)
    another = call(desk, waiting, {"host": hosts[0].pk})
    nobody = call_next(desk, hosts[0])

    assert (first.status_code, again.status_code) == (200, 200)
    assert told(another) == (409, "already_called")
    assert told(nobody) == (409, "nobody_waits")


def test_a_host_of_another_office_calls_nobody(desk, office, waiting):
    elsewhere = HostFactory()
    page = f"{API}/offices/{office.pk}/call-next"

    refused = [
        told(desk.post(page, {"host": elsewhere.pk})),
        told(call(desk, waiting, {"host": elsewhere.pk})),
        told(call(desk, waiting, {"host": 10**9})),
        errors(desk.post(page, {})),
    ]

    assert refused == [(409, "host_refused")] * 3 + [(400, ["host"])]


def test_a_repeated_call_is_one_and_keeps_no_link(desk, hosts, waiting):
    first = call_next(desk, hosts[0], **{"Idempotency-Key": "one"})
    again = call_next(desk, hosts[0], **{"Idempotency-Key": "one"})

    assert first.json() == again.json()
    assert "/appointments/" in first.json()["manage_url"]
    assert first.json()["manage_url"] not in IdempotencyKey.objects.get().body
