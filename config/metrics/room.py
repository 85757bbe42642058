"""Counting where there may be no room: on a full disk, or in memory that is used up.

prometheus_client maps files with holes, and to write into a hole for which the machine
has nothing left ends the process (SIGBUS). Here room is taken before it is written to.
What finds none the process counts alone; the file has all of it once there is some.
"""

import mmap
import os

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

from config.circuit import Circuit

FIRST = 64 * 1024  # bytes
FRAME = 32  # bytes around a key, and more: its length, padding, two numbers


class RoomyDict(MmapedDict):
    """The counts of a process, in a file that is nowhere hollow."""

    def __init__(self, filename):
        self._fname = filename
        self._f = None  # until there is room
        self._positions = {}
        self._circuit = Circuit("metrics_room")
        self.is_whole = True  # nothing was ever left out of the file

    def read_value(self, key):
        return super().read_value(key) if self._has_room(key) else (0.0, 0.0)

    def write_value(self, key, value, timestamp):
        if self._has_room(key):
            super().write_value(key, value, timestamp)

    def _has_room(self, key):
        if key in self._positions:
            return True
        if not self._circuit.may_try():
            return False
        try:
            self._make_room(len(key.encode()) + FRAME)
        except OSError as error:
            self._circuit.failed(error)
            self.is_whole = False
            return False
        self._circuit.works()
        return True

    def _make_room(self, needed):
        if self._f is None:
            _begin(self._fname)
            super().__init__(self._fname)
        while self._used + needed > self._capacity:
            _fill_up(self._f.fileno(), self._capacity * 2)
            self._capacity *= 2
            self._m = mmap.mmap(self._f.fileno(), self._capacity)


def _begin(path):
    """Make the file, or leave none: one that is empty cannot be read."""
    with open(path, "ab") as file:
        try:
            _fill_up(file.fileno(), FIRST)
        except OSError:
            os.unlink(path)
            raise


def _fill_up(descriptor, size):
    """Have a file be `size` bytes long, all of them written. Raises OSError."""
    before = done = os.fstat(descriptor).st_size
    try:
        while done < size:
            done += os.pwrite(descriptor, bytes(size - done), done)
    except OSError:
        os.ftruncate(descriptor, before)
        raise


def use():
    """Have prometheus_client count so; before anything is counted."""
    values.MmapedDict = RoomyDict
