"""What /health/ready and /metrics know of mail about accounts."""

from accounts.models import AccountMail
from config import outboxes

outboxes.register("account_mail", AccountMail.objects.all())
