from django.core.management.base import BaseCommand
from tqdm import tqdm

from appointments.privacy import purging
from offices.management import choosing


class Command(BaseCommand):
    help = (
        "Delete what is kept of people for longer than each office keeps it: names, "
        "contacts, purposes, notes, messages. Figures stay. Without --apply it only "
        "says how much that is. Safe to run twice, and to be stopped half-way."
    )

    def add_arguments(self, parser):
        choosing.add_offices(parser)
        parser.add_argument(
            "--apply", action="store_true", help="do it, and do not only say it"
        )

    def handle(self, *, office, apply, **options):
        total = 0
        for each in choosing.offices_called(office):
            total += self.purge(each) if apply else self.count(each)
        if not office:
            self.purge_traces(apply)
        if apply:
            self.stdout.write(f"{total} appointments no longer say who came.")
        else:
            self.stdout.write(
                f"{total} appointments are due. Nothing is deleted yet: run it with "
                "--apply."
            )

    def count(self, office):
        number = purging.due(office).count()
        self.tell(office, number)
        return number

    def purge(self, office):
        total = purging.due(office).count()
        bar = tqdm(desc=office.slug, total=total, unit="visit", disable=None)
        with bar:
            number = purging.purge(office, advanced=bar.update)
        self.tell(office, number)
        return number

    def tell(self, office, number):
        kept = f"keeps them {office.retention_days} days"
        self.stdout.write(f"{office.slug}: {number} ({kept})")

    def purge_traces(self, apply):
        """What belongs to no office."""
        if apply:
            found = purging.purge_traces()
        else:
            found = {w: rows.count() for w, rows in purging.old_traces().items()}
        for what, number in found.items():
            if number:
                self.stdout.write(f"{what}: {number}")
