"""One's own account, all of it: to take away, and to delete.

Here and not beside the rest of auth/me, since most of it is appointments.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts import erasing as accounts
from accounts.api.serializers import PasswordField
from accounts.api.views import LockedOut
from accounts.exceptions import SecondFactorRequired, TooManyCodes, WrongCode
from appointments.exceptions import StillMember, StillOpen
from appointments.privacy import erasing, subjects, telling
from config.api import limits
from config.api.schema import operation
from config.api.views import ApiView

DATA = {
    "about": {
        "site": "Appointments",
        "address": "https://appointments.example.org",
        "written_at": "2026-11-24T10:00:00Z",
        "e_mail_address": "erika@example.org",
        "is_all_that_is_kept": True,
    },
    "account": {"id": 12, "email": "erika@example.org", "name": "Erika Mustermann"},
    "appointments": [],
    "messages": [],
    "blocked_addresses": [],
}


class DataSerializer(serializers.Serializer):
    """For people to read and programs to take in; fields may be added."""

    about = serializers.DictField(help_text=_("What this is, of when."))
    account = serializers.DictField(allow_null=True)
    appointments = serializers.ListField(child=serializers.DictField())
    messages = serializers.ListField(child=serializers.DictField())
    blocked_addresses = serializers.ListField(child=serializers.DictField())


class DeleteSerializer(serializers.Serializer):
    password = PasswordField()
    otp = serializers.CharField(
        required=False,
        max_length=40,
        help_text=_("Of who has a second step: a code, as at the sign-in."),
    )


class OfPerson(ApiView):
    cache_control = "no-store"

    @property
    def subject(self):
        if self.request.user.is_machine:
            raise PermissionDenied
        return subjects.of_account(self.request.user)


class OwnData(OfPerson):
    @operation("Take one's own data", gives=DataSerializer, answer=DATA)
    def get(self, request):
        """All that is kept about the account and, once confirmed, its address."""
        return Response(telling.tell(self.subject, by=request.user))


class DeleteAccount(OfPerson):
    limit = limits.SIGN_IN

    @operation(
        "Delete one's account",
        takes=DeleteSerializer,
        status=204,
        refuses=[
            *(StillOpen, StillMember, LockedOut),
            *(SecondFactorRequired, WrongCode, TooManyCodes),
        ],
        example={"password": "correct horse battery staple"},
    )
    def post(self, request):
        """Delete it, with what appointments say about the person. Nothing undoes it."""
        subject, asked = self.subject, request._request
        given = self.valid(DeleteSerializer)
        proof = {"password": given["password"], "code": given.get("otp", "")}
        try:
            accounts.confirm(asked, request.user, **proof)
        except ValidationError:
            if getattr(asked, "axes_locked_out", False):
                raise LockedOut from None
            raise
        erasing.erase(subject, by=request.user)
        return Response(status=204)
