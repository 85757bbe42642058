"""What becomes of messages after a provider has taken them, and whom not to write to.

Providers tell it late, twice, or out of order: the first receipt that says a message
did not arrive is kept, whatever is told after it.
"""

import structlog
from django.db import transaction
from django.utils import timezone

from notifications import permissions
from notifications.exceptions import AlreadyLifted
from notifications.models import Block, Message
from notifications.states import Cause, Channel, Receipt
from offices.permissions import require_any

logger = structlog.get_logger(__name__)

# Receipts after which nothing is sent to the address any more.
BLOCKS = {Receipt.BOUNCED: Cause.BOUNCED, Receipt.COMPLAINED: Cause.COMPLAINED}


@transaction.atomic
def record(channel, provider_id, receipt, *, detail="", for_good=False, cause=None):
    """Keep what a provider tells of a message; returns how many messages it was of.

    `for_good` says that nothing will ever arrive at its address: it is blocked, for
    `cause` if that is another than the receipt has.
    """
    if not provider_id:
        return 0
    messages = Message.objects.filter(channel=channel, provider_id=provider_id)
    untold = messages.filter(receipt__in=["", Receipt.DELIVERED])
    found = list(untold.select_for_update().order_by("pk"))
    for message in found:
        message.receipt = receipt
        message.receipt_at = timezone.now()
        message.receipt_detail = detail
        message.save(update_fields=["receipt", "receipt_at", "receipt_detail"])
        if for_good and receipt in BLOCKS:
            because = cause or BLOCKS[receipt]
            block(channel, message.recipient, because, detail=detail)
    if found:
        logger.info("message_receipt", receipt=str(receipt), messages=len(found))
    return len(found)


@transaction.atomic
def block(channel, address, cause, *, detail=""):
    """Send nothing to an address any more. Safe to repeat."""
    blocked, _is_new = Block.objects.get_or_create(
        channel=channel,
        address=address.lower(),
        lifted_at=None,
        defaults={"cause": cause, "detail": detail},
    )
    return blocked


@transaction.atomic
def unstop(address):
    """Lift what STOP has blocked: the number's owner has answered START."""
    stopped = Block.objects.of(Channel.SMS, address).filter(cause=Cause.STOPPED)
    return stopped.update(lifted_at=timezone.now())


@transaction.atomic
def lift(blocked, *, by):
    """Send to an address again. Raises PermissionDenied, AlreadyLifted."""
    require_any(by, permissions.LIFT, permissions.offices_of(blocked))
    blocked = Block.objects.select_for_update().get(pk=blocked.pk)
    if blocked.lifted_at:
        raise AlreadyLifted
    blocked.lifted_at, blocked.lifted_by = timezone.now(), by
    blocked.save(update_fields=["lifted_at", "lifted_by"])
    return blocked
