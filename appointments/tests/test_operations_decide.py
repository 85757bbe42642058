from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from appointments import operations
from appointments.exceptions import ReasonNeeded
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.states import EventKind, Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.history import history, last_line, listening
from availability.models import HostDay
from offices.roles import Role
from offices.tests.factories import MembershipFactory

NOW = datetime(2030, 3, 4, 7, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def request_(clock):
    """A request that waits for approval."""
    citizen = CitizenFactory()
    request = AppointmentFactory(
        offered__office__approval_required=True, citizen=citizen, by=citizen
    )
    clock.shift(timedelta(minutes=1))
    return request


@pytest.fixture
def host_(request_):
    """Who hosts may decide too."""
    return MembershipFactory(office=request_.office, role=Role.HOST).user


def test_a_request_is_approved(request_, host_):
    before = Appointment.objects.values().get()

    with listening() as heard:
        approved = operations.approve(request_, by=host_)

    assert Appointment.objects.values().get() == {
        **before,
        "status": Status.CONFIRMED,
        "updated_at": NOW + timedelta(minutes=1),
    }
    assert history(approved) == [
        (EventKind.REQUESTED, "citizen", None, ""),
        (EventKind.APPROVED, "staff", host_.pk, ""),
    ]
    assert heard == [(EventKind.APPROVED, Status.CONFIRMED)]
    assert broken() == {}


def test_a_request_is_denied_with_a_reason_and_its_time_is_free(request_, host_):
    with listening() as heard:
        denied = operations.deny(request_, by=host_, reason="Bring the form first")

    assert (denied.status, denied.sequence) == (Status.DENIED, 1)
    assert last_line(denied) == (
        EventKind.DENIED,
        "staff",
        host_.pk,
        "Bring the form first",
    )
    assert heard == [(EventKind.DENIED, Status.DENIED)]
    assert not HostDay.objects.exclude(claimed=0).exists()


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_nobody_is_denied_without_a_reason(request_, host_, reason):
    with pytest.raises(ReasonNeeded):
        operations.deny(request_, by=host_, reason=reason)

    assert Appointment.objects.get().status == Status.PENDING
    assert broken() == {}
