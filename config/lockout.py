"""Whose wrong passwords django-axes counts."""


def account_name(request, credentials=None):
    """The address that was tried, as accounts write it: one count, however typed."""
    given = credentials or request.POST
    return given.get("username", "").strip().lower()
