"""Child processes and their lines of output, for the supervisor."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress

import psutil

from config import unprivileged

MARK = "APPOINTMENTS_SUPERVISED_IN"
LAST_LINES = 15
STOP_SECONDS = 15
COLOURS = {
    "web": 36,
    "worker": 32,
    "webhooks": 32,
    "beat": 33,
    "postgres": 34,
    "valkey": 31,
    "prepare": 35,
}


class Console:
    """Whole lines, each led by the name of the process that wrote it."""

    def __init__(self, names):
        self.width = max(map(len, names))
        self.stream = sys.stdout
        self.lock = threading.Lock()

    def line(self, name, text):
        label = f"{name:<{self.width}} |"
        if self.stream.isatty():
            label = f"\033[{COLOURS.get(name, 37)}m{label}\033[0m"
        self.plain(f"{label} {text}")

    def plain(self, text):
        with self.lock, suppress(OSError):
            self.stream.write(f"{text}\n")
            self.stream.flush()


class Child:
    """A process in a group of its own, so that Ctrl-C reaches it only through us."""

    def __init__(
        self,
        name,
        command,
        console,
        on_end,
        *,
        mark,
        environment=None,
        ready_word="",
    ):
        self.name = name
        self.command = command
        self.console = console
        self.on_end = on_end
        self.environment = os.environ | {"PYTHONUNBUFFERED": "1", MARK: mark}
        self.environment |= environment or {}
        self.last_lines = deque(maxlen=LAST_LINES)
        self.process = None
        self.ready_word = ready_word
        self.ready = threading.Event()
        if not ready_word:
            self.ready.set()

    def start(self):
        self.process = subprocess.Popen(  # noqa: S603
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            process_group=0,
            preexec_fn=unprivileged.die_with_parent,
        )
        for work in (self._pass_lines_on, self._await_end):
            threading.Thread(target=work, args=[self.process], daemon=True).start()

    def send(self, number):
        with suppress(ProcessLookupError):
            self.process.send_signal(number)

    def kill_group(self):
        """End what is left of it: a dead parent may leave living children."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _pass_lines_on(self, process):
        for line in process.stdout:
            self.last_lines.append(line.rstrip())
            self.console.line(self.name, line.rstrip())
            if self.ready_word in line:
                self.ready.set()
        process.stdout.close()

    def _await_end(self, process):
        process.wait()
        self.on_end(self)


def stop_all(children, give_up):
    """Ask all to finish, wait, and kill what is left; `give_up` cuts the wait short."""
    running = [child for child in children if child.process]
    for child in running:
        child.send(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for child in running:
        while child.process.poll() is None:
            if give_up.wait(0.05) or time.monotonic() > deadline:
                break
        child.kill_group()


def end_leftovers(mark):
    """End what a supervisor left that was killed before it could stop its children."""
    left = [process for process in psutil.process_iter() if _is_marked(process, mark)]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _gone, alive = psutil.wait_procs(left, timeout=5)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _is_marked(process, mark):
    try:
        return process.environ().get(MARK) == mark
    except (psutil.Error, OSError):
        return False


class FollowedLog:
    """The lines that are added to a log file from now on."""

    def __init__(self, name, path, console):
        self.name = name
        self.console = console
        self.log = path.open(errors="replace")
        self.log.seek(0, os.SEEK_END)

    def start(self):
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        while True:
            for line in self.log:
                self.console.line(self.name, line.rstrip())
            time.sleep(0.5)
