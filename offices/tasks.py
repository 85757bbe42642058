"""Celery: forget, nothing else."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from offices import history
from offices.models import Invitation

INVITATION_KEPT = timedelta(days=90)  # after it has expired, whatever came of it
HISTORY_KEPT = timedelta(days=3653)


@shared_task
def purge():
    """Every night: forget who was invited long ago, and settings of ten years ago."""
    now = timezone.now()
    Invitation.objects.filter(expires_at__lt=now - INVITATION_KEPT).delete()
    history.forget(before=now - HISTORY_KEPT)
