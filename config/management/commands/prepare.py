"""Bring an installation up to date: database, static files, demo. Safe to repeat."""

import hashlib
import io

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrate, collect static files, and make the demo if there is no office."

    def add_arguments(self, parser):
        parser.add_argument(
            "--no-static",
            action="store_true",
            help="leave static files alone: an image has them from its building",
        )

    def handle(self, *, no_static, **options):
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write("The database is up to date.")
        if not no_static and self.static_files_changed():
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            self.stamp.write_text(self.fingerprint())
            self.stdout.write("Static files are collected.")
        if settings.ON_A_DESK and not apps.get_model("offices.Office").objects.exists():
            self.make_demo()

    def make_demo(self):
        """Keep what the demo says of its accounts, for each later start to show."""
        said = io.StringIO()
        call_command("demo", stdout=said)
        (settings.DATA_DIR / "demo_accounts.txt").write_text(said.getvalue())
        self.stdout.write("The demo town is built.")

    @property
    def stamp(self):
        return settings.STATIC_ROOT.with_name("static.stamp")

    def static_files_changed(self):
        return not self.stamp.exists() or self.stamp.read_text() != self.fingerprint()

    def fingerprint(self):
        digest = hashlib.sha256()
        for finder in get_finders():
            for name, storage in finder.list([]):
                changed = storage.get_modified_time(name).timestamp()
                digest.update(f"{name} {storage.size(name)} {changed}\n".encode())
        return digest.hexdigest()
