"""How long each route takes, and how long of that the database."""

import time

from django.conf import settings
from django.db import connection

from config import metrics

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
POOL_SECONDS = 1  # how often a process looks at its pool


class Database:
    """Counts the queries of a request, and the seconds they take."""

    def __init__(self):
        self.queries = 0
        self.seconds = 0.0

    def __call__(self, execute, sql, params, many, context):
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - start
            self.queries += 1


class MetricsMiddleware:
    """The first of all, so that what the others take is counted too."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.pool_seen = 0.0

    def __call__(self, request):
        database, start = Database(), time.perf_counter()
        with connection.execute_wrapper(database):
            response = self.get_response(request)
        seconds, route = time.perf_counter() - start, route_of(request)
        method = request.method if request.method in METHODS else "other"
        status = f"{response.status_code // 100}xx"
        metrics.REQUEST_SECONDS.labels(route, method, status).observe(seconds)
        if database.queries:
            metrics.DATABASE_SECONDS.labels(route).observe(database.seconds)
        metrics.QUERIES.labels(route).observe(database.queries)
        self.look_at_pool()
        return response

    def process_exception(self, request, exception):
        """Count what no middleware has an answer to; they are asked before us."""
        metrics.EXCEPTIONS.labels(route_of(request), type(exception).__name__).inc()

    def look_at_pool(self):
        now = time.monotonic()
        if now - self.pool_seen < POOL_SECONDS:
            return
        self.pool_seen = now
        pool = connection.pool
        if pool is None:
            return
        stats = pool.get_stats()
        metrics.POOL.labels("most").set(stats["pool_max"])
        metrics.POOL.labels("open").set(stats["pool_size"])
        metrics.POOL.labels("idle").set(stats["pool_available"])
        metrics.POOL.labels("waited_for").set(stats["requests_waiting"])


def route_of(request):
    """The name of the route, of which there are as many as pages."""
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return match.view_name or "unnamed"
    if request.path.startswith(settings.STATIC_URL):
        return "static"
    return "none"
