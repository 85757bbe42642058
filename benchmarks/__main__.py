"""What the hot paths cost, as ratios to plain statements of the same run.

Run it by `make bench`. It starts a throw-away PostgreSQL and Valkey, fills in a
town, and times each case in interleaved rounds: the medians' ratios hold on a busy
machine, the milliseconds do not. "reads" are measured against a SELECT 1, "writes"
against one bare INSERT, both through Django's cursor.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

DATA_DIR = Path(tempfile.mkdtemp(prefix="bench-"))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "ENV_FILE": os.devnull,
    "DATA_DIR": str(DATA_DIR),
    "METRICS_DIR": str(DATA_DIR / "metrics"),
    "LOG_LEVEL": "WARNING",
    "RATE_LIMIT_ENABLED": "false",
}


def main():
    """Run all cases and print the table."""
    from config.embedded import EmbeddedServices  # noqa: PLC0415 (after DATA_DIR is set)

    try:
        (DATA_DIR / "static").mkdir()  # else whitenoise warns
        with EmbeddedServices(DATA_DIR, child=True):
            from benchmarks import cases  # noqa: PLC0415 (needs the services)

            sys.stdout.write(cases.report() + "\n")
    finally:
        shutil.rmtree(DATA_DIR, ignore_errors=True)


if __name__ == "__main__":
    main()
