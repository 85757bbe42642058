"""Accounts: nothing owed to them waits."""

from accounts import mail
from accounts.models import AccountMail
from config import outboxes
from config.doctor import check


@check("No mail about an account waits that is due.")
def account_mail():
    return outboxes.lines(AccountMail.objects.all())


@account_mail.mends
def send_account_mail():
    late = outboxes.overdue(AccountMail.objects.all())
    for pk in list(late.values_list("pk", flat=True)):
        owed = AccountMail.objects.claim(pk, lease=mail.LEASE)
        if owed is not None:
            mail.send(owed)
