#!/usr/bin/env python
"""Django's command line, with the embedded services started where they are meant."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError
from psycopg.errors import UndefinedColumn, UndefinedTable

from config import embedded

# These ask neither the database nor the cache.
NEEDS_NO_SERVICES = {
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "run",
    "startapp",
    "version",
    "--help",
    "-h",
    "--version",
}


def main(arguments):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = arguments[1] if len(arguments) > 1 else "help"
    try:
        if command not in NEEDS_NO_SERVICES:
            embedded.attach(settings)
        execute_from_command_line(arguments)
    except (ImproperlyConfigured, embedded.ServiceError) as error:
        sys.exit(f"{command}: {error}")
    except OperationalError as error:
        [why, *_more] = str(error).splitlines()
        sys.exit(f"{command}: The database cannot at present: {why}")
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
            raise
        sys.exit(
            f"{command}: The database is not set up for this version. "
            "Run “manage.py migrate” first."
        )


if __name__ == "__main__":
    main(sys.argv)
