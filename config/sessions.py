"""Sessions in the database, with a copy in Redis that is believed for a minute.

A Redis that is away loses nobody's session, and one that comes back cannot revive a
session which was ended meanwhile. Where a session is used all the time, it is one
query a minute.
"""

from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.base import UpdateError

from config import outages

COPY_IS_GOOD_FOR = 60  # seconds


class _ShortLived:
    """The cache, with nothing kept for longer than a minute."""

    def __init__(self, cache):
        self._cache = cache

    def __contains__(self, key):
        return key in self._cache

    def __getattr__(self, name):
        return getattr(self._cache, name)

    def set(self, key, value, timeout):
        return self._cache.set(key, value, min(timeout, COPY_IS_GOOD_FOR))


class SessionStore(cached_db.SessionStore):
    def __init__(self, session_key=None):
        super().__init__(session_key)
        self._cache = _ShortLived(self._cache)

    def save(self, must_create=False):
        """A database that is away is no session that somebody else has ended."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if outages.behind(error.__context__):
                raise error.__context__ from None
            raise
