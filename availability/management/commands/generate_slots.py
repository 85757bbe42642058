from argparse import ArgumentTypeError
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from availability import operations
from offices.models import Office


def day_to_come(text):
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no date; say 2027-03-31.") from error
    if day < timezone.now().date():
        raise ArgumentTypeError(f"{text} is over; say a day to come.")
    return day


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
            type=day_to_come,
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
