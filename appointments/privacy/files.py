"""Files with personal data, for nobody but who asked for them."""

import os

MODE = 0o600


def private_file(path, **how):
    """A new file that only its owner reads, open for writing.

    Raises OSError, and FileExistsError rather than write over another.
    """
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), **how)
