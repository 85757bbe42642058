from django.core.management.base import BaseCommand
from tqdm import tqdm

from availability import generation, operations
from availability.management import choosing


class Command(BaseCommand):
    help = (
        "Extend what can be booked to each office's booking horizon, or to a day: "
        "what the nightly run does, for offices that it has not reached. Offices that "
        "have it all are left alone. Safe to run any number of times."
    )

    def add_arguments(self, parser):
        choosing.add_arguments(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would be extended"
        )

    def handle(self, *, office, until, dry_run, **options):
        offices = choosing.offices_called(office)
        short = list(self.short(offices, until))
        written = 0
        for each, last, wanted in tqdm(short, unit="office", disable=None):
            if not dry_run:
                written += operations.generate([each], until=until)
            would = "would be " if dry_run else ""
            since = last or "nothing"
            self.stdout.write(f"{each.slug}: {would}extended from {since} to {wanted}.")
        done = "would be extended" if dry_run else f"extended, {written} days written"
        self.stdout.write(f"{len(short)} of {len(offices)} offices {done}.")

    def short(self, offices, until):
        """(office, last day written for all its hosts or None, day wanted)."""
        reached = generation.reached(offices)
        for each in offices:
            wanted = until or generation.horizon(each)
            if each.pk in reached and (reached[each.pk] or wanted.min) < wanted:
                yield each, reached[each.pk], wanted
