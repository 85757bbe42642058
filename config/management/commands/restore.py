"""Put a backup in the place of the database."""

from pathlib import Path

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError

from config import backups


class Command(BaseCommand):
    help = (
        "Put a backup in the place of the database, which is kept under another name. "
        "Without --apply it only says what would happen."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="what `backup` wrote")
        parser.add_argument("--apply", action="store_true", help="do it")

    def handle(self, *, file, apply, **options):
        try:
            manifest = backups.check(file)
            rows = sum(manifest.rows.values())
            self.stdout.write(
                f"{file} was made of {manifest.database} at {manifest.made_at}: "
                f"{rows} rows in {len(manifest.rows)} tables."
            )
            if not apply:
                self.stdout.write(
                    "Nothing is changed. Stop web, workers and beat, then run it "
                    "again with --apply."
                )
                return
            before = backups.restore(file)
        except backups.BackupError as error:
            raise CommandError(str(error)) from error
        cache.clear()
        self.stdout.write("Restored, with as many rows in each table.")
        if before:
            self.stdout.write(
                f"What was there is the database {before} now; drop it when you are "
                "sure that you do not need it."
            )
        self.stdout.write("Now run “manage.py migrate”, then “manage.py doctor”.")
