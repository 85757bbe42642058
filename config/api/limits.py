"""How often one caller may ask: by user or API key, else by address.

The address is REMOTE_ADDR, which ClientAddressMiddleware has set; a client's own
X-Forwarded-For counts for nothing. Of IPv6 it is the /64: all its addresses are one
customer's.
"""

from typing import NamedTuple

from django.conf import settings
from django_ratelimit.core import get_usage
from rest_framework.exceptions import Throttled

from config.addresses import network_of


class Limit(NamedTuple):
    """So many requests, as `setting` says, to all views of a group together."""

    group: str
    setting: str
    by_address: bool = False


API = Limit("api", "API_RATE_LIMIT")
SIGN_IN = Limit("sign-in", "RATE_LIMIT", by_address=True)


def count(request, limit, user):
    """Count a request; returns how much is used, None when nobody counts.

    `user` is None for who fails to sign in, who is counted by address.
    """
    return _usage(request, limit, None if limit.by_address else user)


def check(usage):
    if usage and usage["should_limit"]:
        raise Throttled(wait=max(usage["time_left"], 1))


def headers(usage, limit):
    """The RateLimit headers of draft-ietf-httpapi-ratelimit-headers."""
    if not usage:
        return {}
    policy = getattr(settings, limit.setting)
    requests, _, window = policy.partition("/")
    return {
        "RateLimit-Limit": str(usage["limit"]),
        "RateLimit-Remaining": str(max(usage["limit"] - usage["count"], 0)),
        "RateLimit-Reset": str(max(usage["time_left"], 0)),
        "RateLimit-Policy": f"{requests};w={window.rstrip('s')}",
    }


def _usage(request, limit, user):
    if user is not None and user.is_authenticated:
        who = f"user {user.pk}"
    else:
        who = f"address {network_of(request.META.get('REMOTE_ADDR', ''))}"
    return get_usage(
        request._request,
        group=limit.group,
        key=lambda group, request: who,
        rate=getattr(settings, limit.setting),
        increment=True,
    )
