"""Whom a booking by the API is for."""

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts import phones
from appointments.models import Citizen

NOT_YOURS = serializers.ErrorDetail(
    _(
        "Signed in, you book for yourself: give the address of your account, or none. "
        "To book for somebody else, do not sign in."
    ),
    code="not_yours",
)


def citizen_of(given, office):
    """Whom the body describes, not saved."""
    if given is None:
        required = serializers.Field.default_error_messages["required"]
        detail = serializers.ErrorDetail(required, code="required")
        raise serializers.ValidationError({"citizen": detail})
    language = given.get("language") or get_language()
    return Citizen(**{**read_phone(given, office), "language": language})


def read_phone(given, office):
    """The same, with the phone number as it is kept."""
    typed = given.get("phone")
    if not typed:
        return given
    number = phones.read(typed, office.country)
    if number is None:
        sentence = _("Enter a phone number like {}, or leave it empty.")
        detail = serializers.ErrorDetail(
            sentence.format(phones.example(office.country)), code="invalid"
        )
        raise serializers.ValidationError({"citizen": {"phone": detail}})
    return {**given, "phone": number}
