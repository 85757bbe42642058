"""Write a backup that is known to restore."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import backups


class Command(BaseCommand):
    help = (
        "Write the whole database to one file, restore it on trial and compare. "
        "People go on booking meanwhile."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            help="where to, in a directory that there is; default: a new file in "
            "DATA_DIR/backups",
        )
        parser.add_argument(
            "--no-trial", action="store_true", help="do not restore it on trial"
        )

    def handle(self, *, file, no_trial, **options):
        try:
            path = file or _default()
            manifest = backups.write(path, trial=not no_trial)
        except (backups.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        rows = sum(manifest.rows.values())
        tried = "not tried" if no_trial else "restored on trial, the same"
        self.stdout.write(
            f"{path}: {path.stat().st_size / 2**20:.1f} MiB, {rows} rows in "
            f"{len(manifest.rows)} tables; {tried}. "
            "It holds personal data and secrets: keep it where only you can read it."
        )


def _default():
    """Only the directory for these is made: a disk that is not mounted has none."""
    stamp = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
    folder = settings.DATA_DIR / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"appointments-{stamp}.dump"
