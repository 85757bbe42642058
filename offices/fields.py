"""Lengths of time that people type as minutes; texts in several languages."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from offices.html import UNSEEN, clean_html
from offices.translated import SUFFIX

LONGEST_TEXT = 20_000  # characters


class MinutesFormField(forms.IntegerField):
    """Shows and takes whole minutes; cleans to a timedelta."""

    def __init__(self, *, min_value=0, max_value=None, **kwargs):
        kwargs.pop("encoder", None)
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def prepare_value(self, value):
        if isinstance(value, timedelta):
            return int(value / timedelta(minutes=1))
        return value

    def clean(self, value):
        minutes = super().clean(value)
        return None if minutes is None else timedelta(minutes=minutes)

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)


class MinutesField(models.DurationField):
    """A DurationField whose form field counts in minutes."""

    description = _("Length of time in minutes")

    def formfield(self, **kwargs):
        return super(models.DurationField, self).formfield(
            **{"form_class": MinutesFormField, **kwargs}
        )


def own_language(language):
    """Why a text is not translated into this one."""
    return _(
        "%(language)s is the language of the texts themselves, which need no "
        "translation into it. Clear this one, or say that they are in another language."
    ) % {"language": dict(settings.LANGUAGES)[language]}


class TranslationsField(models.JSONField):
    """What the text beside it is in other languages: {"fr": "Passeport"}.

    `name_translations` is of `name`. Cleaning it, which every full_clean() does,
    keeps what the text itself may hold, and leaves out what is empty.
    """

    description = _("A text in other languages")

    def __init__(self, *args, is_html=False, **kwargs):
        self.is_html = is_html
        super().__init__(
            *args, **{"default": dict, "db_default": {}, "blank": True, **kwargs}
        )

    @property
    def of(self):
        return self.name.removesuffix(SUFFIX)

    def clean(self, value, model_instance):
        if not isinstance(value, dict):
            raise ValidationError(_("Give a text for each language."))
        cleaned = {
            language: self._text(language, text, model_instance)
            for language, text in sorted(value.items())
        }
        return {language: text for language, text in cleaned.items() if text}

    def _text(self, language, text, row):
        names = {code: str(name) for code, name in settings.LANGUAGES}
        if language not in names:
            raise ValidationError(
                _("“%(language)s” is no language of this site. Use one of: %(known)s."),
                params={"language": language, "known": ", ".join(names)},
            )
        if not isinstance(text, str):
            raise ValidationError(_("Give a text for each language."))
        text = text.translate(UNSEEN).replace("\r\n", "\n").strip()
        text = clean_html(text) if self.is_html else text
        if text and language == row.language:
            raise ValidationError(own_language(language))
        if len(text) > (self.model._meta.get_field(self.of).max_length or LONGEST_TEXT):
            raise ValidationError(
                _("The text in this language is too long: %(language)s."),
                params={"language": names[language]},
            )
        return text
