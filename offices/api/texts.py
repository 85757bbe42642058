"""Texts in the language of `Accept-Language`, and their translations to write."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from offices.fields import LONGEST_TEXT, own_language
from offices.translated import SUFFIX, text_of

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@extend_schema_field(
    {
        "type": "object",
        "propertyNames": {"enum": LANGUAGES},
        "additionalProperties": {
            "type": "object",
            "additionalProperties": {"type": "string", "maxLength": LONGEST_TEXT},
        },
    }
)
class TranslationsField(serializers.Field):
    """The texts of a row in other languages: {"fr": {"name": "Mairie"}}.

    What is left out stays as it is; an empty text is taken back.
    """

    def __init__(self, texts, **kwargs):
        self.texts = texts
        super().__init__(source="*", **kwargs)

    def to_representation(self, row):
        found = {}
        for name in self.texts:
            for language, text in getattr(row, name + SUFFIX).items():
                found.setdefault(language, {})[name] = text
        return {each: found[each] for each in LANGUAGES if each in found}

    def to_internal_value(self, data):
        texts = serializers.CharField(allow_blank=True, max_length=LONGEST_TEXT)
        by_language = serializers.DictField(child=serializers.DictField(child=texts))
        given = by_language.run_validation(data)
        self._check(LANGUAGES, given)
        written = {}
        for language, of_language in given.items():
            self._check(self.texts, of_language)
            for name, text in of_language.items():
                there = getattr(self.parent.instance, name + SUFFIX, {})
                written.setdefault(name + SUFFIX, dict(there))[language] = text
        return written

    def _check(self, known, given):
        for name in given:
            if name not in known:
                raise serializers.ValidationError(
                    _("“%(name)s” is none of: %(known)s.")
                    % {"name": name, "known": ", ".join(known)}
                )


class InWordsOf(serializers.ModelSerializer):
    """A row whose `Meta.texts` are told in the language that is asked for.

    With `translations`, where one row is told alone: lists would be too long.
    """

    def to_representation(self, row):
        told = super().to_representation(row)
        if self.parent is not None:
            told.pop("translations", None)
        return {**told, **texts_of(row, self.Meta.texts)}

    def validate(self, asked):
        """No translation into the language of the texts themselves."""
        usual = self.instance.language if self.instance else settings.LANGUAGE_CODE
        own = asked.get("language", usual)
        for field in (name + SUFFIX for name in self.Meta.texts):
            there = asked.get(field, getattr(self.instance, field, {}))
            if there.get(own):
                raise serializers.ValidationError({"translations": own_language(own)})
        return asked


def texts_of(row, names, office=None):
    return {name: str(text_of(row, name, office=office)) for name in names}
