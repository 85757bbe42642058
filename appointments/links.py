"""The signed links in mails: who holds one may see, move and cancel.

A link names one appointment, is valid until LIFETIME after its end, and changes
nothing by itself: mail scanners open links.
"""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from appointments.models import Appointment

SALT = "appointments.manage"
LIFETIME = timedelta(days=30)


class BadLink(Exception):
    """The token was not made by us, or speaks of nothing."""


class PurgedLink(Exception):
    """What the appointment said of a person has been deleted."""


class StaleLink(Exception):
    """The appointment is long over."""


def token_for(appointment):
    """The token that opens an appointment's own pages."""
    return signing.Signer(salt=SALT).sign(appointment.pk.hex)


def url_for(appointment):
    """The absolute address of an appointment's own page, for mails."""
    path = reverse("appointments:manage", args=[token_for(appointment)])
    return f"{settings.FRONTEND_HOST}{path}"


def appointment_for(token):
    """The appointment a token speaks of. Raises BadLink, PurgedLink or StaleLink."""
    try:
        pk = uuid.UUID(hex=signing.Signer(salt=SALT).unsign(token))
        appointment = Appointment.objects.with_details().get(pk=pk)
    except (signing.BadSignature, ValueError, Appointment.DoesNotExist) as error:
        raise BadLink from error
    if appointment.purged_at:
        raise PurgedLink
    if appointment.ends_at + LIFETIME < timezone.now():
        raise StaleLink
    return appointment
