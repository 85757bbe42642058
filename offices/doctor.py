"""Who may what: grants against memberships."""

import re

from django.contrib.auth.models import Group
from guardian.models import GroupObjectPermission, UserObjectPermission

from accounts.models import User
from config.doctor import check
from offices import operations
from offices.models import Membership, Office
from offices.roles import PERMISSIONS, Role

ON_OFFICES = {"content_type__app_label": "offices", "content_type__model": "office"}


@check("Each person is in the groups of the roles held now, and in no other.")
def memberships():
    return sorted(
        f"user {user} {'is not' if is_due else 'is'} in the group “{group}”"
        for (user, group), is_due in operations.misgranted().items()
    )


@memberships.mends
def regrant():
    operations.regrant()


@check("Each group of a role holds what the role may at its own office, no more.")
def roles():
    offices = set(Office.objects.values_list("pk", flat=True))
    held = {}
    grants = GroupObjectPermission.objects.filter(**ON_OFFICES)
    for group, office, name in grants.values_list(
        "group", "object_pk", "permission__codename"
    ):
        held.setdefault(group, set()).add((int(office), name))
    return [
        f"the group “{group}” holds other permissions than its role"
        for group in Group.objects.filter(name__regex=operations.GROUP).order_by("pk")
        if held.get(group.pk, set()) != _due(group, offices)
    ]


def _due(group, offices):
    number, role = re.match(operations.GROUP, group.name).groups()
    known = int(number) in offices and role in Role.values
    return {(int(number), str(name)) for name in PERMISSIONS[Role(role)] if known}


@roles.mends
def sync_roles():
    operations.sync_roles()


@check("Nobody holds a permission on an office but by a role there, or as an API key.")
def other_grants():
    people = UserObjectPermission.objects.filter(
        **ON_OFFICES, user__in=User.objects.people()
    )
    groups = GroupObjectPermission.objects.filter(**ON_OFFICES).exclude(
        group__name__regex=operations.GROUP
    )
    return [
        f"{who} {pk} holds {permission} on office {office}"
        for who, rows in (("user", people), ("group", groups))
        for pk, permission, office in rows.order_by("pk").values_list(
            who, "permission__codename", "object_pk"
        )
    ]


@check("Who works at an office may enter the staff pages.")
def staff():
    working = Membership.objects.current().values("user")
    shut_out = User.objects.filter(pk__in=working, is_staff=False).order_by("pk")
    return [f"user {user.pk}" for user in shut_out]


@staff.mends
def let_in():
    working = Membership.objects.current().values("user")
    User.objects.filter(pk__in=working, is_staff=False).update(is_staff=True)
