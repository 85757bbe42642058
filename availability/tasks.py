"""Celery: fetch, call an operation, nothing else."""

from itertools import batched

from celery import shared_task
from django.db import OperationalError

from availability import operations
from offices.models import Office

OFFICES_A_TASK = 20


@shared_task
def generate_slots():
    """Every night and at start: precompute all slots, spread over the workers."""
    offices = Office.objects.exclude(status="closed").order_by("pk")
    for some in batched(offices.values_list("pk", flat=True), OFFICES_A_TASK):
        generate_slots_of.delay(some)


@shared_task(bind=True, max_retries=10, default_retry_delay=60)
def generate_slots_of(self, office_ids):
    """Precompute some offices' slots; running it again changes nothing.

    An office that somebody is changing comes again later, alone.
    """
    busy = []
    for pk in office_ids:
        try:
            operations.generate(Office.objects.filter(pk=pk))
        except OperationalError as error:
            busy.append(pk)
            reason = error
    if busy:
        raise self.retry(args=[busy], exc=reason)


@shared_task
def sweep_holds():
    """Every half minute: give back the time of expired holds."""
    operations.sweep_holds()
