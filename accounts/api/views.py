"""Signing up, in and out. One's own account is in offices.api.me."""

from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from accounts import operations, tokens
from accounts.api import serializers as forms
from accounts.api.authentication import TokenNotValid
from accounts.exceptions import (
    AlreadyConfirmed,
    LinkInvalid,
    SecondFactorRequired,
    TooManyCodes,
    WrongCode,
)
from accounts.views import lockout_seconds
from config.api import limits
from config.api.schema import operation
from config.api.views import ApiView

TOKENS = {
    "access": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…",
    "refresh": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…",
    "token_type": "Bearer",
    "expires_in": 900,
    "refresh_expires_in": 1_209_600,
}
REGISTERED = _(
    "We have sent a mail to this address. Follow its link to have your account."
)
RESET_ASKED = _(
    "If there is an account with this address, we have sent a mail to it. "
    "Follow its link to choose a new password."
)


class WrongCredentials(exceptions.AuthenticationFailed):
    default_code = "wrong_credentials"
    default_detail = _(
        "The e-mail address or the password is wrong, or the address is not yet "
        "confirmed."
    )


class LockedOut(exceptions.APIException):
    status_code = 429
    default_code = "locked_out"
    default_detail = _(
        "There were too many wrong passwords for this account from where you are. "
        "Wait, or choose a new password by mail."
    )

    @property
    def wait(self):
        return lockout_seconds()


class OpenView(ApiView):
    """For who cannot sign in yet: few times from one address, never cached."""

    authentication_classes = []
    permission_classes = [AllowAny]
    limit = limits.SIGN_IN
    cache_control = "no-store"


class TokensView(OpenView):
    """Answers with tokens, and keeps them only without their signatures."""

    def get_authenticate_header(self, request):
        return 'Bearer realm="api"'

    def seal(self, body):
        return self._each_token(body, tokens.strip)

    def unseal(self, kept):
        return self._each_token(kept, tokens.sign)

    @staticmethod
    def _each_token(body, change):
        told = orjson.loads(body)
        changed = {name: change(told[name]) for name in tokens.PARTS if name in told}
        return orjson.dumps(told | changed).decode()


class Register(OpenView):
    @operation(
        "Register",
        takes=forms.RegisterSerializer,
        gives=forms.SentSerializer,
        status=202,
        example={
            "email": "erika@example.org",
            "password": "correct horse battery staple",
            "name": "Erika Mustermann",
        },
        answer={"detail": str(REGISTERED)},
    )
    def post(self, request):
        """Send a mail whose link makes the account. Nobody learns who has one."""
        operations.register(**self.valid(forms.RegisterSerializer))
        return Response({"detail": str(REGISTERED)}, status=202)


class VerifyEmail(OpenView):
    @operation(
        "Confirm an address",
        takes=forms.VerifyEmailSerializer,
        status=204,
        refuses=[LinkInvalid, AlreadyConfirmed],
        example={"token": "8c2f…:Kq1…", "password": "correct horse battery staple"},
    )
    def post(self, request):
        """Make the account that a registration asked for. It can then sign in.

        Ask who enters the code for the password. It need not be the one that somebody
        gave to register the address; with another, the phone given there is dropped.
        """
        operations.verify_email(**self.valid(forms.VerifyEmailSerializer))
        return Response(status=204)


class Login(TokensView):
    @operation(
        "Sign in",
        takes=forms.LoginSerializer,
        gives=forms.TokensSerializer,
        refuses=[
            WrongCredentials,
            LockedOut,
            SecondFactorRequired,
            WrongCode,
            TooManyCodes,
        ],
        example={
            "email": "erika@example.org",
            "password": "correct horse battery staple",
        },
        answer=TOKENS,
    )
    def post(self, request):
        """Exchange address and password for tokens.

        Who has a second factor is answered `second_factor_required`: send the same
        again with `otp`, the code that the phone shows.
        """
        given = self.valid(forms.LoginSerializer)
        sign_in = operations.sign_in(request._request, **given)
        if sign_in is None:
            locked = getattr(request._request, "axes_locked_out", False)
            raise LockedOut if locked else WrongCredentials
        return Response(tokens.pair(sign_in))


class Refresh(TokensView):
    limit = limits.API  # there is nothing to guess

    @operation(
        "Refresh the tokens",
        takes=forms.RefreshSerializer,
        gives=forms.TokensSerializer,
        refuses=[TokenNotValid],
        example={"refresh": TOKENS["refresh"]},
        answer=TOKENS,
    )
    def post(self, request):
        """Exchange the refresh token for new tokens; it works once.

        One that is used twice has been copied, and ends the sign-in. To be able to
        repeat a request whose answer got lost, send an Idempotency-Key.
        """
        sign_in = operations.refresh(*self.sign_in())
        if sign_in is None:
            raise TokenNotValid
        return Response(tokens.pair(sign_in))

    def sign_in(self):
        given = self.valid(forms.RefreshSerializer)
        try:
            pk, token = tokens.read_refresh(given["refresh"])
        except tokens.TokenError as error:
            raise TokenNotValid from error
        return UUID(hex=pk), token


class Logout(Refresh):
    @operation(
        "Sign out",
        takes=forms.RefreshSerializer,
        status=204,
        refuses=[TokenNotValid],
        example={"refresh": TOKENS["refresh"]},
    )
    def post(self, request):
        """End the sign-in: its refresh and access tokens are worthless at once."""
        pk, _token = self.sign_in()
        operations.sign_out(pk)
        return Response(status=204)


class ChangePassword(ApiView):
    limit = limits.SIGN_IN

    @operation(
        "Change one's password",
        takes=forms.ChangePasswordSerializer,
        status=204,
        refuses=[LockedOut],
        example={
            "current_password": "correct horse battery staple",
            "new_password": "staple battery horse correct",
        },
    )
    def post(self, request):
        """Set a new password. Every sign-in ends, this one too: sign in again."""
        given = self.valid(forms.ChangePasswordSerializer)
        current, new = given["current_password"], given["new_password"]
        asked = request._request
        try:
            operations.change_password(asked, request.user, current=current, new=new)
        except ValidationError:
            if getattr(asked, "axes_locked_out", False):
                raise LockedOut from None
            raise
        return Response(status=204)


class AskForReset(OpenView):
    @operation(
        "Ask for a new password",
        takes=forms.AskForResetSerializer,
        gives=forms.SentSerializer,
        status=202,
        example={"email": "erika@example.org"},
        answer={"detail": str(RESET_ASKED)},
    )
    def post(self, request):
        """Send a mail with a link, if there is an account. Nobody learns whether."""
        operations.ask_for_reset(**self.valid(forms.AskForResetSerializer))
        return Response({"detail": str(RESET_ASKED)}, status=202)


class ResetPassword(OpenView):
    @operation(
        "Choose a new password",
        takes=forms.ResetPasswordSerializer,
        status=204,
        refuses=[LinkInvalid],
        example={
            "token": "12-cx3k1q-5f…",
            "new_password": "staple battery horse correct",
        },
    )
    def post(self, request):
        """Set the password with the token of the mail. Every sign-in ends."""
        given = self.valid(forms.ResetPasswordSerializer)
        operations.reset_password(given["token"], new=given["new_password"])
        return Response(status=204)
