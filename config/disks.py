"""Whether there is room on the disks: on those we see, and on the database's.

The database may be on another machine, where nobody asks how much room there is left.
But it says so when it has none (SQLSTATE 53100), and that is remembered for a while.
"""

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from psycopg.errors import DiskFull

LOW = 1024**3  # bytes; of a small disk, a tenth
REMEMBERED = 120  # seconds
KEY = "disk_full"
MB = 2**20


@dataclass(frozen=True)
class Disk:
    path: Path  # one directory of ours that is on it
    free: int  # bytes
    size: int

    @property
    def is_low(self):
        return self.free < min(LOW, self.size // 10)


def disks():
    """Each disk that we write to once, by a directory of ours on it."""
    found = {}
    directories = [settings.DATA_DIR, settings.METRICS_DIR, tempfile.gettempdir()]
    for path in map(Path, directories):
        if path.exists():
            usage = shutil.disk_usage(path)
            found.setdefault(path.stat().st_dev, Disk(path, usage.free, usage.total))
    return list(found.values())


def nearly_full():
    """A sentence about each that is."""
    return [
        f"The disk of {disk.path} is nearly full: {disk.free // MB} MB free."
        for disk in disks()
        if disk.is_low
    ]


def full_of_late():
    """A sentence, if the database has said lately that it had no room."""
    at = cache.get(KEY)
    if at is None:
        return []
    return [f"The database's disk was full {time.time() - at:.0f} s ago."]


def note(error):
    """Remember that the database had no room, if that is what this error says."""
    while error is not None and not isinstance(error, DiskFull):
        error = error.__cause__
    if error is not None:
        cache.set(KEY, time.time(), REMEMBERED)
