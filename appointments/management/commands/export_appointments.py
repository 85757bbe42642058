from django.core.management.base import BaseCommand, CommandError

from appointments.exports import export
from appointments.models import Content, FileFormat
from appointments.privacy.files import private_file
from appointments.statistics.scope import Scope
from config.exceptions import DomainError
from offices.management import choosing


class Command(BaseCommand):
    help = (
        "Write the appointments of offices into a file that only you can read, with "
        "names and how to reach people. That you have is kept in the log of exports."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--office",
            action="append",
            required=True,
            metavar="SLUG",
            help="may be given several times",
        )
        parser.add_argument(
            "--from",
            dest="first",
            required=True,
            type=choosing.day,
            metavar="YYYY-MM-DD",
            help="the first day",
        )
        parser.add_argument(
            "--to",
            dest="last",
            required=True,
            type=choosing.day,
            metavar="YYYY-MM-DD",
            help="the last day",
        )
        parser.add_argument(
            "--format", choices=FileFormat.values, default=FileFormat.CSV
        )
        parser.add_argument(
            "--output", metavar="FILE", help="a new file; left out, it is named by days"
        )

    def handle(self, *, office, first, last, output, **options):
        if last < first:
            raise CommandError("--to is before --from.")
        scope = Scope(choosing.offices_called(office), first, last)
        try:
            file = export(
                scope,
                content=Content.APPOINTMENTS,
                file_format=FileFormat(options["format"]),
                by=None,
            )
            self.write(file, output or file.name)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        self.stdout.write(f"Written to {output or file.name}.")

    def write(self, file, path):
        with private_file(path, mode="wb") as written:
            for part in file.content:
                written.write(part.encode() if isinstance(part, str) else part)
