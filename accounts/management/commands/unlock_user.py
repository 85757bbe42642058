from django.core.management.base import BaseCommand, CommandError

from accounts import operations
from accounts.models import User


class Command(BaseCommand):
    help = "Forget the wrong passwords of an account, so that it may try again at once."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        email = User.objects.normalize_email(email)
        try:
            user = User.objects.get(email=email)
        except User.DoesNotExist:
            raise CommandError(
                f"There is no account with the address {email}."
            ) from None
        forgotten = operations.unlock(user, by=None)
        self.stdout.write(
            f"{email} may try again." if forgotten else f"{email} was not locked out."
        )
