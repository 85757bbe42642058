"""Owing a mail about an account, in the transaction of what it tells."""

from datetime import timedelta

from django.utils import timezone

from accounts import tasks
from accounts.models import AccountMail, MailKind
from config.celery import enqueue

WARN_AGAIN = timedelta(days=1)


def owe(kind, email, language, registration=None, about=None):
    mail = AccountMail.objects.create(
        kind=kind,
        email=email,
        language=language,
        registration=registration,
        about=about or {},
    )
    enqueue(tasks.deliver_mail, mail.pk)
    return mail


def warn(user):
    """Owe a mail that somebody is guessing the password or the code: one a day."""
    since = timezone.now() - WARN_AGAIN
    warned = AccountMail.objects.filter(
        kind=MailKind.ATTACK, email=user.email, created_at__gt=since
    )
    if not warned.exists():
        owe(MailKind.ATTACK, user.email, user.language)
