"""PgBouncer in transaction mode before the tests' PostgreSQL, as in production."""

import configparser
import subprocess
import time
from pathlib import Path

import psycopg

from config import unprivileged
from tests.deployment import ROOT

PORT = 6432
SECONDS = 20


class PgBouncer:
    """deploy/pgbouncer.ini, with the addresses of the tests instead of containers'."""

    def __init__(self, directory, *, database, host, pool_size):
        self.directory = directory
        unprivileged.own(directory)
        found = [ROOT / "scripts/find-pgbouncer"]
        binary = subprocess.run(found, capture_output=True, text=True, check=True)
        settings = self._settings(database, host, pool_size)
        with (directory / "pgbouncer.ini").open("w") as file:
            settings.write(file)
        self.log = directory / "pgbouncer.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [binary.stdout.strip(), directory / "pgbouncer.ini"],
                stdout=log,
                stderr=subprocess.STDOUT,
                **unprivileged.account(),
            )

    def _settings(self, database, host, pool_size):
        settings = configparser.ConfigParser(interpolation=None)
        settings.read(ROOT / "deploy/pgbouncer.ini")
        for name, line in settings["databases"].items():
            line = line.replace("host=db port=5432", f"host={host} user=postgres")
            line = line.replace("dbname=appointments", f"dbname={database}")
            settings["databases"][name] = line.replace(
                "pool_size=20", f"pool_size={pool_size}"
            )
        settings["pgbouncer"].update(
            {
                "auth_type": "any",
                "listen_port": str(PORT),
                "unix_socket_dir": str(self.directory),
                "reserve_pool_size": "0",
                "admin_users": "postgres",
            }
        )
        for name in ("auth_file", "listen_addr"):
            del settings["pgbouncer"][name]
        return settings

    def url(self, database="appointments"):
        return (
            f"postgresql:///{database}?host={self.directory}&port={PORT}&user=postgres"
        )

    def ask(self, database, statement):
        with psycopg.connect(
            self.url(database), autocommit=True, prepare_threshold=None
        ) as session:
            return session.execute(statement).fetchall()

    def wait_until_ready(self):
        deadline = time.monotonic() + SECONDS
        while not Path(self.directory, f".s.PGSQL.{PORT}").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.log.read_text())
            time.sleep(0.05)
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait(SECONDS)
