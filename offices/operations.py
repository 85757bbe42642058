"""Everything that gives or takes away a role at an office.

`by` is the person who acts, or None when the system does. What a role may do
(offices.roles) is granted to one group per office and role, and to nobody else.
"""

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm

from offices.exceptions import AlreadyMember, LastManager, MembershipEnded
from offices.models import Membership, Office
from offices.permissions import require
from offices.roles import PERMISSIONS, Permission, Role


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
        current.filter(is_primary=True).update(is_primary=False)
    membership = Membership.objects.create(
        user=user, office=office, role=role, position=position, is_primary=is_primary
    )
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
    membership.save(update_fields=["ended_at"])
    _revoke(membership)
    return membership


def group_of(office, role):
    """The group that holds what a role may at an office; made when first needed."""
    group, created = Group.objects.get_or_create(name=f"office {office.pk}: {role}")
    if created:
        for permission in sorted(PERMISSIONS[Role(role)]):
            assign_perm(f"offices.{permission}", group, office)
    return group


def _lock(office):
    """Let one change of an office's people happen at a time."""
    Office.objects.select_for_update(no_key=True).get(pk=office.pk)


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
