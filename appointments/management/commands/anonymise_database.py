import re

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from tqdm import tqdm

from appointments.privacy import anonymising

COPY = re.compile(r"staging|test|demo|copy|anonym|dev", re.IGNORECASE)


class Command(BaseCommand):
    help = (
        "Make a copy of the live database one for trying things out: people get "
        "made-up names, addresses and texts; keys, secrets, sessions and passwords go. "
        "Without --apply it only says what it would do."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--apply", action="store_true", help="do it, and do not only say it"
        )
        parser.add_argument(
            "--database",
            metavar="NAME",
            help="the name of the database, which must be said of one that is not "
            "called a copy (staging, test …)",
        )
        parser.add_argument(
            "--in-production",
            action="store_true",
            help="also where ENVIRONMENT is production",
        )

    def handle(self, *, apply, database, in_production, **options):
        self.refuse_live(apply, database, in_production)
        tables = anonymising.plan()
        if not apply:
            self.tell(tables)
            return
        for table in tables:
            bar = tqdm(desc=table.name, total=table.rows, unit="row", disable=None)
            with bar:
                anonymising.anonymise(table, advanced=bar.update)
        address, password = anonymising.finish()
        self.stdout.write("Nobody in this database is a person any more.")
        self.stdout.write(f"Sign in as {address} with the password {password}")

    def refuse_live(self, apply, database, in_production):
        """Raise CommandError where this might be the live database."""
        if settings.ENVIRONMENT == "production" and not in_production:
            raise CommandError(
                "ENVIRONMENT is production. This destroys what it finds: run it with "
                "another ENVIRONMENT, on a copy."
            )
        name = connection.settings_dict["NAME"]
        if database is not None and database != name:
            raise CommandError(f"The database is {name}, not {database}.")
        if apply and not COPY.search(name) and database is None:
            raise CommandError(
                f"The database is called {name}, like a live one. If it is a copy, "
                f"say --database {name}."
            )

    def tell(self, tables):
        for table in tables:
            what = ", ".join(table.columns) or "all rows deleted"
            self.stdout.write(f"{table.name} ({table.rows}): {what}")
        self.stdout.write("Nothing is changed yet: run it with --apply.")
