"""What webhook deliveries are signed with."""

import secrets


def new_secret():
    return secrets.token_urlsafe(32)
