"""Celery: fetch, call an operation, nothing else."""

from celery import shared_task

from availability import operations
from offices.models import Office


@shared_task
def generate_slots():
    """Every night and at start: precompute each office's slots in a task of its own."""
    for pk in Office.objects.exclude(status="closed").values_list("pk", flat=True):
        generate_office_slots.delay(pk)


@shared_task
def generate_office_slots(office_id):
    """Precompute one office's slots; running it again changes nothing."""
    operations.generate(Office.objects.filter(pk=office_id))


@shared_task
def sweep_holds():
    """Every half minute: give back the time of expired holds."""
    operations.sweep_holds()
