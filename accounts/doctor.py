"""Accounts: nothing owed to them waits."""

from datetime import timedelta

from django.utils import timezone

from accounts import mail
from accounts.models import AccountMail
from config.doctor import check

STARTED_WITHIN = timedelta(minutes=15)


def _overdue():
    return (
        AccountMail.objects.due()
        .filter(due_at__lt=timezone.now() - STARTED_WITHIN)
        .order_by("due_at", "pk")
    )


@check("No mail about an account waits that is due.")
def account_mail():
    return [f"{row.pk}, due {row.due_at:%Y-%m-%d %H:%M} UTC" for row in _overdue()]


@account_mail.mends
def send_account_mail():
    for pk in list(_overdue().values_list("pk", flat=True)):
        owed = AccountMail.objects.claim(pk, lease=mail.LEASE)
        if owed is not None:
            mail.send(owed)
