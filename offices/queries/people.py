"""Whose account an address is, for who sees that person anyway."""

from django.db.models import Q

from accounts.models import User


def colleague(office, email, *, by):
    """The member or host of the office, or who else is visible to `by`; else None.

    For who manages the office: nobody learns by asking who else has an account.
    """
    here = Q(pk__in=office.memberships.current().values("user"))
    here |= Q(pk__in=office.hosts.values("user"))
    visible = Q(pk__in=User.objects.visible_to(by).values("pk"))
    people = User.objects.active().people()
    return people.filter(here | visible, email=email).first()
