"""Is it alive, and is it ready? Asked by the supervisor, load balancers and people."""

import time

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django_redis.exceptions import ConnectionInterrupted
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from config.celery import app as celery_app


def alive(request):
    return JsonResponse({"status": "alive"})


@never_cache
def ready(request):
    """Answer 503 without the database; without Redis we are slower, but we work."""
    needed = [_timed("database", _database), _timed("migrations", _migrations)]
    helpful = [_timed("redis", _redis), _timed("broker", _broker)]
    if not all(check["ok"] for check in needed):
        status, code = "unavailable", 503
    elif not all(check["ok"] for check in helpful):
        status, code = "degraded", 200
    else:
        status, code = "ready", 200
    answer = {"status": status}
    if _may_see_details(request, database_works=needed[0]["ok"]):
        answer["checks"] = needed + helpful
    return JsonResponse(answer, status=code)


def _timed(name, check):
    start = time.perf_counter()
    try:
        problem = check()
    except (DatabaseError, RedisError, ConnectionInterrupted, OperationalError) as e:
        problem = str(e) or type(e).__name__
    milliseconds = round((time.perf_counter() - start) * 1000, 1)
    return {"name": name, "ok": not problem, "ms": milliseconds, "problem": problem}


def _database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations():
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} not applied" if missing else None


def _redis():
    cache.client.get_client().ping()


def _broker():
    with celery_app.connection_for_write() as broker:
        broker.default_channel.client.ping()


def _may_see_details(request, *, database_works):
    if settings.ENVIRONMENT == "local":
        return True
    return database_works and request.user.is_staff
