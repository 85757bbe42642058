"""Sparing a provider: no more than it takes a second, and pauses while it is down.

Counts are kept in Redis, so that all workers share them. Without Redis nothing is
spared, and nothing is lost: a message that is put off stays queued.
"""

from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

# So many failures in a row, of a provider and not of a message, are an outage; each
# further one doubles the pause.
FAILURES = 3
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
REMEMBERED = timedelta(hours=1)


def pause(channel):
    """How long to put a message of a channel off; no time at all when it can go."""
    until = cache.get(_outage(channel))
    if until is not None and until > timezone.now():
        return until - timezone.now()
    most = settings.MESSAGES_PER_SECOND.get(channel)
    if most and _count(f"second:{channel}:{int(timezone.now().timestamp())}") > most:
        return timedelta(seconds=1)
    return timedelta(0)


def failed(channel):
    """Say that a provider took nothing; returns how long it is spared now."""
    failures = _count(_failures(channel))
    if failures < FAILURES:
        return timedelta(0)
    spared = min(FIRST_PAUSE * 2 ** min(failures - FAILURES, 10), LONGEST_PAUSE)
    cache.set(_outage(channel), timezone.now() + spared, spared.total_seconds())
    return spared


def works(channel):
    """Say that a provider took a message."""
    cache.delete_many([_failures(channel), _outage(channel)])


def outages():
    """{channel: until when it is spared} of the providers that are down."""
    keys = {_outage(channel): channel for channel in settings.MESSAGES_PER_SECOND}
    found = cache.get_many(keys) or {}
    return {keys[key]: until for key, until in found.items()}


def _count(key):
    """Count one more; 0 when Redis is away."""
    cache.add(key, 0, REMEMBERED.total_seconds())
    try:
        return cache.incr(key) or 0
    except ValueError:  # it went away, or expired, in between
        return 0


def _failures(channel):
    return f"provider:{channel}:failures"


def _outage(channel):
    return f"provider:{channel}:outage"
