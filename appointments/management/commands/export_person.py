from django.core.management.base import BaseCommand, CommandError

from appointments.privacy import telling
from appointments.privacy.commands import add_person, find_person
from appointments.privacy.files import private_file


class Command(BaseCommand):
    help = (
        "Write down all that is kept about one person, as JSON, for the person. That "
        "you have is kept in the log of access."
    )

    def add_arguments(self, parser):
        add_person(parser)
        parser.add_argument(
            "--output", metavar="FILE", help="a new file, that only you can read"
        )

    def handle(self, *, email, reference, output, **options):
        subject = find_person(email, reference)
        text = telling.as_json(telling.tell(subject, by=None, page="export_person"))
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            with private_file(output, mode="w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}.") from error
        self.stdout.write(f"Written to {output}.")
