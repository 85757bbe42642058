"""What each role may do at its office, and nowhere else."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from guardian.models import GroupObjectPermission, UserObjectPermission
from guardian.shortcuts import assign_perm, get_objects_for_user, remove_perm

from accounts.tests.factories import AdminFactory, UserFactory
from offices import operations
from offices.permissions import may
from offices.querysets import offices_of
from offices.roles import Permission, Role
from offices.tests.factories import MembershipFactory, OfficeFactory

pytestmark = pytest.mark.django_db

MUST_NOT = {
    Role.MANAGER: set(),
    Role.SECRETARY: {
        "override_rules",
        "manage_office",
        "manage_members",
        "view_statistics",
        "export_data",
    },
    Role.HOST: {
        "book_appointments",
        "override_rules",
        "manage_hours",
        "manage_office",
        "manage_members",
        "view_statistics",
        "export_data",
    },
    Role.RECEPTION: {
        "decide_requests",
        "override_rules",
        "manage_hours",
        "manage_office",
        "manage_members",
        "view_statistics",
        "export_data",
    },
}


def held(user, office):
    return {permission for permission in Permission if may(user, permission, office)}


@pytest.mark.parametrize("role", Role)
def test_a_role_may_all_but_what_it_must_not(role):
    membership = MembershipFactory(role=role)

    may_not = set(Permission) - held(membership.user, membership.office)

    assert may_not == MUST_NOT[role]


@pytest.mark.parametrize("role", Role)
def test_a_role_may_nothing_at_another_office(role):
    member = MembershipFactory(role=role).user

    assert held(member, OfficeFactory()) == set()


def test_permissions_are_held_by_one_group_per_office_and_role():
    office = OfficeFactory()

    for user in UserFactory.create_batch(2):
        operations.add_member(user, office, Role.HOST, by=None)

    group = Group.objects.get()
    held_by_group = GroupObjectPermission.objects.filter(group=group)
    assert group.name == f"office {office.pk}: host"
    assert group.user_set.count() == 2
    assert set(held_by_group.values_list("permission__codename", flat=True)) == {
        "view_appointments",
        "decide_requests",
        "run_desk",
    }
    assert not UserObjectPermission.objects.exists()


def test_members_hold_no_model_permissions():
    member = MembershipFactory(role=Role.MANAGER).user

    assert member.get_all_permissions() == set()


def test_admins_may_everything_and_the_system_too():
    office = OfficeFactory()

    assert held(AdminFactory(), office) == set(Permission)
    assert held(None, office) == set(Permission)


def test_who_is_no_longer_active_may_nothing():
    membership = MembershipFactory(role=Role.MANAGER)
    membership.user.is_active = False
    membership.user.save()

    assert held(membership.user, membership.office) == set()


# --- after an upgrade ---


def test_groups_follow_the_roles_of_a_new_release():
    member = MembershipFactory(role=Role.SECRETARY)
    group = operations.group_of(member.office, Role.SECRETARY)
    remove_perm("offices.manage_hours", group, member.office)
    assign_perm("offices.manage_members", group, member.office)

    changed = [operations.sync_roles(), operations.sync_roles()]

    user = type(member.user).objects.get(pk=member.user.pk)
    assert changed == [2, 0]
    assert set(Permission) - held(user, member.office) == MUST_NOT[Role.SECRETARY]


def test_groups_that_are_not_ours_are_left_alone():
    office = OfficeFactory()
    foreign = [
        Group.objects.create(name=name)
        for name in ("office 0: manager", f"office {office.pk}: janitor", "Choir")
    ]
    for group in foreign:
        assign_perm("offices.run_desk", group, office)

    assert operations.sync_roles() == 0
    assert GroupObjectPermission.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_migrating_brings_the_groups_up_to_date():
    member = MembershipFactory(role=Role.MANAGER)
    group = operations.group_of(member.office, Role.MANAGER)
    remove_perm("offices.export_data", group, member.office)

    call_command("migrate", verbosity=0)

    user = type(member.user).objects.get(pk=member.user.pk)
    assert held(user, member.office) == set(Permission)


def test_the_offices_where_one_may_are_those_that_guardian_finds():
    member = MembershipFactory(role=Role.SECRETARY)
    MembershipFactory(user=member.user, role=Role.MANAGER)
    MembershipFactory(role=Role.MANAGER)
    program = UserFactory()
    assign_perm("offices.view_appointments", program, member.office)
    citizen = UserFactory()
    assign_perm("offices.change_service", citizen)
    people = [member.user, program, citizen, AdminFactory()]

    for user in people:
        for permission in Permission:
            by_guardian = get_objects_for_user(
                user, f"offices.{permission}", accept_global_perms=False
            )
            assert list(offices_of(user, permission)) == list(by_guardian)
    counts = [offices_of(user, Permission.VIEW_APPOINTMENTS).count() for user in people]
    assert counts == [2, 1, 0, 3]
