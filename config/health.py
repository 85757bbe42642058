"""Is it alive, and is it ready? Asked by the supervisor, load balancers and people.

Each app registers what it knows how to check (`register`, from AppConfig.ready()).
A check is one function that returns None when all is well, else a sentence; or a
Finding, if it measured something. It must be cheap at any size, and no check waits
longer for the database than MOST_MILLISECONDS. That it cannot be reached at all is
found out once: the others are not tried then.
"""

import time
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import JsonResponse
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django_redis.exceptions import ConnectionInterrupted
from kombu.exceptions import OperationalError
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from config import disks, heartbeats
from config.celery import app as celery_app
from config.metrics.served import has_token

MOST_MILLISECONDS = 1000
CONNECT_SECONDS = 2  # the least that libpq knows
AWAY = (DatabaseError, PoolTimeout, RedisError, ConnectionInterrupted, OperationalError)


@dataclass(frozen=True)
class Finding:
    """What a check found: `problem` is a sentence, or empty; `value` in its unit."""

    problem: str = ""
    value: float | None = None


@dataclass(frozen=True)
class Check:
    name: str
    function: object
    is_needed: bool = False  # without it, nobody can be served
    after: str = ""  # without that one there is nothing to ask


# Of accounts: asks (request) whether somebody signed in has yet to prove who they are.
hold_up = []

_checks = {}


def register(name, function, *, is_needed=False, after="database"):
    _checks[name] = Check(name, function, is_needed, after)


def alive(request):
    return JsonResponse({"status": "alive"})


@never_cache
def ready(request):
    """Answer 503 when nobody can be served; "degraded" when something is amiss."""
    told = ask_all()
    if not all(each["ok"] for each in told if _checks[each["name"]].is_needed):
        status, code = "unavailable", 503
    elif not all(each["ok"] for each in told):
        status, code = "degraded", 200
    else:
        status, code = "ready", 200
    answer = {"status": status}
    if _may_see_details(request, database_works=told[0]["ok"]):
        answer["checks"] = told
    return JsonResponse(answer, status=code)


def ask_all():
    """What each check says: [{name, ok, ms, problem, value}], the needed ones first."""
    told = {}
    for check in sorted(_checks.values(), key=lambda check: not check.is_needed):
        told[check.name] = _ask(check, told)
    return list(told.values())


def _ask(check, told):
    start = time.perf_counter()
    if check.after and not told[check.after]["ok"]:
        found = Finding(f"Not known: {check.after} is amiss.")
    else:
        found = _found(check)
        is_lost = check.after == "database" and connection.connection is None
        if found.problem and is_lost:  # since it was asked
            told["database"] |= {"ok": False, "problem": found.problem}
    return {
        "name": check.name,
        "ok": not found.problem,
        "ms": round((time.perf_counter() - start) * 1000, 1),
        "problem": found.problem or None,
        "value": found.value,
    }


def _found(check):
    try:
        found = check.function()
    except AWAY as error:
        # The first line: what follows it may be a row.
        first, *_rest = str(error).splitlines() or [""]
        return Finding(first or type(error).__name__)
    return found if isinstance(found, Finding) else Finding(found or "")


def in_time(function):
    """Have a check's queries give up after MOST_MILLISECONDS."""

    def bounded():
        _reach()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, true)",
                    [str(MOST_MILLISECONDS)],
                )
            return function()

    return bounded


def _reach():
    """Raise soon where the database cannot be reached; pages have more patience."""
    pool = connection.pool
    if connection.connection is not None:
        return
    with connection.wrap_database_errors:
        if pool is not None:
            pool.open()
            pool.putconn(pool.getconn(MOST_MILLISECONDS / 1000))
        else:
            parameters = connection.get_connection_params()
            parameters["connect_timeout"] = CONNECT_SECONDS
            connection.Database.connect(**parameters).close()


def _database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


class _Code:
    """What this code wants of the database; read from the disk once."""

    @cached_property
    def migrations(self):
        loader = MigrationLoader(None, ignore_no_migrations=True)
        return set(loader.graph.nodes)


_code = _Code()


def missing_migrations():
    """(app, name) of each that is not applied."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(_code.migrations - set(applied))


def _migrations():
    missing = missing_migrations()
    if missing:
        return Finding(f"{len(missing)} not applied.", len(missing))
    return None


def _redis():
    cache.client.get_client().ping()


def _broker():
    with celery_app.connection_for_write() as broker:
        broker.default_channel.client.ping()


def _rate_limits():
    """They fail open: while Redis is away, nobody is counted."""
    return None if settings.RATELIMIT_ENABLE else "Switched off by RATE_LIMIT_ENABLED."


def _disks():
    """How many MB the fullest disk has left, and what is the matter with any."""
    return Finding(
        " ".join([*disks.nearly_full(), *disks.full_of_late()]),
        min(disk.free for disk in disks.disks()) // disks.MB,
    )


def _heartbeat(name):
    age = heartbeats.age(name)
    if age is None:
        return f"No sign of {name} yet."
    late = age > heartbeats.LATE
    return Finding(f"No sign of {name} for {age:.0f} s." if late else "", round(age, 1))


def _may_see_details(request, *, database_works):
    """Operators alone: what is amiss is nobody else's business."""
    if settings.ENVIRONMENT == "local":
        return True
    if has_token(request.headers.get("Authorization", "")):
        return True
    if not (database_works and request.user.is_active and request.user.is_superuser):
        return False
    return not any(is_held_up(request) for is_held_up in hold_up)


register("database", in_time(_database), is_needed=True, after="")
register("migrations", in_time(_migrations), is_needed=True)
register("redis", _redis, after="")
register("broker", _broker, after="redis")
register("rate_limits", _rate_limits, after="redis")
register("disk", _disks, after="")
for name in heartbeats.NAMES:
    register(f"{name}_heartbeat", partial(_heartbeat, name), after="redis")
