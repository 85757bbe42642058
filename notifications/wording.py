"""An office's own words for its messages: operations, like those of .operations."""

from django.db import transaction

from offices.history import recorded
from offices.permissions import require
from offices.roles import Permission


@transaction.atomic
def save(template, *, by):
    """Make or change them. Raises PermissionDenied, ValidationError."""
    require(by, Permission.MANAGE_OFFICE, template.office)
    template.full_clean()
    with recorded(template, by=by):
        template.save()
    return template


@transaction.atomic
def delete(template, *, by):
    """Have the message say what it says at every office. Raises PermissionDenied."""
    require(by, Permission.MANAGE_OFFICE, template.office)
    with recorded(template, by=by):
        template.delete()
