"""How often one address may send the forms about accounts."""

from django.conf import settings
from django.utils.decorators import method_decorator
from django_ratelimit.decorators import ratelimit


def few_times(group):
    """Answer 429 to an address that sends the forms of these views too often."""
    limited = ratelimit(
        group=group,
        key="ip",
        rate=lambda group, request: settings.RATE_LIMIT,
        method="POST",
        block=True,
    )
    return method_decorator(limited, name="dispatch")
