"""Whether beat and the workers of each queue do anything.

Every half minute beat starts a small task in each queue; who runs it writes down the
time, and beat when it has started it. It is kept in Redis: without that there is no
queue to work on either.
"""

import time

from django.core.cache import cache

TASK = "config.tasks.beat_heart"
EVERY = 30  # seconds
LATE = 120  # seconds: four were missed
KEPT = 24 * 3600

QUEUES = {"celery": "worker", "webhooks": "webhooks"}  # and who works on it
NAMES = ["beat", *QUEUES.values()]


def schedule():
    """What beat is to start: {name: entry}."""
    return {
        f"heartbeat-{name}": {
            "task": TASK,
            "schedule": EVERY,
            "args": [name],
            "options": {"queue": queue, "expires": EVERY},
        }
        for queue, name in QUEUES.items()
    }


def beat(name):
    """Say that `name` is at work now."""
    cache.set(_key(name), time.time(), KEPT)


def age(name):
    """Seconds since `name` was last seen at work; None for never."""
    at = cache.get(_key(name))
    return None if at is None else time.time() - at


def _key(name):
    return f"heartbeat:{name}"
