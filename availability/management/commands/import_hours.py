from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from availability import hours_file
from availability.hours_import import import_hours
from offices.imports import BrokenFile, tell


class Command(BaseCommand):
    help = (
        "Bring hosts and their weekly hours up to date with an hours file (CSV: "
        "office, host, weekdays, start_time, end_time). Safe to run any number of "
        "times. A broken file changes nothing; a host with a refused row keeps its "
        "hours, and the exit status is 1."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE.csv")
        parser.add_argument(
            "--source",
            default="dldb",
            help="whose ids the file has for offices (default: dldb)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would change"
        )

    def handle(self, *, file, source, dry_run, verbosity, **options):
        try:
            wanted = hours_file.read(file)
        except BrokenFile as error:
            raise CommandError(str(error)) from error
        report = import_hours(
            wanted,
            source=source,
            dry_run=dry_run,
            progress=lambda offices: tqdm(offices, unit="office", disable=None),
        )
        tell(self, report, verbosity=verbosity, dry_run=dry_run)
