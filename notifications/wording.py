"""An office's own words for its messages: operations, like those of .operations."""

import structlog
from django.db import transaction
from django.utils import timezone

from notifications.models import MessageTemplate
from offices.history import recorded
from offices.permissions import require
from offices.roles import Permission

logger = structlog.get_logger(__name__)


@transaction.atomic
def save(template, *, by):
    """Make or change them. Raises PermissionDenied, ValidationError."""
    require(by, Permission.MANAGE_OFFICE, template.office)
    template.full_clean()
    template.broken_since, template.broken_because = None, ""
    with recorded(template, by=by):
        template.save()
    return template


@transaction.atomic
def delete(template, *, by):
    """Have the message say what it says at every office. Raises PermissionDenied."""
    require(by, Permission.MANAGE_OFFICE, template.office)
    with recorded(template, by=by):
        template.delete()


def mark_broken(template, why):
    """Keep that a message went out in the standard words, since these do not work.

    Staff are told until the words are saved again or deleted. The system's doing.
    """
    rows = MessageTemplate.objects.filter(pk=template.pk, broken_since=None)
    rows.update(broken_since=timezone.now(), broken_because=why)
    logger.warning("message_template_broken", pk=template.pk)
