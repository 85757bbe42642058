"""What is counted, for Prometheus: every name on one page.

Counts of all processes of a machine are kept in files under METRICS_DIR and summed
when somebody asks (config.metrics.files). A label holds one of few values, which the
code knows: names of routes, codes, channels; never a path, an id or what people wrote.
docs/operations/monitoring.md says what to make of them.
"""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# prometheus_client chooses how to count when it is first imported.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.METRICS_DIR)
try:
    settings.METRICS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"METRICS_DIR cannot be made: {error}.") from error

from prometheus_client import Counter, Gauge, Histogram

from config.metrics import room

room.use()

SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
LONG_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900]
QUERIES_BUCKETS = [0, 1, 2, 4, 8, 12, 16, 24, 32, 64]

REQUEST_SECONDS = Histogram(
    "appointments_request_seconds",
    "How long answers took.",
    ["route", "method", "status"],
    buckets=SECONDS,
)
EXCEPTIONS = Counter(
    "appointments_exceptions",
    "Requests that ended in a mistake of ours, by the kind of exception.",
    ["route", "kind"],
)
DATABASE_SECONDS = Histogram(
    "appointments_request_database_seconds",
    "How long a request waited for the database's answers.",
    ["route"],
    buckets=[0.001, *SECONDS],
)
QUERIES = Histogram(
    "appointments_request_queries",
    "How many queries a request made.",
    ["route"],
    buckets=QUERIES_BUCKETS,
)
CACHE = Counter(
    "appointments_cache_requests",
    "What the cache was asked for: hit, miss, or away when Redis did not answer.",
    ["what", "outcome"],
)
POOL = Gauge(
    "appointments_pool_connections",
    "Connections to PostgreSQL of all web processes: most, open, idle, and waited for.",
    ["state"],
    multiprocess_mode="livesum",
)
BOOKINGS = Counter(
    "appointments_bookings", "Appointments that were booked.", ["channel"]
)
EVENTS = Counter(
    "appointments_events", "What happened to appointments, by its kind.", ["kind"]
)
REFUSALS = Counter(
    "appointments_refusals",
    "What the state of things refused, by the refusal's code.",
    ["code"],
)
HOLDS = Counter(
    "appointments_holds",
    "Times that were kept while a form was filled in, for citizens or by staff.",
    ["by"],
)
BOT_REFUSALS = Counter(
    "appointments_bot_refusals", "Forms that a program filled in.", ["reason"]
)
TASK_SECONDS = Histogram(
    "appointments_task_seconds",
    "How long tasks ran: succeeded, failed, or to be retried.",
    ["task", "outcome"],
    buckets=LONG_SECONDS,
)
MESSAGES = Counter(
    "appointments_messages",
    "Messages by what became of a try: sent, put back, failed, dropped.",
    ["channel", "provider", "outcome"],
)
WEBHOOKS = Counter(
    "appointments_webhooks",
    "Deliveries to webhooks by what became of a try: sent, put back.",
    ["outcome"],
)
