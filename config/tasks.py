"""Celery: fetch, call an operation, nothing else."""

from celery import shared_task

from config import heartbeats
from config.api import idempotency


@shared_task
def purge_idempotency_keys():
    """Every hour: forget answers that are too old to be given again."""
    idempotency.purge()


@shared_task
def beat_heart(name):
    """Every half minute, in each queue: say that somebody works on it."""
    heartbeats.beat(name)
