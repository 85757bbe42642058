"""The languages that people are written to in."""

from django.conf import settings
from django.utils.translation import get_supported_language_variant

from notifications.states import Audience


def choices():
    return settings.LANGUAGES


def language_for(appointment, audience=Audience.CITIZEN):
    """The language to write in to somebody about an appointment.

    To the citizen that of the booking, else the citizen's; to the host the host's own;
    to the office, and where nothing is known, that of the site.
    """
    if audience == Audience.CITIZEN:
        return known_language(appointment.language or appointment.citizen.language)
    if audience == Audience.HOST:
        return known_language(appointment.host.user.language)
    return settings.LANGUAGE_CODE


def known_language(wanted):
    """A language that there are texts in: the one wanted, else that of the site."""
    try:
        return get_supported_language_variant(wanted or settings.LANGUAGE_CODE)
    except LookupError:
        return settings.LANGUAGE_CODE
