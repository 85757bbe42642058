"""The secret address of an office's tablet.

It is a signed key, so that who can read the database cannot make one; the office
that has the key is what makes it good.
"""

import uuid

from django.conf import settings
from django.core import signing
from django.urls import reverse

from offices.models import Office

SALT = "appointments.tablet"


def token_for(office):
    return signing.Signer(salt=SALT).sign(office.tablet_key.hex)


def url_for(office):
    """The address to open on the tablet; None while the office has no key."""
    if office.tablet_key is None:
        return None
    path = reverse("appointments:tablet", args=[office.slug, token_for(office)])
    return f"{settings.FRONTEND_HOST}{path}"


def office_for(slug, token):
    """The office whose tablet has this address, with its key; None if none has."""
    try:
        key = uuid.UUID(hex=signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    rows = Office.objects.exclude(status="closed")
    return rows.filter(slug=slug, tablet_key=key).first()
