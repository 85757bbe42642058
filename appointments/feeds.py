"""Calendar feeds: a secret address that a calendar reads an office's diary from.

The address is a signed key, so that who can read the database cannot make one; the
row that has the key is what makes it good. Operations, and what the address shows.
"""

import hashlib
import uuid
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.urls import reverse
from django.utils import translation

from appointments.calendar import feed_file
from appointments.models import CalendarFeed
from appointments.permissions import can_revoke
from offices.permissions import may, require
from offices.roles import Permission

SALT = "appointments.feed"
DAYS_BACK, DAYS_AHEAD = 7, 60


def add(office, *, by, host=None):
    """Make a feed for `by`, of an office or one of its hosts.

    Raises PermissionDenied unless `by` may see its appointments; ValidationError.
    """
    require(by, Permission.VIEW_APPOINTMENTS, office)
    feed = CalendarFeed(user=by, office=office, host=host)
    feed.full_clean()
    feed.save()
    return feed


def revoke(feed, *, by):
    """End it for ever. Raises PermissionDenied."""
    if not can_revoke(by, feed):
        raise PermissionDenied
    feed.delete()


def url_for(feed):
    """The secret address, for its own user alone."""
    token = signing.Signer(salt=SALT).sign(feed.key.hex)
    return settings.FRONTEND_HOST + reverse("appointments:feed", args=[token])


def webcal_url_for(feed):
    """The same, for calendar programs to subscribe to by a click."""
    _scheme, _colon, rest = url_for(feed).partition(":")
    return f"webcal:{rest}"


def feed_for(token):
    """The feed that a token opens; None if it is not, or no longer, good."""
    try:
        key = uuid.UUID(hex=signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    feeds = CalendarFeed.objects.select_related("office", "host", "user")
    feed = feeds.filter(key=key).first()
    if feed is None or not may(feed.user, Permission.VIEW_APPOINTMENTS, feed.office):
        return None
    return feed


def etag(feed):
    """Changes with the appointments, and each day. Cheap to ask for.

    Whatever comes in or changes is newer than all there was; what goes is one fewer.
    """
    seen = _appointments(feed).aggregate(many=Count("pk"), last=Max("updated_at"))
    told = [feed.office.today(), str(feed), _language(feed), seen["many"], seen["last"]]
    return f'"{hashlib.sha256(repr(told).encode()).hexdigest()[:32]}"'


def content(feed):
    """The calendar as bytes: a week back and two months ahead.

    In the language of whose feed it is, else in the office's.
    """
    with translation.override(_language(feed)):
        rows = _appointments(feed).select_related("service", "host")
        return feed_file(str(feed), rows)


def _language(feed):
    return feed.user.language or feed.office.language


def _appointments(feed):
    today = feed.office.today()
    days = (today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD))
    of = {"host": feed.host_id} if feed.host_id else {"office": feed.office_id}
    return feed.office.appointments.taking_time().filter(day__range=days, **of)
