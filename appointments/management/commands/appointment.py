from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from appointments import operations, references
from appointments.models import Appointment
from config.exceptions import DomainError
from offices.times import office_when

VERBS = {
    "approve": operations.approve,
    "deny": operations.deny,
    "check-in": operations.check_in,
    "start": operations.start,
    "complete": operations.complete,
    "no-show": operations.mark_no_show,
    "undo": operations.undo,
    "cancel": operations.cancel,
    "move": operations.postpone,
}
WITH_REASON = {"deny", "cancel", "move"}


class Command(BaseCommand):
    help = (
        "Show an appointment, or do something with it in the name of the system: the "
        "same rules as everywhere else, and the citizen is told as always."
    )

    def add_arguments(self, parser):
        parser.add_argument("reference", help="like K7M4-QX2P")
        parser.add_argument("verb", nargs="?", choices=VERBS, help="left out: show it")
        parser.add_argument("--reason", help="of deny, cancel and move; it is told")
        parser.add_argument(
            "--to", metavar="TIME", help="of move; as 2027-01-11T09:00, at the office"
        )

    def handle(self, *, reference, verb, reason, to, **options):
        appointment = self.find(reference)
        if verb is None:
            return self.show(appointment)
        how = self.how(appointment, verb, reason, to)
        try:
            appointment = VERBS[verb](appointment, by=None, **how)
        except DomainError as refusal:
            raise CommandError(f"{appointment.reference}: {refusal}") from refusal
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return self.tell(appointment)

    def find(self, reference):
        known = references.read(reference)
        rows = Appointment.objects.with_details()
        appointment = rows.filter(reference=known).first() if known else None
        if appointment is None:
            raise CommandError(f"There is no appointment {reference}.")
        return appointment

    def how(self, appointment, verb, reason, to):
        """What the operation takes besides the appointment."""
        if reason is not None and verb not in WITH_REASON:
            raise CommandError(f"{verb} takes no --reason.")
        if (to is not None) != (verb == "move"):
            raise CommandError("Say --to with move, and with nothing else.")
        how = {"reason": reason or ""} if verb in WITH_REASON else {}
        return {**how, "starts_at": self.time(appointment, to)} if to else how

    def time(self, appointment, text):
        """What was typed, by the office's clock if it has no offset of its own."""
        try:
            time = datetime.fromisoformat(text)
        except ValueError as error:
            raise CommandError(f"{text} is no time like 2027-01-11T09:00.") from error
        return time if time.tzinfo else time.replace(tzinfo=appointment.office.zone)

    def tell(self, appointment):
        when = office_when(appointment.starts_at, appointment.office)
        status = appointment.get_status_display()
        self.stdout.write(f"{appointment.reference}: {status}, {when}")

    def show(self, appointment):
        self.tell(appointment)
        self.stdout.write(f"{appointment.service}, {appointment.office}")
        self.stdout.write(f"{appointment.host}, for {appointment.citizen.name}")
        for event in appointment.events.order_by("pk"):
            when = office_when(event.created_at, appointment.office)
            done = f"{when}  {event.get_kind_display()}"
            self.stdout.write(f"{done}: {event.reason}" if event.reason else done)
