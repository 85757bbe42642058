"""Which host serves where: the verbs that assign a host to an office.

A host is at one office for good, with its history there. A person who goes to
another office is another host there.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from availability.exceptions import CounterStays
from availability.locks import lock_office
from availability.operations import save_host
from offices.history import recorded
from offices.models import Host
from offices.operations import end_membership
from offices.permissions import require
from offices.roles import Permission


@transaction.atomic
def assign_host(office, *, name, user=None, services=None, by):
    """Have a person, or without `user` a counter, serve at an office; returns the host.

    A person who has served there before does so again, under this name. `services`
    are those it can serve; an empty list: all that the office offers. Raises
    ValidationError as save_host does, and for a service that is not offered there.
    """
    require(by, Permission.MANAGE_OFFICE, office)
    lock_office(office)
    known = office.hosts.filter(user=user).first() if user else None
    host = known or Host(office=office, user=user)
    return change_host(host, by=by, name=name, is_active=True, services=services)


@transaction.atomic
def change_host(host, *, by, name=None, is_active=None, services=None):
    """Change what is said of a host; None leaves a thing as it is."""
    require(by, Permission.MANAGE_OFFICE, host.office)
    host.name = host.name if name is None else name
    host.is_active = host.is_active if is_active is None else is_active
    save_host(host, by=by)
    if services is not None:
        _check_offered(host.office, services)
        with recorded(host, by=by):
            host.services.set(services)
    return host


@transaction.atomic
def place_host(host, office, *, by, name=None, services=None):
    """Have a host serve at an office, its own or another; returns the host there.

    The person behind a host goes to another office; the old host stays, inactive,
    with what is booked there. Raises CounterStays for one that is no person.
    """
    if office.pk == host.office_id:
        return change_host(host, by=by, name=name, is_active=True, services=services)
    if host.user_id is None:
        raise CounterStays
    require(by, Permission.MANAGE_OFFICE, office)
    unassign_host(host, by=by)
    return assign_host(
        office, name=name or host.name, user=host.user, services=services, by=by
    )


@transaction.atomic
def unassign_host(host, *, by):
    """Have a host offer nothing from now on; what is booked there stays."""
    return change_host(host, by=by, is_active=False)


@transaction.atomic
def end_with_host(membership, *, by):
    """End a membership; the host that the person is there offers nothing any more.

    What is booked stays. Raises what end_membership does, and PermissionDenied.
    """
    end_membership(membership, by=by)
    for host in membership.office.hosts.active().filter(user=membership.user):
        unassign_host(host, by=by)


def _check_offered(office, services):
    wanted = {service.pk for service in services}
    offered = office.offered.filter(service__in=wanted).values_list("service")
    if len(wanted) != len(set(offered)):
        raise ValidationError(
            {"services": _("The office does not offer all of these services.")}
        )
