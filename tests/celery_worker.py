import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


class CeleryWorker:
    """A Celery worker in a process group of its own, so that it can be killed whole."""

    def __init__(self, database, host, *, concurrency=1, environment=()):
        self.log = Path(os.environ["DATA_DIR"]) / f"worker-{secrets.token_hex(4)}.log"
        url = f"postgresql:///{database}?host={host}&user=postgres"
        command = [
            *(sys.executable, "-m", "celery", "-A", "config", "worker"),
            *("--concurrency", str(concurrency), "--loglevel", "INFO"),
            *("--queues", "celery,webhooks"),
            *("--without-mingle", "--without-gossip", "--hostname", f"{database}@test"),
        ]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | {"DATABASE_URL": url} | dict(environment),
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while " ready." not in self.output:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"The worker did not start:\n{self.output}")
            time.sleep(0.05)
        return self

    def kill(self):
        """End it and its pool at once, as a power loss would."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Let it finish what it is doing."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        finally:
            self.kill()

    @property
    def output(self):
        return self.log.read_text()
