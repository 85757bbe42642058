"""Pages that are the same for everybody, kept in Redis until what they show changes.

The key holds a version that is read from the database with each request: what a commit
has changed has another version, so nothing has to be thrown away, and nothing stale is
shown, whoever changed it and wherever Redis was then. A page that is worked out while
something changes may be kept under the version from before; nobody asks for that any
more.
"""

import hashlib
from functools import cache as once
from functools import wraps

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.http import HttpResponse


def kept(version):
    """Keep the answers of a view to GET without a query.

    `version` is called with the view's arguments; its result's repr names the state of
    all that the page shows. The page may depend on nothing else but the language.
    """

    def decorate(view):
        @wraps(view)
        def from_cache(request, *args, **kwargs):
            if not _is_for_everybody(request):
                return view(request, *args, **kwargs)
            about = (request.path, request.LANGUAGE_CODE, version(*args, **kwargs))
            name = key("catalogue", *about)
            body = cache.get(name)
            if body is not None:
                return HttpResponse(body)
            response = view(request, *args, **kwargs)
            if response.status_code == 200:
                cache.set(name, response.content, settings.CACHE_TTL)
            return response

        return from_cache

    return decorate


def _is_for_everybody(request):
    has_messages = CookieStorage.cookie_name in request.COOKIES
    return request.method == "GET" and not request.GET and not has_messages


def key(kind, *about):
    """The key of what depends on `about`, by its repr, and on what this code is."""
    about = (*about, _code(), settings.RELEASE, settings.SITE_NAME)
    return f"{kind}:{hashlib.sha256(repr(about).encode()).hexdigest()}"


@once
def _code():
    """What this code's pages look like: an upgrade must not show those of before."""
    roots = [settings.BASE_DIR / "templates", *settings.LOCALE_PATHS]
    files = sorted(file for root in roots for file in root.rglob("*.*"))
    looks = [(str(file), file.stat().st_mtime_ns) for file in files]
    manifest = getattr(staticfiles_storage, "manifest_hash", "")
    return hashlib.sha256(repr((looks, manifest)).encode()).hexdigest()
