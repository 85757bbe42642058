"""One process of the site, for containers and systemd: `python -m config.serve web`.

The commands are those of `make run`, which supervises all of them at once; here
whoever starts us does. We become the process, so that signals reach it itself.
"""

import argparse
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import checks
from config.run import (
    WEB_THREADS,
    announcement,
    celery_command,
    web_command,
    worker_command,
)

ALL_INTERFACES = "0.0.0.0"  # noqa: S104 (a container has a network of its own)  # nosec B104


def commands():
    """What each process runs, as arguments of Python."""
    return {
        "web": web_command(ALL_INTERFACES),
        "worker": worker_command("worker", "celery"),
        "webhooks": worker_command("webhooks", "webhooks"),
        "beat": celery_command("beat", "--pidfile="),
    }


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    parser = argparse.ArgumentParser(prog="python -m config.serve")
    parser.add_argument("process", choices=["web", "worker", "webhooks", "beat", "say"])
    process = parser.parse_args().process
    try:
        if process == "say":
            sys.stdout.write(f"{announcement()}\n")
            return
        for error in checks.refusals():
            sys.exit(f"serve: {error.msg} {error.hint}")
        command = commands()[process]
    except ImproperlyConfigured as error:
        sys.exit(f"serve: {error}")
    if process == "web" and not settings.DATABASE_POOL_SIZE:
        os.environ["DATABASE_POOL_SIZE"] = str(WEB_THREADS)
    os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 (no shell is meant)  # nosec B606


if __name__ == "__main__":
    main()
