"""Celery, and what beat starts when: the composition root of background work."""

import os
from functools import cache, partial
from importlib import import_module

import structlog
from celery import Celery
from celery.schedules import crontab
from celery.signals import (
    after_task_publish,
    beat_init,
    setup_logging,
    worker_init,
    worker_ready,
)
from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django_structlog.celery.signals import bind_extra_task_metadata
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.exceptions import OperationalError

from config import heartbeats, logs
from config.circuit import Circuit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

GENERATE_SLOTS = "availability.tasks.generate_slots"

logger = structlog.get_logger(__name__)

app = Celery("appointments")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)
app.conf.beat_schedule = {
    "generate-slots": {"task": GENERATE_SLOTS, "schedule": crontab(hour=1, minute=15)},
    "sweep-holds": {
        "task": "availability.tasks.sweep_holds",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "deliver-due": {
        "task": "notifications.tasks.deliver_due",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "deliver-due-webhooks": {
        "task": "notifications.tasks.deliver_due_webhooks",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "owe-late": {
        "task": "notifications.tasks.owe_late",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "owe-unclosed": {
        "task": "notifications.tasks.owe_unclosed",
        "schedule": crontab(minute=5),
    },
    "mark-no-shows": {
        "task": "appointments.tasks.mark_no_shows",
        "schedule": 120,
        "options": {"expires": 120},
    },
    "send-day-lists": {
        "task": "notifications.tasks.send_day_lists",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "record-waits": {
        "task": "appointments.tasks.record_waits",
        "schedule": crontab(hour=3, minute=30),
    },
    "deliver-account-mail": {
        "task": "accounts.tasks.deliver_due_mail",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "purge-accounts": {
        "task": "accounts.tasks.purge",
        "schedule": crontab(hour=2, minute=45),
    },
    "purge-offices": {
        "task": "offices.tasks.purge",
        "schedule": crontab(hour=2, minute=55),
    },
    "purge-personal-data": {
        "task": "appointments.tasks.purge_personal_data",
        "schedule": crontab(hour=3, minute=0),
    },
    "purge-blocks": {
        "task": "notifications.tasks.purge_blocks",
        "schedule": crontab(hour=4, minute=15),
    },
    "purge-access-log": {
        "task": "appointments.tasks.purge_access_log",
        "schedule": crontab(hour=4, minute=5),
    },
    "purge-webhook-log": {
        "task": "notifications.tasks.purge_webhook_log",
        "schedule": crontab(hour=3, minute=5),
    },
    "purge-idempotency-keys": {
        "task": "config.tasks.purge_idempotency_keys",
        "schedule": crontab(minute=20),
    },
    **heartbeats.schedule(),
}


def enqueue(task, *args, **kwargs):
    """Start a task once the open transaction has committed.

    A broker that is away never fails or delays the request that enqueues: what is
    owed is a row in the database, and a sweep from beat finds it later.
    """
    transaction.on_commit(partial(_publish, task, args, kwargs), robust=True)


def _publish(task, args, kwargs):
    """Publish it, but wait for a broker that does not answer once only."""
    circuit = _circuit(task.app.conf.broker_url)
    if not circuit.may_try():
        logger.warning("task_not_enqueued", task=task.name, error="broker_away")
        return
    try:
        task.apply_async(args, kwargs)
    except OperationalError as error:
        circuit.failed(error)
        logger.warning("task_not_enqueued", task=task.name, error=logs.told(error))
    else:
        circuit.works()


@cache
def _circuit(broker_url):
    return Circuit("broker")


@worker_init.connect
def take_time(**kwargs):
    """A worker waits for work, where a page only hands it over."""
    app.conf.broker_transport_options |= {"socket_timeout": 10}


@setup_logging.connect
def keep_our_logging(**kwargs):
    """Django has configured the logs; a receiver here keeps Celery from doing so."""


@receiver(bind_extra_task_metadata)
def name_the_task(task, **kwargs):
    """Have each line that a task logs say which task it is."""
    structlog.contextvars.bind_contextvars(task=task.name)


@after_task_publish.connect(sender=heartbeats.TASK)
def beat_is_alive(**kwargs):
    """Only beat starts these."""
    heartbeats.beat("beat")


@worker_init.connect
def count_tasks(**kwargs):
    import_module("config.metrics.tasks")


@worker_ready.connect
def show_metrics(**kwargs):
    """A worker on a machine of its own is asked for its counts itself."""
    if settings.WORKER_METRICS_PORT:
        served = import_module("config.metrics.served")
        served.serve(settings.WORKER_METRICS_PORT)


@beat_init.connect
def generate_slots_at_start(**kwargs):
    """A machine that slept through the night still opens with its slots."""
    try:
        app.send_task(GENERATE_SLOTS)
    except OperationalError as error:
        told = logs.told(error)
        logger.warning("task_not_enqueued", task=GENERATE_SLOTS, error=told)
