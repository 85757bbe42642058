"""What Larkhaven's services and offices are called in other languages than English.

Written by hand, like the town, and not complete: so the demo also shows what a page
looks like where a translation is missing.
"""

from appointments.demo.words import arabic, french, german, spanish

LANGUAGES = {"de": german, "fr": french, "es": spanish, "ar": arabic}


def of_service(code):
    """The fields `name_translations`, … of a service."""
    return _fields(
        {lang: words.SERVICES.get(code) for lang, words in LANGUAGES.items()}
    )


def of_office(key):
    return _fields({lang: words.OFFICES.get(key) for lang, words in LANGUAGES.items()})


def of_closure(reason):
    """{language: the reason}"""
    found = {lang: words.REASONS.get(reason) for lang, words in LANGUAGES.items()}
    return {language: text for language, text in found.items() if text}


def _fields(by_language):
    fields = {}
    for language, texts in by_language.items():
        for name, text in (texts or {}).items():
            fields.setdefault(f"{name}_translations", {})[language] = text
    return fields
