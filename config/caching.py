"""The cache: Redis, which may be away or slow; that costs speed, never correctness.

A call that Redis does not answer costs its time-out. So that a page pays that once and
not with each of its calls, a process that was not answered leaves Redis alone for a
moment, and does without: what is not in the cache is worked out.
"""

from django_redis.cache import RedisCache
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from config import metrics
from config.circuit import Circuit

AWAY = object()

# What is kept, by how its keys begin; of others it is not told what they are.
KINDS = {
    "django.contrib.sessions": "sessions",
    "rl:": "rate_limits",
    "heartbeat:": "heartbeats",
    "provider:": "providers",
    "catalogue:": "catalogue",
    "free_times:": "free_times",
    "most-booked": "most_booked",
}

circuit = Circuit("redis")


class PatientRedis(Redis):
    """Asks nothing of a Redis that has just not answered."""

    def execute_command(self, *args, **options):
        if not circuit.may_try():
            raise RedisConnectionError("Left alone for a moment, as it did not answer.")
        try:
            answer = super().execute_command(*args, **options)
        except (RedisConnectionError, RedisTimeoutError) as error:
            circuit.failed(error)
            raise
        circuit.works()
        return answer


class Cache(RedisCache):
    """Counts what is found in it, and what not."""

    def get(self, key, default=None, version=None, client=None):
        found = super().get(key, AWAY, version, client)
        if found is not AWAY:
            _count(key, "hit")
            return found
        _count(key, "away" if circuit.is_open else "miss")
        return default

    def get_many(self, keys, *args, **kwargs):
        keys = list(keys)
        found = super().get_many(keys, *args, **kwargs)
        absent = "away" if circuit.is_open else "miss"
        for key in keys:
            _count(key, "hit" if key in found else absent)
        return found


class Pool(ConnectionPool):
    """Tries once more if the connection was closed, and never after a time-out."""

    def __init__(self, **options):
        retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        super().__init__(**{**options, "retry": retry})


def _count(key, outcome):
    name = str(key)
    kind = next((kind for start, kind in KINDS.items() if name.startswith(start)), "")
    metrics.CACHE.labels(kind or "other", outcome).inc()
