"""The counts of all processes of this machine, as Prometheus reads them.

Each process counts in files of its own, named after its number. Those of processes
that have ended are folded into one, so that nothing that was counted is lost and no
file is left behind for each worker there ever was.
"""

import fcntl
import os
import re
from contextlib import contextmanager

from django.conf import settings
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.mmap_dict import mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

from config.metrics import gathered
from config.metrics.room import RoomyDict

FILE = re.compile(r"(?P<kind>[a-z_]+)_(?P<pid>\d+)\.db")
ENDED = "0"  # no process has this number


def exposition():
    """All there is to tell, in Prometheus's text format."""
    registry = CollectorRegistry()
    with _alone():
        fold_ended()
        MultiProcessCollector(registry, path=str(settings.METRICS_DIR))
        registry.register(gathered.Collector())
        return generate_latest(registry)


def fold_ended():
    """Add what ended processes counted to one file; forget what they were at."""
    ended = {}
    for path in settings.METRICS_DIR.glob("*.db"):
        match = FILE.fullmatch(path.name)
        if match and match["pid"] != ENDED and not _is_running(int(match["pid"])):
            ended.setdefault(match["kind"], []).append(path)
    for kind, paths in ended.items():
        if kind.startswith("gauge") or _fold(kind, paths):
            for path in paths:
                path.unlink(missing_ok=True)


def _fold(kind, paths):
    """Add them to the one of their kind; False if there is no room for that."""
    target = settings.METRICS_DIR / f"{kind}_{ENDED}.db"
    files = [str(path) for path in [*paths, target] if path.exists()]
    metrics = MultiProcessCollector.merge(files, accumulate=False)
    scratch = target.with_suffix(".new")
    scratch.unlink(missing_ok=True)
    total = RoomyDict(str(scratch))
    for metric in metrics:
        for sample in metric.samples:
            labels = sorted(sample.labels.items())
            key = mmap_key(
                # As it was counted: a counter's own name ends in what its samples do.
                metric.name,
                sample.name,
                [name for name, _value in labels],
                [value for _name, value in labels],
                metric.documentation,
            )
            total.write_value(key, sample.value, 0.0)
    total.close()
    if not total.is_whole:
        scratch.unlink(missing_ok=True)
        return False
    scratch.replace(target)
    return True


def _is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


@contextmanager
def _alone():
    """One scrape at a time, over all processes."""
    with (settings.METRICS_DIR / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
