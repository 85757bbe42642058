from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from offices import api_keys
from offices.models import ApiKey, Office
from offices.roles import Permission

LONGEST_NAME = ApiKey._meta.get_field("name").max_length
MOST_DAYS = 3650


class Command(BaseCommand):
    help = "Make an API key for a program, and print it: this once."

    def add_arguments(self, parser):
        parser.add_argument("name", help="which program uses it, and for what")
        parser.add_argument(
            "--office",
            action="append",
            required=True,
            metavar="SLUG",
            help="an office it is for; may be given again",
        )
        parser.add_argument(
            "--permission",
            action="append",
            required=True,
            choices=Permission.values,
            metavar="PERMISSION",
            help=f"may be given again; one of: {', '.join(Permission.values)}",
        )
        parser.add_argument("--days", type=int, help="until it expires; else never")

    def handle(self, *, name, office, permission, days, **options):
        offices = list(Office.objects.filter(slug__in=office))
        unknown = sorted(set(office) - {found.slug for found in offices})
        if unknown:
            raise CommandError(f"There is no office {', '.join(unknown)}.")
        if not 1 <= len(name.strip()) <= LONGEST_NAME:
            raise CommandError(f"The name must have 1 to {LONGEST_NAME} characters.")
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days must be from 1 to {MOST_DAYS}.")
        _key, secret = api_keys.create(
            name.strip(),
            offices=offices,
            permissions=set(permission),
            expires_at=timezone.now() + timedelta(days=days) if days else None,
            by=None,
        )
        self.stdout.write(secret)
