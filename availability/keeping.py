"""Keeping many times at once, for somebody who decides about many appointments."""

import uuid

from django.db import transaction

from availability import claims
from availability.models import Hold


@transaction.atomic
def keep_all(wanted, *, holder, until):
    """Hold many times for `holder` until an aware instant.

    `wanted` are (host id, slot, service id, quantity), the first come first served,
    also outside the hours. Returns {(host id, start)} of what nobody had taken.
    """
    taken = set(claims.claim_all([(host, slot) for host, slot, *_about in wanted]))
    holds = []
    for host, slot, service, quantity in wanted:
        if (host, slot) in taken:
            taken.remove((host, slot))
            holds.append(_hold(host, slot, service, quantity, holder, until))
    Hold.objects.bulk_create(holds)
    return {(hold.host_id, hold.starts_at) for hold in holds}


def _hold(host, slot, service, quantity, holder, until):
    return Hold(
        id=uuid.uuid4(),
        host_id=host,
        service_id=service,
        quantity=quantity,
        day=slot.day,
        quarters=slot.quarters,
        starts_at=slot.starts_at,
        busy_until=slot.busy_until,
        holder=holder,
        expires_at=until,
    )
