"""`Idempotency-Key`: a POST that is repeated does what it does once.

The answer is kept in the transaction of what was done, so a crash leaves both or
neither. Two requests with one key never run at once: the second finds the first's
advisory lock taken, which PostgreSQL gives back when that transaction ends, however
it ends.

Kept for 24 hours are success and refusal (2xx and 409): what an operation decided.
Not kept is what no operation has seen (a malformed body, a missing sign-in, a rate
limit) and what went wrong with us (5xx): send it again. See
docs/decisions/0020-safe-to-retry.md.
"""

import hashlib
import re
from contextlib import suppress
from datetime import timedelta

import orjson
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from config.api.formats import MEDIA_TYPE, encode
from config.api.problems import InProgress, InvalidKey, KeyReused
from config.models import IdempotencyKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ["Location"]


def once(view, handler, request, *args, **kwargs):
    """Run the view's handler, or give the answer it gave to this key before."""
    caller, key = caller_of(request), _key(request)
    fingerprint = _fingerprint(request, caller)
    with transaction.atomic():
        if not _only_one(caller, key):
            raise InProgress
        kept = IdempotencyKey.objects.filter(caller=caller, key=key).first()
        if kept and kept.created_at > timezone.now() - KEPT_FOR:
            if kept.fingerprint != fingerprint:
                raise KeyReused
            return _replay(kept, view)
        try:
            response = handler(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  handle_exception raises it again
            response = view.handle_exception(error)
        if response.status_code >= 500:
            transaction.set_rollback(True)
        elif response.status_code < 300 or response.status_code == 409:
            _keep(caller, key, fingerprint, response, view)
    return response


def caller_of(request):
    """Whose keys these are. Guests share a room: theirs must be random."""
    return f"user {request.user.pk}" if request.user.is_authenticated else "guest"


def purge():
    """Forget the answers that are too old to be given again; returns how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    return old.delete()[0]


def _key(request):
    key = request.headers[HEADER].strip()
    if not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        raise InvalidKey
    return key


def _fingerprint(request, caller):
    """What must be the same: method, address, caller, and the body's meaning.

    Keyed, since a body can hold a password.
    """
    body = request._request.body
    with suppress(orjson.JSONDecodeError):  # the parser will say so
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    asked = f"{request.method} {request.get_full_path()} {caller}\n".encode()
    return salted_hmac(__name__, asked + body, algorithm="sha256").hexdigest()


def _only_one(caller, key):
    digest = hashlib.sha256(f"{caller} {key}".encode()).digest()
    number = int.from_bytes(digest[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return cursor.fetchone()[0]


def _keep(caller, key, fingerprint, response, view):
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    headers["Content-Type"] = response.content_type or MEDIA_TYPE
    IdempotencyKey.objects.update_or_create(
        caller=caller,
        key=key,
        defaults={
            "fingerprint": fingerprint,
            "status": response.status_code,
            "headers": headers,
            "body": view.seal(encode(response.data).decode()),
            "created_at": timezone.now(),
        },
    )


def _replay(kept, view):
    headers = {**kept.headers, REPLAYED: "true"}
    return HttpResponse(view.unseal(kept.body), status=kept.status, headers=headers)
