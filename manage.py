#!/usr/bin/env python
"""Django's command line, with the embedded services started where they are meant."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

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


if __name__ == "__main__":
    main(sys.argv)
