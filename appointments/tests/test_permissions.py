"""Who may do what to an appointment, asked of the operations themselves."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.tests.factories import AdminFactory, UserFactory
from appointments import operations
from appointments.models import Appointment, Citizen
from appointments.states import Channel
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from availability.tests.factories import OpenHostFactory
from config.exceptions import DomainError
from offices.operations import end_membership
from offices.roles import Role
from offices.tests.factories import MembershipFactory

NOW = datetime(2030, 3, 4, 7, tzinfo=UTC)
TEN = datetime(2030, 3, 5, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db

OWN = {"cancel", "reschedule"}
BOOKING = OWN | {"book", "postpone", "reassign"}
DECIDING = {"approve", "deny"}
DESK = {
    "call",
    "call_next",
    "check_in",
    "complete",
    "mark_no_show",
    "start",
    "undo",
    "walk_in",
}
BEYOND = {"book beyond", "reschedule beyond", "postpone beyond"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def appointment():
    """That of a citizen with an account, at an office with two counters."""
    appointment = AppointmentFactory(citizen=CitizenFactory(user=UserFactory()))
    OpenHostFactory(office=appointment.office)
    return appointment


def attempts(appointment, by):
    """Every operation, as `by` would try it."""
    offered = appointment.office.offered.get()
    other = appointment.office.hosts.exclude(pk=appointment.host_id).get()

    def book(**kwargs):
        citizen = Citizen(name="Ada", email="ada@example.org")
        operations.book(
            offered, TEN, citizen=citizen, by=by, channel=Channel.WEB, **kwargs
        )

    def reschedule(**kwargs):
        operations.reschedule(appointment, TEN, by=by, **kwargs)

    def postpone(**kwargs):
        operations.postpone(appointment, TEN, by=by, **kwargs)

    return {
        "book": book,
        "book beyond": lambda: book(override="Fair"),
        "reschedule": reschedule,
        "reschedule beyond": lambda: reschedule(override="Fair"),
        "postpone": postpone,
        "postpone beyond": lambda: postpone(override="Fair"),
        "reassign": lambda: operations.reassign(appointment, other, by=by),
        "cancel": lambda: operations.cancel(appointment, by=by),
        "approve": lambda: operations.approve(appointment, by=by),
        "deny": lambda: operations.deny(appointment, by=by, reason="No"),
        "check_in": lambda: operations.check_in(appointment, by=by),
        "call": lambda: operations.call(appointment, by=by),
        "call_next": lambda: operations.call_next(appointment.host, by=by),
        "start": lambda: operations.start(appointment, by=by),
        "complete": lambda: operations.complete(appointment, by=by),
        "mark_no_show": lambda: operations.mark_no_show(appointment, by=by),
        "undo": lambda: operations.undo(appointment, by=by),
        "walk_in": lambda: operations.walk_in(
            offered, citizen=Citizen(name="Ada"), by=by
        ),
    }


def allowed(appointment, by):
    """What is not refused for who one is; it may be for other reasons."""
    found = set()
    for name, attempt in attempts(appointment, by).items():
        try:
            with transaction.atomic():
                attempt()
                transaction.set_rollback(True)
        except PermissionDenied:
            continue
        except DomainError:
            pass
        found.add(name)
    return found


ROLES = {
    Role.MANAGER: BOOKING | DECIDING | DESK | BEYOND,
    Role.SECRETARY: BOOKING | DECIDING | DESK,
    Role.RECEPTION: BOOKING | DESK,
    Role.HOST: DECIDING | DESK,
}


@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_its_part_at_its_office_alone(appointment, role):
    here = MembershipFactory(office=appointment.office, role=role).user
    elsewhere = MembershipFactory(role=role).user

    assert allowed(appointment, here) == ROLES[role]
    assert allowed(appointment, elsewhere) == set()


def test_who_has_left_may_nothing(appointment):
    membership = MembershipFactory(office=appointment.office, role=Role.SECRETARY)

    end_membership(membership, by=None)

    former = type(membership.user).objects.get(pk=membership.user_id)
    assert allowed(appointment, former) == set()


def test_who_is_not_active_may_nothing(appointment):
    admin = AdminFactory(is_active=False)
    member = MembershipFactory(office=appointment.office, role=Role.MANAGER).user
    member.is_active = False
    member.save()

    assert allowed(appointment, admin) == set()
    assert allowed(appointment, member) == set()


@pytest.mark.parametrize("make_by", [lambda: None, AdminFactory])
def test_the_system_and_its_admin_may_everything(appointment, make_by):
    assert allowed(appointment, make_by()) == BOOKING | DECIDING | DESK | BEYOND


def test_a_citizen_may_move_and_cancel_what_is_his(appointment):
    assert allowed(appointment, appointment.citizen) == OWN
    assert allowed(appointment, appointment.citizen.user) == OWN


@pytest.mark.parametrize(
    "make_by",
    [
        CitizenFactory,
        UserFactory,
        AnonymousUser,
        lambda: Citizen(name="Ada"),
        lambda: CitizenFactory(user=UserFactory()).user,
    ],
)
def test_somebody_else_may_nothing(appointment, make_by):
    assert allowed(appointment, make_by()) == set()


def test_a_refusal_leaves_everything_as_it_was(appointment):
    before = Appointment.objects.values().get()

    allowed(appointment, UserFactory())

    assert Appointment.objects.values().get() == before
    assert appointment.events.count() == 1


def test_a_guest_and_an_account_of_the_same_name_are_two(appointment):
    """The same address gives no right to what belongs to it."""
    impostor = CitizenFactory(
        name=appointment.citizen.name, email=appointment.citizen.email
    )

    assert allowed(appointment, impostor) == set()


def test_until_when_is_not_a_question_of_permission(appointment, clock):
    clock.shift(timedelta(days=30))

    assert allowed(appointment, appointment.citizen) == OWN
