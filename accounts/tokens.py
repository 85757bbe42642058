"""The JSON Web Tokens of a sign-in: a short access token and a refresh token.

Both name their sign-in (`sid`), which is asked each time: what it has ended is
worthless at once. The refresh token's own id (`jti`) must be the sign-in's `token`.
"""

import base64
import hmac

from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

SIGN_IN = "sid"
PARTS = ["access", "refresh"]

__all__ = ["PARTS", "SIGN_IN", "TokenError", "pair", "read_refresh", "sign", "strip"]


def pair(sign_in):
    """The tokens that a sign-in is good for now."""
    refresh = _of(RefreshToken(), sign_in)
    refresh["jti"] = sign_in.token
    refresh["exp"] = int(sign_in.expires_at.timestamp())
    access = _of(AccessToken(), sign_in)
    lifetime = api_settings.ACCESS_TOKEN_LIFETIME
    return {
        "access": str(access),
        "refresh": str(refresh),
        "token_type": "Bearer",
        "expires_in": int(lifetime.total_seconds()),
        "refresh_expires_in": int(
            (sign_in.expires_at - timezone.now()).total_seconds()
        ),
    }


def read_refresh(text):
    """The sign-in's id and the token's own. Raises TokenError."""
    token = RefreshToken(text)
    try:
        return token[SIGN_IN], token["jti"]
    except KeyError as error:
        raise TokenError from error


def strip(token):
    """A token without its signature: worthless, until `sign` gives it back."""
    return token.rpartition(".")[0]


def sign(stripped):
    digest = hmac.digest(api_settings.SIGNING_KEY.encode(), stripped.encode(), "sha256")
    return f"{stripped}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def _of(token, sign_in):
    token[SIGN_IN] = sign_in.pk.hex
    token[api_settings.USER_ID_CLAIM] = str(sign_in.user_id)
    return token
