import pytest
from django.core.exceptions import PermissionDenied

from accounts.tests.factories import AdminFactory, UserFactory
from offices import operations
from offices.exceptions import AlreadyMember, LastManager, MembershipEnded
from offices.models import Membership
from offices.permissions import may
from offices.roles import Permission, Role
from offices.tests.factories import MembershipFactory, OfficeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def manager(office):
    return MembershipFactory(office=office, role=Role.MANAGER).user


def reloaded(user):
    """The user as another request sees it: permissions are cached on the object."""
    return type(user).objects.get(pk=user.pk)


def test_add_member_gives_what_the_role_may(office, manager):
    user = UserFactory()

    membership = operations.add_member(
        user, office, Role.SECRETARY, by=manager, position="Front office"
    )

    user = reloaded(user)
    assert (membership.role, membership.position) == ("secretary", "Front office")
    assert list(Membership.objects.current().filter(user=user)) == [membership]
    assert may(user, Permission.MANAGE_HOURS, office)
    assert user.is_staff


def test_add_member_refuses_a_role_that_the_person_has(office, manager):
    membership = MembershipFactory(office=office)

    with pytest.raises(AlreadyMember):
        operations.add_member(membership.user, office, membership.role, by=manager)


def test_one_person_can_have_two_roles_at_an_office(office, manager):
    operations.add_member(manager, office, Role.HOST, by=manager)

    roles = manager.memberships.current().values_list("role", flat=True)
    assert set(roles) == {"manager", "host"}


def test_a_new_primary_contact_replaces_the_old(office, manager):
    old = MembershipFactory(office=office, is_primary=True)

    new = operations.add_member(
        UserFactory(), office, Role.HOST, by=manager, is_primary=True
    )

    old.refresh_from_db()
    assert (old.is_primary, new.is_primary) == (False, True)


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HOST, Role.RECEPTION])
def test_only_managers_give_and_take_roles(office, role):
    membership = MembershipFactory(office=office, role=role)

    with pytest.raises(PermissionDenied):
        operations.add_member(UserFactory(), office, Role.HOST, by=membership.user)
    with pytest.raises(PermissionDenied):
        operations.end_membership(membership, by=membership.user)


def test_a_manager_of_another_office_gives_and_takes_nothing(office):
    stranger = MembershipFactory(role=Role.MANAGER).user
    membership = MembershipFactory(office=office)

    with pytest.raises(PermissionDenied):
        operations.add_member(stranger, office, Role.MANAGER, by=stranger)
    with pytest.raises(PermissionDenied):
        operations.end_membership(membership, by=stranger)


def test_end_membership_takes_away_what_the_role_may(office, manager):
    membership = MembershipFactory(office=office, role=Role.RECEPTION)

    ended = operations.end_membership(membership, by=manager)

    user = reloaded(membership.user)
    assert ended.ended_at is not None
    assert not may(user, Permission.VIEW_APPOINTMENTS, office)
    assert not user.is_staff


def test_ending_one_membership_leaves_the_others(office, manager):
    user = UserFactory()
    ended = operations.add_member(user, office, Role.SECRETARY, by=manager)
    operations.add_member(user, office, Role.RECEPTION, by=manager)

    operations.end_membership(ended, by=manager)

    user = reloaded(user)
    assert may(user, Permission.RUN_DESK, office)
    assert not may(user, Permission.MANAGE_HOURS, office)
    assert user.is_staff


def test_end_membership_refuses_one_that_has_ended(office, manager):
    membership = MembershipFactory(office=office)
    operations.end_membership(membership, by=manager)

    with pytest.raises(MembershipEnded):
        operations.end_membership(membership, by=manager)


def test_a_role_that_has_ended_can_be_given_again(office, manager):
    membership = MembershipFactory(office=office)
    operations.end_membership(membership, by=manager)

    operations.add_member(membership.user, office, membership.role, by=manager)

    assert may(reloaded(membership.user), Permission.RUN_DESK, office)


def test_an_office_keeps_its_last_manager(office, manager):
    membership = manager.memberships.get()

    with pytest.raises(LastManager):
        operations.end_membership(membership, by=manager)
    with pytest.raises(LastManager):
        operations.end_membership(membership, by=AdminFactory())


def test_a_manager_can_leave_when_there_is_another(office, manager):
    MembershipFactory(office=office, role=Role.MANAGER)

    operations.end_membership(manager.memberships.get(), by=manager)

    assert not may(reloaded(manager), Permission.MANAGE_MEMBERS, office)


def test_the_system_can_end_even_the_last_manager(office, manager):
    operations.end_membership(manager.memberships.get(), by=None)

    assert not reloaded(manager).is_staff


def test_an_admin_stays_staff_without_membership(office):
    admin = AdminFactory()
    membership = operations.add_member(admin, office, Role.HOST, by=None)

    operations.end_membership(membership, by=None)

    assert reloaded(admin).is_staff
