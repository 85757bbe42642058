"""Who calls: by the token of a sign-in, or by the cookie of a browser."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from accounts.exceptions import SecondFactorRequired
from accounts.models import SignIn
from accounts.sign_in import is_held_up
from accounts.tokens import SIGN_IN


class TokenNotValid(exceptions.AuthenticationFailed):
    default_code = "token_not_valid"
    default_detail = _("This token is not valid, or no longer. Refresh it, or sign in.")


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`, while its sign-in has not ended."""

    def get_raw_token(self, header):
        try:
            return super().get_raw_token(header)
        except exceptions.AuthenticationFailed as error:
            raise TokenNotValid from error

    def get_validated_token(self, raw_token):
        try:
            return AccessToken(raw_token)
        except TokenError as error:
            raise TokenNotValid from error

    def get_user(self, validated_token):
        rows = SignIn.objects.live().select_related("user")
        sign_in = rows.filter(pk=validated_token.get(SIGN_IN)).first()
        if sign_in is None:
            raise TokenNotValid
        return sign_in.user


class CookieAuthentication(authentication.SessionAuthentication):
    """The session of a browser, with its CSRF token on what changes anything.

    Without the cookie the session is not even asked: answers to strangers must not
    vary by it.
    """

    def authenticate(self, request):
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        found = super().authenticate(request)
        if found is not None and is_held_up(request._request):
            raise SecondFactorRequired(SecondFactorRequired.not_set_up)
        return found

    def enforce_csrf(self, request):
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            raise exceptions.PermissionDenied(
                str(error.detail), "csrf_failed"
            ) from error


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class CookieScheme(OpenApiAuthenticationExtension):
    target_class = CookieAuthentication
    name = "sessionCookie"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
        }
