"""Guessing passwords from many addresses at one account, or at many from one.

Five wrong ones for one account from one address lock it there (axes, in the
database). What comes spread out is counted here, in Redis: wrong passwords of one
account over all addresses, and of one address (of IPv6, a /64) over all accounts. Past
the limit no password is even looked at, but from a browser which its owner has signed
in with before: no stranger can lock the owner out. A new password by mail lifts it,
too. It counts what was typed, so nobody learns which accounts exist.
"""

import hmac
from hashlib import sha256
from typing import NamedTuple

import structlog
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.utils.crypto import salted_hmac

from accounts.models import User
from accounts.owing import warn
from config import addresses

COOKIE = "known_browser"
SALT = "accounts.known_browser"
COOKIE_AGE = 180 * 86_400  # seconds
MOST_ACCOUNTS = 5  # on one browser; the latest stay

logger = structlog.get_logger(__name__)


class Limit(NamedTuple):
    """So many wrong passwords in so many seconds, as `setting` says: (20, 900)."""

    name: str
    setting: str

    def count(self, what):
        """Count one more; whether it is the one that goes past the limit."""
        most, seconds = getattr(settings, self.setting)
        key = self._key(what)
        cache.add(key, 0, seconds)
        try:
            return cache.incr(key) == most
        except ValueError:  # just expired, or Redis is away
            return False

    def is_reached(self, what):
        most, _seconds = getattr(settings, self.setting)
        return (cache.get(self._key(what)) or 0) >= most

    def forget(self, what):
        cache.delete(self._key(what))

    def _key(self, what):
        return f"wrong-password:{self.name}:{sha256(what.encode()).hexdigest()}"


ACCOUNT = Limit("account", "WRONG_PASSWORDS_PER_ACCOUNT")
ACCOUNT_DAILY = Limit("account-day", "WRONG_PASSWORDS_PER_ACCOUNT_AND_DAY")
NETWORK = Limit("network", "WRONG_PASSWORDS_PER_NETWORK")
BROWSER = Limit("browser", "WRONG_PASSWORDS_PER_ACCOUNT")


class GuessingBackend:
    """Looks at no password where too many were wrong. Signs nobody in."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        if request is None or username is None or not settings.RATELIMIT_ENABLE:
            return
        if is_refused(request, User.objects.normalize_email(username)):
            request.axes_locked_out = True  # told like any other lockout
            raise PermissionDenied


def is_refused(request, email):
    token = known(request).get(_name(email))
    if token is not None and _is_of(email, token):
        return BROWSER.is_reached(token)
    by_account = any(limit.is_reached(email) for limit in (ACCOUNT, ACCOUNT_DAILY))
    return by_account or NETWORK.is_reached(network(request))


def count_wrong(sender, credentials, request=None, **kwargs):
    """Signal user_login_failed."""
    if request is None or not settings.RATELIMIT_ENABLE:
        return
    email = User.objects.normalize_email(credentials.get("username"))
    token = known(request).get(_name(email))
    if token is not None:
        BROWSER.count(token)
    if NETWORK.count(network(request)):
        logger.warning("guessing_many_accounts")
    ACCOUNT_DAILY.count(email)
    if ACCOUNT.count(email):
        _tell_owner(email)


def forget(email):
    """Somebody has shown who they are: count anew."""
    ACCOUNT.forget(email)
    ACCOUNT_DAILY.forget(email)


def _tell_owner(email):
    user = User.objects.active().people().filter(email=email).first()
    logger.warning("guessing_one_account", user=user and user.pk)
    if user is not None:
        warn(user)


def network(request):
    """The caller's address; of IPv6 the /64, which is one customer's."""
    return addresses.network_of(request.META.get("REMOTE_ADDR", ""))


def address_for_lockout(request):
    """By what axes counts; None where there is no address, behind a socket."""
    return network(request) or None


# --- the browser that an owner has signed in with ---


def remember(response, request, user):
    """Have the browser know that `user` has signed in with it."""
    accounts = {**known(request)}
    accounts.pop(_name(user.email), None)
    accounts[_name(user.email)] = _token(user)
    latest = dict(list(accounts.items())[-MOST_ACCOUNTS:])
    response.set_cookie(
        COOKIE,
        signing.dumps(latest, salt=SALT),
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def known(request):
    """{name of an account: proof of a sign-in}, as the browser's cookie has it."""
    try:
        return signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_AGE
        )
    except signing.BadSignature:
        return {}


def _name(email):
    return salted_hmac(SALT, email, algorithm="sha256").hexdigest()[:16]


def _token(user):
    """Good until the password changes."""
    value = f"{user.pk} {user.password}"
    return salted_hmac(SALT, value, algorithm="sha256").hexdigest()[:32]


def _is_of(email, token):
    user = User.objects.filter(email=email).first()
    return user is not None and hmac.compare_digest(_token(user), token)
