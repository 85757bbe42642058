from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from offices import dldb
from offices.catalogue import import_catalogue
from offices.imports import BrokenFile, tell
from offices.validators import (
    validate_country,
    validate_subdivision,
    validate_time_zone,
)


class Command(BaseCommand):
    help = (
        "Bring offices and services up to date with a catalogue in the DLDB format. "
        "Safe to run any number of times; what staff set here and the catalogue does "
        "not tell stays. A broken file changes nothing; where rows were refused, the "
        "exit status is 1."
    )

    def add_arguments(self, parser):
        parser.add_argument("--locations", required=True, metavar="FILE")
        parser.add_argument("--services", required=True, metavar="FILE")
        parser.add_argument(
            "--time-zone", required=True, help="of new offices, like Europe/Berlin"
        )
        parser.add_argument("--country", required=True, help="of new offices, like DE")
        parser.add_argument(
            "--subdivision", default="", help="of the country, like BY for Bavaria"
        )
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            help="that the texts are in; new rows without it: the site's",
        )
        parser.add_argument(
            "--source", default="dldb", help="whose ids these are (default: dldb)"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would change"
        )

    def handle(
        self, *, locations, services, source, language, dry_run, verbosity, **options
    ):
        place = self.place(**options)
        try:
            report = import_catalogue(
                dldb.read_locations(locations),
                dldb.read_services(services),
                source=source,
                language=language,
                place=place,
                dry_run=dry_run,
                progress=lambda rows, kind: tqdm(rows, kind, disable=None),
            )
        except BrokenFile as error:
            raise CommandError(str(error)) from error
        tell(self, report, verbosity=verbosity, dry_run=dry_run)

    def place(self, *, time_zone, country, subdivision, **options):
        """Where the offices are, once it has been checked."""
        try:
            validate_time_zone(time_zone)
            validate_country(country)
            validate_subdivision(country, subdivision)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return {
            "time_zone": time_zone,
            "country": country,
            "subdivision": subdivision,
        }
