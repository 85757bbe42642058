from datetime import date

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from availability import operations
from offices.models import Office


class Command(BaseCommand):
    help = (
        "Precompute what hosts offer, from today to each office's booking horizon. "
        "Safe to run at any time, any number of times."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--office",
            action="append",
            default=[],
            metavar="SLUG",
            help="only this office; may be given several times",
        )
        parser.add_argument(
            "--until",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="the last day, instead of each office's booking horizon",
        )

    def handle(self, *, office, until, **options):
        offices = Office.objects.exclude(status="closed")
        if office:
            offices = offices.filter(slug__in=office)
            unknown = set(office) - set(offices.values_list("slug", flat=True))
            if unknown:
                raise CommandError(
                    f"No office is called {', '.join(sorted(unknown))}. "
                    "Use the name in its web address."
                )
        written = 0
        for each in tqdm(list(offices), unit="office", disable=None):
            written += operations.generate([each], until=until)
        self.stdout.write(f"{len(offices)} offices, {written} days new or changed.")
