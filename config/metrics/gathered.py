"""What is not counted as it happens but looked up when somebody asks.

An app registers a function that yields prometheus_client's metric families. It is
asked at most every KEPT seconds in a process, so that asking often costs nothing.
"""

import threading
import time

import structlog
from django.db import DatabaseError, connection, transaction
from prometheus_client.core import GaugeMetricFamily
from psycopg_pool import PoolTimeout

from config import health

KEPT = 10  # seconds
MOST_MILLISECONDS = 2000

logger = structlog.get_logger(__name__)

_functions = []
_lock = threading.Lock()
_kept = {"until": 0.0, "families": []}


def register(function):
    """Have `function` asked; for AppConfig.ready()."""
    _functions.append(function)
    return function


def forget():
    """Look everything up anew the next time."""
    _kept["until"] = 0.0


class Collector:
    def collect(self):
        with _lock:
            if time.monotonic() >= _kept["until"]:
                told = health.ask_all()
                _kept["families"] = [*_health(told), *_from_database(told)]
                _kept["until"] = time.monotonic() + KEPT
            return list(_kept["families"])


def _health(told):
    ok = GaugeMetricFamily(
        "appointments_health_ok",
        "Whether a check of /health/ready is well.",
        labels=["check"],
    )
    seconds = GaugeMetricFamily(
        "appointments_health_seconds", "How long a check took.", labels=["check"]
    )
    value = GaugeMetricFamily(
        "appointments_health_value",
        "What a check measured: seconds behind, or how many.",
        labels=["check"],
    )
    for check in told:
        ok.add_metric([check["name"]], float(check["ok"]))
        seconds.add_metric([check["name"]], check["ms"] / 1000)
        if check["value"] is not None:
            value.add_metric([check["name"]], check["value"])
    return [ok, seconds, value]


def _from_database(told):
    """What the apps know. A database that is away leaves it out, and is asked once."""
    if not all(check["ok"] for check in told if check["name"] == "database"):
        logger.warning("metrics_not_gathered", error="database is amiss")
        return []
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, true)",
                    [str(MOST_MILLISECONDS)],
                )
            return [family for function in _functions for family in function()]
    except (DatabaseError, PoolTimeout) as error:
        logger.warning("metrics_not_gathered", error=type(error).__name__)
        return []
