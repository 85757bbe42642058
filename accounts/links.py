"""The signed tokens in mails about an account. Each is good for one thing, for a while.

Whoever holds one reads mail at the address, so it proves that much. It changes nothing
by itself: mail scanners open links.
"""

import uuid
from datetime import timedelta

from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.utils import timezone

from accounts.exceptions import LinkInvalid
from accounts.models import Registration, User

REGISTRATION_SALT = "accounts.registration"
REGISTRATION_LIFETIME = timedelta(days=1)
INVITATION_SALT = "accounts.invitation"


def registration_token(registration):
    return signing.Signer(salt=REGISTRATION_SALT).sign(registration.pk.hex)


def registration_for(token):
    """The registration that a token confirms. Raises LinkInvalid."""
    try:
        pk = uuid.UUID(hex=signing.Signer(salt=REGISTRATION_SALT).unsign(token))
        registration = Registration.objects.get(pk=pk)
    except (signing.BadSignature, ValueError, Registration.DoesNotExist) as error:
        raise LinkInvalid from error
    if registration.created_at + REGISTRATION_LIFETIME < timezone.now():
        raise LinkInvalid
    return registration


def registration_waiting(email):
    """The last registration of an address that can be confirmed still, or None."""
    since = timezone.now() - REGISTRATION_LIFETIME
    rows = Registration.objects.filter(email=email, user=None, created_at__gt=since)
    return rows.order_by("created_at").last()


def invitation_token(reference):
    """For the invitation of this reference, a text that a new sending changes."""
    return signing.Signer(salt=INVITATION_SALT).sign(reference)


def invitation_for(token):
    """The reference that a token was made for. Raises LinkInvalid."""
    try:
        return signing.Signer(salt=INVITATION_SALT).unsign(token)
    except signing.BadSignature as error:
        raise LinkInvalid from error


def reset_token(user):
    """Good until it is used, the password changes, or the user signs in."""
    return f"{user.pk}-{default_token_generator.make_token(user)}"


def user_for_reset(token):
    """The user whose password a token may set. Raises LinkInvalid."""
    pk, _, proof = token.partition("-")
    users = User.objects.active()
    user = users.filter(pk=pk).first() if _is_id(pk) else None
    if user is None or not default_token_generator.check_token(user, proof):
        raise LinkInvalid
    return user


def _is_id(text):
    return text.isascii() and text.isdecimal() and len(text) < 19
