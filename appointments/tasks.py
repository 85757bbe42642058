"""Celery: fetch, call an operation, nothing else."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from appointments import access, closing
from appointments.privacy import erasing, purging
from appointments.statistics import waits
from offices.models import Office


@shared_task
def mark_no_shows():
    """Every few minutes: offices that wait for a time, and no longer, say so."""
    closing.mark_all_missed()


@shared_task
def record_waits():
    """Every night: write down how long citizens wait, each office in a task."""
    for pk in Office.objects.exclude(status="closed").values_list("pk", flat=True):
        record_office_waits.delay(pk)


@shared_task
def record_office_waits(office_id):
    """Write down one office's waits; a second time on one day changes nothing."""
    waits.record(Office.objects.get(pk=office_id))


@shared_task
def purge_personal_data():
    """Every night: what is kept of people for long enough, each office in a task."""
    for pk in Office.objects.values_list("pk", flat=True):
        purge_office.delay(pk)
    purging.purge_traces()
    erasing.erase_inactive()


@shared_task
def purge_office(office_id):
    """Take the people out of one office's old appointments."""
    purging.purge(Office.objects.get(pk=office_id))


@shared_task
def purge_access_log():
    """Every night: forget who saw whose data longer ago than AUDIT_DAYS."""
    access.forget(before=timezone.now() - timedelta(days=settings.AUDIT_DAYS))
