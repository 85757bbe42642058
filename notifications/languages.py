"""The languages that people are written to in."""

from django.conf import settings
from django.utils.translation import get_supported_language_variant

from notifications.states import Audience


def choices():
    return settings.LANGUAGES


def language_for(appointment, audience=Audience.CITIZEN, *, host=None):
    """The language to write in to somebody about an appointment.

    To the citizen that of the booking, else the citizen's; to the host the host's own,
    or that of `host`, whose it was; to the office, and where nothing is known, that of
    the office.
    """
    office = appointment.office
    if audience == Audience.CITIZEN:
        wanted = appointment.language or appointment.citizen.language
        return known_language(wanted, office=office)
    if audience in (Audience.HOST, Audience.FORMER):
        host = host or appointment.host
        return known_language(host.user.language, office=office)
    return office.language


def known_language(wanted, *, office=None):
    """A language that there are texts in: the one wanted, else the usual one there."""
    usual = office.language if office else settings.LANGUAGE_CODE
    try:
        return get_supported_language_variant(wanted or usual)
    except LookupError:
        return usual
