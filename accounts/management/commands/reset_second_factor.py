from django.core.management.base import BaseCommand, CommandError

from accounts import second_factor
from accounts.exceptions import NoSecondFactor
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Take the second step of the sign-in from an account whose owner has lost the "
        "phone. The owner is told by mail, and it stays on record."
    )

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        email = User.objects.normalize_email(email)
        user = User.objects.filter(email=email).first()
        if user is None:
            raise CommandError(f"There is no account with the address {email}.")
        try:
            second_factor.reset(user, by=None)
        except NoSecondFactor as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{email} signs in with the password alone, and is told so.")
