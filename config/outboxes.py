"""How far behind the sending of what is owed is: of each outbox, for operators.

An outbox is a queryset of rows with `status` (queued, failed, …) and `due_at`; an app
registers its own from AppConfig.ready(). Both questions are answered by partial
indexes, however many rows were sent.
"""

from datetime import timedelta
from functools import partial

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from config import health
from config.metrics import gathered

LATE = timedelta(minutes=5)  # behind: five sweeps

_outboxes = {}


def register(name, rows):
    _outboxes[name] = rows
    health.register(f"outbox_{name}", health.in_time(partial(_lag, name)))


def overdue(rows):
    """Those of an outbox that nobody has sent though they are LATE, oldest first."""
    late = rows.filter(status="queued", due_at__lt=timezone.now() - LATE)
    return late.order_by("due_at", "pk")


def lines(rows):
    """The same for people to read."""
    return [f"{row.pk}, due {row.due_at:%Y-%m-%d %H:%M} UTC" for row in overdue(rows)]


def dead_letters():
    """What was given up waits for people to look at it; it makes nobody unready."""
    return health.Finding(value=sum(map(_failed, _outboxes)))


@gathered.register
def gather():
    many = GaugeMetricFamily(
        "appointments_outbox_messages",
        "What is due and not sent, and what was given up.",
        labels=["outbox", "status"],
    )
    oldest = GaugeMetricFamily(
        "appointments_outbox_oldest_seconds",
        "How long the oldest message that is due has been waiting.",
        labels=["outbox"],
    )
    for name in _outboxes:
        due, seconds = _due(name)
        many.add_metric([name, "due"], due)
        many.add_metric([name, "failed"], _failed(name))
        oldest.add_metric([name], seconds)
    yield many
    yield oldest


def _lag(name):
    _many, seconds = _due(name)
    problem = f"{seconds:.0f} s behind." if seconds > LATE.total_seconds() else ""
    return health.Finding(problem, round(seconds, 1))


def _due(name):
    """How many are due, and since how many seconds the oldest is."""
    now = timezone.now()
    rows = _outboxes[name].filter(status="queued", due_at__lte=now).order_by()
    found = rows.aggregate(many=Count("pk"), oldest=Min("due_at"))
    return found["many"], (now - (found["oldest"] or now)).total_seconds()


def _failed(name):
    return _outboxes[name].filter(status="failed").count()


health.register("dead_letters", health.in_time(dead_letters))
