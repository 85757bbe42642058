"""One-time codes (TOTP, RFC 6238) and recovery codes: the arithmetic, no rows.

The secret in somebody's phone is made of a random seed, which their row keeps, and of
SECRET_KEY, which it does not: whoever has the database alone can make no code.
"""

import base64
import hashlib
import hmac
import secrets
import time
from urllib.parse import quote, urlencode

from django.conf import settings
from django_otp.oath import hotp

STEP = 30  # seconds that a code is shown for; one step of drift each way is allowed
DIGITS = 6
RECOVERY_CODES = 10
# 32 signs, none like another; 16 of them are 80 bits, so a plain digest is enough.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
RECOVERY_LENGTH = 16


def new_seed():
    """32 hexadecimal digits."""
    return secrets.token_hex(16)


def secret_of(seed):
    """What the phone holds: 20 bytes."""
    key = bytes.fromhex(settings.SECOND_FACTOR_KEY)
    return hmac.digest(key, bytes.fromhex(seed), "sha256")[:20]


def as_text(seed):
    """The secret for who types it: "ABCD EFGH …"."""
    text = _base32(seed)
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def address(seed, account):
    """What the QR code says: an otpauth:// address."""
    issuer = settings.SITE_NAME.replace(":", "")
    label = quote(f"{issuer}:{account}")
    about = {"secret": _base32(seed), "issuer": issuer}
    return f"otpauth://totp/{label}?{urlencode(about, quote_via=quote)}"


def step_of(seed, code, *, after=0):
    """The time step that a code is of, if it is of now and later than `after`."""
    now = int(time.time()) // STEP
    for step in (now, now - 1, now + 1):
        if step > after and hmac.compare_digest(code_at(seed, step), code):
            return step
    return None


def code_at(seed, step):
    return f"{hotp(secret_of(seed), step, DIGITS):0{DIGITS}}"


def tidy(typed):
    """A code as we compare it, however it was typed; ASCII only."""
    kept = "".join(sign for sign in typed.upper() if sign.isalnum())
    return kept if kept.isascii() else ""


def new_recovery_codes():
    """Ten codes like "ABCD-EFGH-JKLM-NPQR"."""
    return ["-".join(_group() for _ in range(4)) for _ in range(RECOVERY_CODES)]


def digest(recovery_code):
    return hashlib.sha256(tidy(recovery_code).encode()).hexdigest()


def _base32(seed):
    return base64.b32encode(secret_of(seed)).decode()


def _group():
    return "".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH // 4))
