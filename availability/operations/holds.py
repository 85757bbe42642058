"""Times that are kept for somebody."""

import uuid

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from availability import claims, queries, slots
from availability.exceptions import HostRefused, TooManyHolds
from availability.models import Hold
from config import metrics
from offices.permissions import may, require
from offices.roles import Permission


@transaction.atomic
def hold(offered, starts_at, *, holder, crowd="", quantity=1, host=None, by=None):
    """Keep a time for `holder` until the office's hold time has passed.

    `offered` is an OfficeService, `starts_at` aware, `holder` the opaque name of
    a browser or API client, `crowd` how the names of all begin who share its address,
    if that is known. `host` is one host or None for any. `by` is a user who
    books for citizens, if it is one: staff are not bound to what is public.

    Raises NotOffered, SlotPast, SlotTooFar, SlotClosed, SlotTaken, HostRefused,
    QuantityRefused, TooManyHolds.
    """
    slot = slots.slot_at(offered, starts_at, quantity)
    staff = by is not None and may(by, Permission.BOOK_APPOINTMENTS, offered.office)
    check_bookable(offered, slot, staff=staff)
    _check_cap(holder, crowd)
    now = timezone.now()
    held = Hold.objects.create(
        id=uuid.uuid4(),
        host_id=claims.claim(hosts_for(offered, host), slot),
        service_id=offered.service_id,
        quantity=quantity,
        day=slot.day,
        quarters=slot.quarters,
        starts_at=slot.starts_at,
        busy_until=slot.busy_until,
        holder=holder,
        expires_at=now + offered.office.hold_time,
    )
    metrics.HOLDS.labels("staff" if staff else "citizen").inc()
    return held


def _check_cap(holder, crowd):
    """Raise TooManyHolds for a client that keeps as many times as one may.

    A program without cookies is a new client each time, so all of one address may
    keep only so many as well. Holds of one client, or one address, take turns, so
    that many at once cannot pass.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [crowd or holder]
        )
    live = Hold.objects.live()
    if live.filter(holder=holder).count() >= settings.HOLDS_PER_CLIENT:
        raise TooManyHolds
    if not crowd or not settings.RATELIMIT_ENABLE:
        return
    if live.filter(holder__startswith=crowd).count() >= settings.HOLDS_PER_ADDRESS:
        raise TooManyHolds


def check_bookable(offered, slot, *, staff=False, override=False):
    """Raise the refusal that the office's policy has for a time, if any.

    Staff who book for citizens are not bound to what is public; with `override`
    neither to lead time nor horizon. Nobody books the past.
    """
    now = timezone.now()
    if not staff:
        slots.check_offered(offered)
    if override:
        slots.check_not_over(slot, now)
    else:
        slots.check_window(offered.office, slot, now)


def hosts_for(offered, host=None):
    """The hosts to claim from, by id. Raises HostRefused for one that cannot serve."""
    found = queries.serving(offered, host)
    if host is not None and not found:
        raise HostRefused
    return found


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


@transaction.atomic
def release(*, holder, hold=None):
    """Give back what `holder` keeps: one hold (its id), or all of them."""
    claims.release(holder, hold)


@transaction.atomic
def release_as_staff(hold, *, by):
    """Give back a time that somebody else keeps. Raises PermissionDenied."""
    require(by, Permission.BOOK_APPOINTMENTS, hold.host.office)
    release(holder=hold.holder, hold=hold.pk)


@transaction.atomic
def sweep_holds():
    """Give back the time of expired holds; returns how many host days changed."""
    return claims.sweep()
