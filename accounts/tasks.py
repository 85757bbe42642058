"""Celery: fetch, send or forget, nothing else."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts import mail
from accounts.links import REGISTRATION_LIFETIME
from accounts.models import AccountMail, Registration, SignIn
from config.sessions import SessionStore

MAIL_KEPT = timedelta(days=30)


@shared_task
def deliver_mail(pk):
    """Send one mail. However often it runs, one run gets to send."""
    owed = AccountMail.objects.claim(pk, lease=mail.LEASE)
    if owed is not None:
        mail.send(owed)


@shared_task
def deliver_due_mail():
    """Every minute, from beat: retries, and what a crash left behind."""
    for pk in AccountMail.objects.due().values_list("pk", flat=True):
        deliver_mail.delay(pk)


@shared_task
def purge():
    """Every night: forget what is of no use any more."""
    now = timezone.now()
    SignIn.objects.filter(expires_at__lt=now).delete()
    SessionStore.clear_expired()
    AccountMail.objects.filter(created_at__lt=now - MAIL_KEPT).delete()
    Registration.objects.filter(created_at__lt=now - REGISTRATION_LIFETIME).delete()
