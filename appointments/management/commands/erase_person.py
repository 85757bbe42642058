from django.core.management.base import BaseCommand, CommandError

from appointments.privacy import erasing
from appointments.privacy.commands import add_person, find_person
from config.exceptions import DomainError
from offices.times import office_when


class Command(BaseCommand):
    help = (
        "Delete what is kept about one person, who has asked for it: the account, and "
        "what appointments say. Figures stay. The person is told by mail, once. "
        "Without --apply it only says what it would do."
    )

    def add_arguments(self, parser):
        add_person(parser)
        parser.add_argument(
            "--apply", action="store_true", help="do it, and do not only say it"
        )

    def handle(self, *, email, reference, apply, **options):
        subject = find_person(email, reference)
        try:
            if apply:
                number = erasing.erase(subject, by=None, page="erase_person")
            else:
                erasing.check_erasable(subject)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        if apply:
            self.stdout.write(f"Deleted. {number} appointments are nobody's now.")
        else:
            self.tell(subject)

    def tell(self, subject):
        if subject.user is not None:
            self.stdout.write("An account, and who is signed in to it.")
        for visit in subject.appointments.order_by("starts_at"):
            when = office_when(visit.starts_at, visit.office)
            self.stdout.write(f"{visit.reference}: {when}, {visit.office}")
        self.stdout.write("Nothing is deleted yet: run it with --apply.")
