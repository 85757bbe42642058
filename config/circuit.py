"""Leaving alone, for a moment, what has just not answered."""

import threading
import time

import structlog

PAUSE = 2  # seconds

logger = structlog.get_logger(__name__)


class Circuit:
    """Whether to try something that may be away; shared by the threads of a process.

    After a failure nobody tries for PAUSE seconds; then one does, and the others
    wait for what becomes of it.
    """

    def __init__(self, name):
        self.name = name
        self._lock = threading.Lock()
        self._closed_until = 0.0  # on the clock of time.monotonic()
        self.is_open = False

    def may_try(self):
        if not self.is_open:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._closed_until:
                return False
            self._closed_until = now + PAUSE
            return True

    def failed(self, error):
        with self._lock:
            self._closed_until = time.monotonic() + PAUSE
            was_open, self.is_open = self.is_open, True
        if not was_open:
            logger.warning(f"{self.name}_away", error=type(error).__name__)

    def works(self):
        if self.is_open:
            with self._lock:
                self.is_open = False
            logger.warning(f"{self.name}_back")
