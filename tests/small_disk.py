"""A small disk that a test can fill: memory, mounted where this test alone sees it.

The mount is in a namespace of its own, so that nothing of it is left when its last
process has ended, and anybody may make one where the system lets people have
namespaces, as most do.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

WAITING = "import sys; sys.stdin.read()"
PRIVATE = 1 << 18 | 1 << 14  # MS_PRIVATE | MS_REC: no other namespace sees our mounts

libc = ctypes.CDLL(None, use_errno=True)


class SmallDisk:
    """`path` on it, as its own processes see it; they are started with `within`."""

    def __init__(self, path, size):
        self.path, self.size = path, size
        self.user, self.group = os.geteuid(), os.getegid()
        path.mkdir(mode=0o755)
        self.holder = subprocess.Popen(
            [sys.executable, "-c", WAITING],
            stdin=subprocess.PIPE,
            preexec_fn=self._mount,
        )

    def within(self):
        """Between fork and exec: see the disk."""
        here = os.getcwd()
        for name in ["user", "mnt"] if self.user else ["mnt"]:
            with open(f"/proc/{self.holder.pid}/ns/{name}") as namespace:
                os.setns(namespace.fileno())
        os.chdir(here)

    def seen_from_outside(self, path):
        return Path(f"/proc/{self.holder.pid}/root{path}")

    def fill(self):
        """Leave no byte; `make_room` takes what was put there away."""
        here = self.seen_from_outside(self.path)
        with (here / "ballast").open("ab", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"\0" * 4096)
            except OSError:
                return

    def make_room(self):
        (self.seen_from_outside(self.path) / "ballast").unlink()

    def free(self):
        there = os.statvfs(self.seen_from_outside(self.path))
        return there.f_bavail * there.f_frsize

    def close(self):
        self.holder.stdin.close()
        self.holder.wait()

    def _mount(self):
        os.unshare(os.CLONE_NEWNS | (os.CLONE_NEWUSER if self.user else 0))
        if self.user:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{self.user} {self.user} 1")
            Path("/proc/self/gid_map").write_text(f"{self.group} {self.group} 1")
        _call_mount(b"none", b"/", None, PRIVATE, None)
        options = f"size={self.size},mode=755".encode()
        _call_mount(b"disk", os.fsencode(self.path), b"tmpfs", 0, options)


def _call_mount(*arguments):
    if libc.mount(*arguments):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
