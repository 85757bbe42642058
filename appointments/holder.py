"""The browser as a holder of times, known by a signed cookie and no session.

A browser keeps one time at once: choosing another gives the first one back.
"""

import re
import secrets
import uuid
from datetime import timedelta

from django.conf import settings
from django.utils.crypto import salted_hmac

from availability import operations
from availability.exceptions import SlotTaken
from availability.models import Hold
from config.addresses import network_of

COOKIE = "holder"
SALT = "appointments.holder"
LIFETIME = timedelta(hours=4)
NAME = re.compile("(web:[0-9a-f]{16}:)[0-9a-f]{32}")


def name_of(request):
    """The holder that this browser is; a new one that nobody can guess if none yet."""
    kept = request.get_signed_cookie(COOKIE, "", salt=SALT, max_age=LIFETIME)
    return kept or f"web:{_place_of(request)}:{secrets.token_hex(16)}"


def _place_of(request):
    """What the names of all browsers at one address have in common, told to nobody."""
    address = network_of(request.META.get("REMOTE_ADDR", ""))
    return salted_hmac(SALT, address, algorithm="sha256").hexdigest()[:16]


def _crowd_of(name):
    """How the names begin of all browsers first seen at the same address."""
    found = NAME.fullmatch(name)
    return found[1] if found else ""  # staff, or named by an earlier version


def remember(response, name):
    response.set_signed_cookie(
        COOKIE,
        name,
        salt=SALT,
        max_age=LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def keep(offered, starts_at, *, holder, quantity, host, by=None):
    """Hold a time instead of whatever this browser held. Raises what `hold` raises.

    The second of two quick clicks is given what the first one held.
    """
    operations.release(holder=holder)
    try:
        return operations.hold(
            offered,
            starts_at,
            holder=holder,
            crowd=_crowd_of(holder),
            quantity=quantity,
            host=host,
            by=by,
        )
    except SlotTaken:
        own = Hold.objects.live().filter(
            holder=holder,
            host__office=offered.office_id,
            service=offered.service_id,
            starts_at=starts_at,
            quantity=quantity,
        )
        if found := own.first():
            return found
        raise


def held(hold, starts_at, *, holder):
    """The hold of this id, while it lasts and keeps that time for `holder`; or None."""
    kept = Hold.objects.live().filter(pk=hold, holder=holder, starts_at=starts_at)
    return kept.first() if hold else None


def booking_key(*parts):
    """An id for the booking that a form stands for: sent twice, it is the same.

    Made with our secret, and of the holder's name, so that no one can make the key
    of anybody else's booking.
    """
    digest = salted_hmac(
        "appointments.booking", "\n".join(map(str, parts)), algorithm="sha256"
    ).digest()
    return uuid.UUID(bytes=digest[:16], version=4)
