"""What /health/ready and /metrics know of mail about accounts, and who is told."""

from accounts.models import AccountMail
from accounts.sign_in import is_held_up
from config import health, outboxes

health.hold_up.append(is_held_up)
outboxes.register("account_mail", AccountMail.objects.all())
