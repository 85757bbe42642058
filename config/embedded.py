"""PostgreSQL and Valkey of our own, for whoever has configured none.

Every process that uses them holds a shared lock on one file for as long as it
lives; the last to leave stops them. The kernel drops the locks of whatever dies,
so that no list of process ids can go stale: after a power loss, or a `kill -9`,
the next to come finds the services running or starts them.
"""

import atexit
import fcntl
import os
import shutil
import signal
import sys
from contextlib import contextmanager

from config import addresses, unprivileged
from config.servers import Postgres, ServiceError, Valkey

__all__ = ["EmbeddedServices", "ServiceError", "attach"]

LEAST_FREE = 200 * 1024 * 1024


class EmbeddedServices:
    """The services over one DATA_DIR; enter to use them."""

    def __init__(
        self, data_dir, *, postgres=True, valkey=True, child=False, postgres_options=()
    ):
        self.data_dir = data_dir
        self.socket_dir = addresses.socket_dir(data_dir)
        self.servers = []
        where = (data_dir, self.socket_dir)
        if postgres:
            self.servers.append(Postgres(*where, child=child, options=postgres_options))
        if valkey:
            self.servers.append(Valkey(*where, child=child))
        self._use = None

    def __enter__(self):
        self._make_directories()
        with self._alone():
            self._use = os.open(self._path("users.lock"), os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(self._use, fcntl.LOCK_SH)
            try:
                self.start()
            except BaseException:  # Ctrl-C, too, leaves nothing half started
                self._leave()
                raise
        return self

    def __exit__(self, *exception):
        with self._alone():
            self._leave()

    def _leave(self):
        os.close(self._use)
        self._use = None
        if self._nobody_else():
            self.stop()

    def start(self):
        """Start what does not run."""
        for server in self.servers:
            server.start()

    def stop(self):
        for server in reversed(self.servers):
            server.stop()

    @contextmanager
    def _alone(self):
        """One process at a time starts or stops anything."""
        with self._path("services.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _nobody_else(self):
        with self._path("users.lock").open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    def _path(self, name):
        return self.data_dir / name

    def _make_directories(self):
        try:
            (self.data_dir / "log").mkdir(parents=True, exist_ok=True)
            unprivileged.own(self.socket_dir)
        except OSError as error:
            raise ServiceError(
                f"DATA_DIR ({self.data_dir}) cannot be used: {error.strerror}."
            ) from error
        if self.socket_dir.stat().st_mode & 0o077:
            raise ServiceError(f"{self.socket_dir} must be open to its owner alone.")
        if any(server.process() is None for server in self.servers):
            refuse_full_disk(self.data_dir)


def full_disk(path):
    """A sentence, if there is too little room to start with; else ""."""
    free = shutil.disk_usage(path).free
    if free >= LEAST_FREE:
        return ""
    return (
        f"The disk is full: DATA_DIR ({path}) has {free // 2**20} MB free, "
        f"and at least {LEAST_FREE // 2**20} MB are needed."
    )


def refuse_full_disk(path):
    if sentence := full_disk(path):
        raise ServiceError(sentence)


def attach(settings):
    """Use the services that the settings leave to us until this process ends."""
    services = EmbeddedServices(
        settings.DATA_DIR,
        postgres=settings.DATABASE_IS_EMBEDDED,
        valkey=settings.REDIS_IS_EMBEDDED,
    )
    if not services.servers:
        return
    services.__enter__()
    owner = os.getpid()
    atexit.register(lambda: os.getpid() == owner and services.__exit__())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
