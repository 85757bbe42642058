from functools import partial

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from appointments.demo import diary, people


class Command(BaseCommand):
    help = (
        "Build Larkhaven, a town to try everything in. Safe to run again: it then "
        "books what the days since would have brought."
    )

    def handle(self, **options):
        if not settings.ON_A_DESK:
            raise CommandError(
                f"The demo is never made in {settings.ENVIRONMENT}: "
                "everybody knows its password."
            )
        progress = partial(tqdm, unit="visit", disable=None)
        appointments = diary.make(progress=progress)
        self.stdout.write(
            f"Larkhaven: 6 offices, 20 services, 25 hosts, {appointments} appointments."
        )
        self.stdout.write(f"Sign in at /admin/, password “{people.PASSWORD}”:")
        for email, what in people.accounts():
            self.stdout.write(f"  {email:<28} {what}")
