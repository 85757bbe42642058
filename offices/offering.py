"""What is offered, by whom: operations, like those of .operations."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from offices.history import recorded
from offices.permissions import require
from offices.roles import Permission
from offices.signals import service_ending


@transaction.atomic
def save_service(service, *, by):
    """Write a new or changed service of the catalogue; admins alone may.

    Raises PermissionDenied, ValidationError.
    """
    _require_admin(by)
    service.full_clean()
    with recorded(service, by=by):
        service.save()


@transaction.atomic
def delete_service(service, *, by):
    """Take a service that nothing depends on out of the catalogue.

    Raises PermissionDenied, ProtectedError.
    """
    _require_admin(by)
    with recorded(service, by=by):
        service.delete()


@transaction.atomic
def offer(offered, *, by):
    """Write that an office offers a service, or how it differs there.

    Raises PermissionDenied, ValidationError.
    """
    require(by, Permission.MANAGE_OFFICE, offered.office)
    offered.full_clean()
    with recorded(offered, by=by):
        offered.save()


@transaction.atomic
def withdraw(offered, *, by):
    """Have an office no longer offer a service.

    Raises PermissionDenied, and StillBooked while appointments for it are to come:
    they could not be moved any more.
    """
    require(by, Permission.MANAGE_OFFICE, offered.office)
    service_ending.send(sender=type(offered), offered=offered)
    with recorded(offered, by=by):
        offered.delete()


def _require_admin(by):
    if by is not None and not by.is_superuser:
        raise PermissionDenied
