"""The languages that people are written to in."""

from django.conf import settings
from django.utils.translation import get_supported_language_variant


def choices():
    return settings.LANGUAGES


def language_for(appointment):
    """The language of the booking, else the citizen's, else that of the site."""
    return known_language(appointment.language or appointment.citizen.language)


def known_language(wanted):
    """A language that there are texts in: the one wanted, else that of the site."""
    try:
        return get_supported_language_variant(wanted or settings.LANGUAGE_CODE)
    except LookupError:
        return settings.LANGUAGE_CODE
