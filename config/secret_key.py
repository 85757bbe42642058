"""The secret key of a copy on somebody's own machine: made once, then kept."""

import hmac
import os
import secrets
from contextlib import suppress

from django.core.exceptions import ImproperlyConfigured

FILE_NAME = "secret_key"
LEAST_LENGTH = 50  # below it Django's own check warns; as much entropy as SHA-256 has


def kept_in(data_dir):
    """Return the key in DATA_DIR, making it first if need be.

    It is written aside and linked into place, so that of two processes that start
    at once both end with the same key and nobody reads half of one.
    """
    path = data_dir / FILE_NAME
    if not path.exists():
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ImproperlyConfigured(
                f"DATA_DIR ({data_dir}) cannot be made: {error.strerror}."
            ) from error
        draft = data_dir / f".{FILE_NAME}.{os.getpid()}"
        with open(os.open(draft, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


def checked(key, *, strict):
    """Return the key that is configured. Where `strict`, one that is too short is none.

    It signs the links that open appointments: what can be guessed opens all of them.
    """
    if strict and len(key) < LEAST_LENGTH:
        raise ImproperlyConfigured(
            f"SECRET_KEY has {len(key)} characters; it must have {LEAST_LENGTH}. "
            "Make one with: python -c 'import secrets; "
            "print(secrets.token_urlsafe(50))'."
        )
    return key


def derived(secret, purpose):
    """Return another key for one purpose, which says nothing about the first."""
    return hmac.digest(secret.encode(), purpose.encode(), "sha256").hex()
