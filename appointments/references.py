"""References that people can read out, like K7M4-QX2P.

Seven random characters and a check character, in two groups of four. The 23
characters have no two that look or sound alike and no vowels, so no words. As
23 is a prime, the check character finds every single wrong character and every
swap of two neighbours.
"""

import secrets

ALPHABET = "23456789CDFGHJKMNPQRTXY"
LENGTH = 8

# What people write for a character that they misread.
_MISREAD = str.maketrans("ZSB", "258")


def make():
    """A new random reference, with its hyphen."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return _grouped(body + _check(body))


def read(text):
    """The reference that somebody typed, tidied up; None if it can't be one."""
    letters = _letters(text)
    if letters is None or len(letters) != LENGTH:
        return None
    return _grouped(letters) if _check(letters[:-1]) == letters[-1] else None


def beginning(text):
    """How the references begin of which somebody has read three to seven characters.

    None if none begins so.
    """
    letters = _letters(text)
    if letters is None or not 3 <= len(letters) < LENGTH:
        return None
    return _grouped(letters) if len(letters) > 4 else letters


def _letters(text):
    """The characters of a reference, tidied up; None if they can't be."""
    letters = "".join(text.upper().split()).replace("-", "").translate(_MISREAD)
    return None if any(c not in ALPHABET for c in letters) else letters


def _check(body):
    total = sum(n * ALPHABET.index(c) for n, c in enumerate(body, start=2))
    return ALPHABET[-total % len(ALPHABET)]


def _grouped(letters):
    return f"{letters[:4]}-{letters[4:]}"
