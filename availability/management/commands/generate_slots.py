from django.core.management.base import BaseCommand
from tqdm import tqdm

from availability import operations
from availability.management import choosing


class Command(BaseCommand):
    help = (
        "Precompute what hosts offer, from today to each office's booking horizon. "
        "Safe to run at any time, any number of times."
    )

    def add_arguments(self, parser):
        choosing.add_arguments(parser)

    def handle(self, *, office, until, **options):
        offices = choosing.offices_called(office)
        written = 0
        for each in tqdm(offices, unit="office", disable=None):
            written += operations.generate([each], until=until)
        self.stdout.write(f"{len(offices)} offices, {written} days new or changed.")
