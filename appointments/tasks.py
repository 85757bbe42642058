"""Celery: fetch, call an operation, nothing else."""

from celery import shared_task

from appointments import closing


@shared_task
def mark_no_shows():
    """Every few minutes: offices that wait for a time, and no longer, say so."""
    closing.mark_all_missed()
