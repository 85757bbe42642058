"""`ETag`, `If-None-Match` and `If-Match`: what is told is what is compared.

An ETag is a digest of the answer's own bytes, so it changes with anything that the
caller can see, and with nothing else.
"""

import hashlib
import re
from contextlib import contextmanager

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags

from config.api.formats import encode
from config.api.problems import InvalidIfMatch, PreconditionFailed

ETAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
ETAGS = re.compile(rf"\*|{ETAG}(?:[ \t]*,[ \t]*{ETAG})*")


def etag_of(content):
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def add_etag(response, request):
    """Name the answer's ETag once it is rendered; 304 for who has it already.

    A view that knows a cheaper one has set it.
    """

    def conditional(rendered):
        secret = "no-store" in rendered.get("Cache-Control", "")
        if rendered.status_code not in (200, 201) or secret or rendered.streaming:
            return rendered
        etag = rendered.get("ETag") or etag_of(rendered.content)
        rendered["ETag"] = etag
        if request.method not in ("GET", "HEAD"):
            return rendered
        return get_conditional_response(request, etag=etag, response=rendered)

    if getattr(response, "is_rendered", True):
        return conditional(response)
    response.add_post_render_callback(conditional)
    return response


def lock_row(obj):
    """Re-read a row for this transaction alone. Raises Http404 if it is gone."""
    rows = obj.__class__._default_manager.select_for_update(of=["self"], no_key=True)
    return get_object_or_404(rows, pk=obj.pk)


@contextmanager
def unchanged(request, obj, *, represent, lock=lock_row):
    """Hold `obj` still while it is changed, if it is what `If-Match` names.

    Without that header there is nothing to compare, and operations take their own
    locks. With it, the row is locked (`lock` returns it anew, and takes what its
    operations lock before it), compared, and changed in one transaction. A weak ETag
    is never the same. Raises InvalidIfMatch, PreconditionFailed.
    """
    given = request.headers.get("If-Match")
    if given is None:
        yield obj
        return
    if not ETAGS.fullmatch(given.strip()):
        raise InvalidIfMatch
    wanted = parse_etags(given.strip())
    with transaction.atomic():
        obj = lock(obj)
        if wanted != ["*"] and etag_of(encode(represent(obj))) not in wanted:
            raise PreconditionFailed
        yield obj
