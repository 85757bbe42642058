"""Texts that an office writes once and translates: which one a reader is shown.

A row has the text as it was written (`name`, in the row's `language`) and beside it
what it is in other languages (`name_translations`, {"fr": "Passeport"}). Read it with
`text_of`, so that every page, mail and file falls back in the same way: to the
language of the reader, of the office or the site, of whoever wrote it.
"""

from django.conf import settings
from django.db.models import Case, F, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, get_language_info

SUFFIX = "_translations"


class Text(str):
    """A text that knows the code of the `language` it is in."""

    __slots__ = ("language",)

    def __new__(cls, text, language):
        made = super().__new__(cls, text)
        made.language = language
        return made


def reading():
    """The language of whoever reads: the active one, else that of the site."""
    return get_language() or settings.LANGUAGE_CODE


def text_of(row, name, *, office=None):
    """What a row's text says to whoever reads now, as a Text.

    In the active language; else in that of `office` (without one, of the site);
    else as it was written.
    """
    there = getattr(row, name + SUFFIX)
    usual = office.language if office else settings.LANGUAGE_CODE
    return choose(getattr(row, name), row.language, there, usual=usual)


def choose(text, own, there, *, usual=settings.LANGUAGE_CODE):
    """The one to show of a text in its `own` language and those `there` in others."""
    for language in (reading(), usual):
        if language == own:
            break
        if language in there:
            return Text(there[language], language)
    return Text(text, own)


def shown(name, path=""):
    """The same, for the database to sort by; `path` leads to the row ("service__")."""
    languages = dict.fromkeys([reading(), settings.LANGUAGE_CODE])
    return Coalesce(
        *(_in_language(language, name, path) for language in languages),
        F(path + name),
        output_field=TextField(),
    )


def in_database(language, name):
    """What a row's text is in one language that is not its own; "" if nothing."""
    there = KeyTextTransform(language, F(name + SUFFIX))
    return Coalesce(there, Value(""), output_field=TextField())


def missing_languages(row, names):
    """{language: the texts of `names` that it lacks}, of the languages not its own.

    What the row does not say in its own language is not missing in another.
    """
    wanted = [name for name in names if getattr(row, name)]
    return {
        language: [n for n in wanted if language not in getattr(row, n + SUFFIX)]
        for language, _label in settings.LANGUAGES
        if language != row.language
    }


def direction(language):
    return "rtl" if get_language_info(language)["bidi"] else "ltr"


def marked(text):
    """A Text as HTML that says its language, where it is not that of the page.

    So that it is read out in the right voice and runs the right way (WCAG 3.1.2).
    """
    return _marked("span", text.language, text)


def sentence(words, **texts):
    """Words like "At %(office)s" with Texts in them, each marked; as safe HTML."""
    safe = {
        name: text if isinstance(text, int) else conditional_escape(text)
        for name, text in texts.items()
    }
    return mark_safe(escape(words) % safe)  # noqa: S308 (each part is escaped)  # nosec B308 B703


def marked_html(html, language):
    """The same for safe HTML of several paragraphs."""
    return _marked("div", language, html)


def _marked(tag, language, content):
    if not content or language in ("", reading()):
        return format_html("{}", content)
    about = (tag, language, direction(language), content)
    return format_html('<{0} lang="{1}" dir="{2}">{3}</{0}>', *about)


def _in_language(language, name, path):
    there = KeyTextTransform(language, F(path + name + SUFFIX))
    own = When(**{f"{path}language": language}, then=F(path + name))
    return Case(own, default=there, output_field=TextField())
