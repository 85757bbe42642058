"""How long each task takes, and what becomes of it."""

import time

from celery.signals import task_postrun, task_prerun

from config import metrics

OUTCOMES = {"SUCCESS": "succeeded", "RETRY": "retried"}
OTHERS = "failed"


@task_prerun.connect
def begin(task, **kwargs):
    task.request.begun_at = time.monotonic()


@task_postrun.connect
def end(task, state=None, **kwargs):
    begun_at = getattr(task.request, "begun_at", None)
    if begun_at is not None:
        outcome = OUTCOMES.get(state, OTHERS)
        seconds = time.monotonic() - begun_at
        metrics.TASK_SECONDS.labels(task.name, outcome).observe(seconds)
