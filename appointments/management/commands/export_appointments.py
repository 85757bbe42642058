from django.core.management.base import BaseCommand, CommandError

from appointments.exports import export
from appointments.models import Content, FileFormat
from appointments.privacy.files import private_file
from appointments.statistics.scope import Scope
from availability.management import choosing
from config.exceptions import DomainError
from offices.models import Office


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
        scope = Scope(self.offices(office), first, last)
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

    def offices(self, slugs):
        found = list(Office.objects.filter(slug__in=slugs))
        unknown = set(slugs) - {office.slug for office in found}
        if unknown:
            raise CommandError(
                f"No office is called {', '.join(sorted(unknown))}. "
                "Use the name in its web address."
            )
        return found

    def write(self, file, path):
        with private_file(path, mode="wb") as written:
            for part in file.content:
                written.write(part.encode() if isinstance(part, str) else part)
