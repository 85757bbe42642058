"""The language of a page that has reason to prefer one."""

from django.conf import settings
from django.utils import translation


def prefer(request, language):
    """Answer in this language, unless the visitor has chosen one (the cookie of the
    switch at the foot); what the browser asks for counts less. "" prefers nothing.
    """
    if not language or settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return
    try:
        known = translation.get_supported_language_variant(language)
    except LookupError:
        return
    translation.activate(known)
    request.LANGUAGE_CODE = known
