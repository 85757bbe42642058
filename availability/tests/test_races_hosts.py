"""Two who assign one person to an office at the same time."""

from functools import partial

import pytest
from django.db import transaction

from accounts.tests.factories import UserFactory
from availability.assignments import assign_host
from availability.tests.races import at_once, start_and_wait
from offices.tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def assign():
    office, user = OfficeFactory(booking_horizon_days=1), UserFactory()
    return lambda name: assign_host(office, name=name, user=user, by=None).pk


def test_of_many_who_assign_somebody_all_mean_one_host(assign):
    hosts = at_once(*[partial(assign, f"Room {n}") for n in range(4)])

    assert len(set(hosts)) == 1


def test_who_assigns_somebody_waits_for_who_does_so_already(assign):
    with transaction.atomic():
        first = assign("Room 1")
        second = start_and_wait(partial(assign, "Room 2"))

    assert second.result() == first
