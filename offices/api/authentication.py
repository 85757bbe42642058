"""Which machine calls: by its API key."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions

from offices import api_keys

HEADER = "X-API-Key"


class KeyNotValid(exceptions.AuthenticationFailed):
    default_code = "api_key_not_valid"
    default_detail = _("This API key is not valid: unknown, expired or revoked.")


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """`X-API-Key: <secret>`; the caller is the key's own user."""

    def authenticate(self, request):
        secret = request.headers.get(HEADER)
        if not secret:
            return None
        key = api_keys.use(secret)
        if key is None:
            raise KeyNotValid
        return key.user, key


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "header", "name": HEADER}
