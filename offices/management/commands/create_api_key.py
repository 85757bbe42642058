from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from offices import api_keys
from offices.models import Office
from offices.roles import Permission


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
        if days is not None and days < 1:
            raise CommandError("--days must be 1 or more.")
        _key, secret = api_keys.create(
            name,
            offices=offices,
            permissions=set(permission),
            expires_at=timezone.now() + timedelta(days=days) if days else None,
            by=None,
        )
        self.stdout.write(secret)
