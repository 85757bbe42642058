"""Two who change an office's people at the same time."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from availability.tests.races import at_once, start_and_wait
from offices import operations
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def pair(office):
    return [MembershipFactory(office=office, role=Role.MANAGER) for _ in range(2)]


def end(membership, by):
    try:
        operations.end_membership(membership, by=by.user)
    except PermissionDenied:
        return "denied"
    return "ended"


def managers(office):
    return list(office.memberships.current().managing())


def test_of_two_managers_who_end_each_other_one_stays(office, pair):
    first, second = pair

    outcomes = at_once(partial(end, first, second), partial(end, second, first))

    assert outcomes.count("ended") == 1
    assert set(outcomes) <= {"ended", "denied", "last_manager"}
    assert len(managers(office)) == 1


def test_who_ends_a_manager_waits_for_who_does_so_already(office, pair):
    first, second = pair
    with transaction.atomic():
        end(second, first)
        outcome = start_and_wait(partial(end, first, second))

    assert outcome.result() == "last_manager"
    assert managers(office) == [first]
