"""Everything that gives or takes away a role at an office.

`by` is the person who acts, or None when the system does. What a role may do
(offices.roles) is granted to one group per office and role, and to nobody else.
"""

import re
from collections import defaultdict

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from guardian.models import GroupObjectPermission, UserObjectPermission
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import User
from offices.exceptions import AlreadyMember, LastManager, MembershipEnded
from offices.history import recorded
from offices.models import Membership, Office
from offices.permissions import require
from offices.roles import PERMISSIONS, Permission, Role

GROUP = r"^office (\d+): (\w+)$"  # the name of the group of an office and role


@transaction.atomic
def add_member(user, office, role, *, by, position="", is_primary=False):
    """Give `user` a role at an office, and with it what the role may.

    Raises AlreadyMember for a role the person has there now.
    """
    require(by, Permission.MANAGE_MEMBERS, office)
    _lock(office)
    current = office.memberships.current()
    if current.filter(user=user, role=role).exists():
        raise AlreadyMember
    if is_primary:
        _step_back(current, by=by)
    membership = Membership(
        user=user, office=office, role=role, position=position, is_primary=is_primary
    )
    with recorded(membership, by=by):
        membership.save()
    _grant(user, office, role)
    return membership


@transaction.atomic
def end_membership(membership, *, by):
    """Take a role away from today on. Raises MembershipEnded, LastManager."""
    require(by, Permission.MANAGE_MEMBERS, membership.office)
    _lock(membership.office)
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.ended_at:
        raise MembershipEnded
    managers = membership.office.memberships.current().managing()
    if membership.role == Role.MANAGER and managers.count() == 1 and by is not None:
        raise LastManager
    membership.ended_at = timezone.now()
    with recorded(membership, by=by):
        membership.save(update_fields=["ended_at"])
    _revoke(membership)
    return membership


@transaction.atomic
def change_membership(membership, *, by, role=None, position=None, is_primary=None):
    """Change what is said of a member; None leaves a thing as it is.

    Another role is a membership of its own, which begins as this one ends. Returns
    the one that holds now. Raises MembershipEnded, AlreadyMember, LastManager.
    """
    office = membership.office
    require(by, Permission.MANAGE_MEMBERS, office)
    _lock(office)
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.ended_at:
        raise MembershipEnded
    told = {
        "position": membership.position if position is None else position,
        "is_primary": membership.is_primary if is_primary is None else is_primary,
    }
    if role not in (None, membership.role):
        changed = add_member(membership.user, office, role, by=by, **told)
        end_membership(membership, by=by)
        return changed
    if told["is_primary"]:
        _step_back(office.memberships.current().exclude(pk=membership.pk), by=by)
    membership.position, membership.is_primary = told.values()
    with recorded(membership, by=by):
        membership.save(update_fields=list(told))
    return membership


@transaction.atomic
def end_memberships(user, office, *, by, role=None):
    """Take away all roles that `user` has at an office, or one. Returns how many.

    Raises LastManager.
    """
    require(by, Permission.MANAGE_MEMBERS, office)
    held = office.memberships.current().filter(user=user)
    if role is not None:
        held = held.filter(role=role)
    return len([end_membership(membership, by=by) for membership in held])


@transaction.atomic
def dissolve(office):
    """Take away all that anybody may at an office which is about to be deleted."""
    held = list(office.memberships.current().select_related("user"))
    office.memberships.all().delete()
    for membership in held:
        _revoke(membership)
    Group.objects.filter(name__startswith=f"office {office.pk}: ").delete()
    UserObjectPermission.objects.filter(
        content_type__app_label="offices",
        content_type__model="office",
        object_pk=str(office.pk),
    ).delete()


@transaction.atomic
def sync_roles():
    """Have the groups that there are hold what their roles may now; again: nothing.

    After an upgrade that changed offices.roles (see OfficesConfig). A group of an
    office that is gone is left alone. Returns how many grants it gave or took away.
    """
    offices = set(Office.objects.values_list("pk", flat=True))
    held, changed = _held(), 0
    for group in Group.objects.filter(name__regex=GROUP).order_by("pk"):
        number, role = re.match(GROUP, group.name).groups()
        if int(number) in offices and role in Role.values:
            office, due = Office(pk=int(number)), set(PERMISSIONS[Role(role)])
            for permission in sorted(due - held[group.pk]):
                assign_perm(f"offices.{permission}", group, office)
            for permission in sorted(held[group.pk] - due):
                remove_perm(f"offices.{permission}", group, office)
            changed += len(due ^ held[group.pk])
    return changed


def misgranted():
    """Where a person's groups differ from the roles held now: {(user, group): due}."""
    due = {
        (member.user_id, _name(member.office_id, member.role))
        for member in Membership.objects.current()
    }
    groups = Group.objects.filter(name__regex=GROUP, user__isnull=False)
    held = set(groups.values_list("user", "name"))
    return {pair: pair in due for pair in due ^ held}


@transaction.atomic
def regrant():
    """Have people be in the groups of the roles they hold now, and in no others.

    To repair what nobody should have changed by hand. Locks the offices, as every
    change of a membership does.
    """
    list(Office.objects.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    for (user, name), is_due in misgranted().items():
        user = User.objects.get(pk=user)
        if is_due:
            number, role = re.match(GROUP, name).groups()
            _grant(user, Office(pk=int(number)), role)
        else:
            user.groups.remove(Group.objects.get(name=name))


def _held():
    """What each group holds on offices: {group: {permissions}}."""
    held = defaultdict(set)
    on_offices = GroupObjectPermission.objects.filter(
        content_type__app_label="offices", content_type__model="office"
    )
    for group, permission in on_offices.values_list("group", "permission__codename"):
        held[group].add(permission)
    return held


def group_of(office, role):
    """The group that holds what a role may at an office; made when first needed."""
    group, created = Group.objects.get_or_create(name=_name(office.pk, role))
    if created:
        for permission in sorted(PERMISSIONS[Role(role)]):
            assign_perm(f"offices.{permission}", group, office)
    return group


def _name(office, role):
    return f"office {office}: {role}"


def _lock(office):
    """Let one change of an office's people happen at a time."""
    Office.objects.select_for_update(no_key=True).get(pk=office.pk)


def _step_back(members, *, by):
    """Have nobody of these be the office's primary contact."""
    for member in members.filter(is_primary=True):
        member.is_primary = False
        with recorded(member, by=by):
            member.save(update_fields=["is_primary"])


def _grant(user, office, role):
    user.groups.add(group_of(office, role))
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])


def _revoke(membership):
    user = membership.user
    user.groups.remove(group_of(membership.office, membership.role))
    if not user.is_superuser and not user.memberships.current().exists():
        user.is_staff = False
        user.save(update_fields=["is_staff"])
