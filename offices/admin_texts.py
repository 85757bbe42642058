"""Editing texts in several languages: a fieldset of each language, below the texts."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.html import format_html_join, strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from config.admin import OperationForm
from offices.translated import SUFFIX, Text, direction, marked, missing_languages

LANGUAGES = dict(settings.LANGUAGES)


def key(name, language):
    """What the form calls a text in a language: "name_fr"."""
    return f"{name}_{language}"


def others(row):
    """The languages that a row's texts are translated into."""
    own = row.language if row is not None and row.pk else settings.LANGUAGE_CODE
    return [language for language in LANGUAGES if language != own]


class TextsForm(OperationForm):
    """Has a field for each text of `texts` in each other language."""

    texts = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.languages = others(self.instance)
        for language in self.languages:
            for name in self.texts:
                self.fields[key(name, language)] = self._field(name, language)

    def _field(self, name, language):
        text = self.instance._meta.get_field(name)
        is_long = isinstance(text, models.TextField)
        widget = AdminTextareaWidget if is_long else AdminTextInputWidget
        return forms.CharField(
            label=capfirst(text.verbose_name),
            required=False,
            max_length=text.max_length,
            initial=getattr(self.instance, name + SUFFIX).get(language, ""),
            widget=widget(attrs={"lang": language, "dir": direction(language)}),
        )

    def _post_clean(self):
        """Have the row take the translations, as its own fields clean them."""
        super()._post_clean()
        if not self.errors:
            for name in self.texts:
                setattr(self.instance, name + SUFFIX, self._translations(name))

    def _translations(self, name):
        field = self.instance._meta.get_field(name + SUFFIX)
        there = {}
        for language in self.languages:
            given = {language: self.cleaned_data[key(name, language)]}
            try:
                there |= field.clean(given, self.instance)
            except ValidationError as error:
                self.add_error(key(name, language), error)
        return there


class MissingTranslation(admin.SimpleListFilter):
    """Rows with a text that is not there in a language."""

    title = _("not translated")
    parameter_name = "missing"

    def lookups(self, request, model_admin):
        self.texts = model_admin.form.texts
        return settings.LANGUAGES

    def queryset(self, request, queryset):
        language = self.value()
        if language not in LANGUAGES:
            return queryset
        lacking = Q(pk__in=[])
        for name in self.texts:
            there = Q(**{f"{name}{SUFFIX}__has_key": language})
            lacking |= ~there & ~Q(**{name: ""})
        return queryset.filter(lacking).exclude(language=language)


class TextsAdmin(admin.ModelAdmin):
    """Put it before the office's admin. `form` is a TextsForm; its fieldsets stand
    after so many of the page's own.
    """

    texts_after = 1

    def get_fieldsets(self, request, obj=None):
        shown = list(super().get_fieldsets(request, obj))
        return [
            *shown[: self.texts_after],
            *self._of_languages(request, obj),
            *shown[self.texts_after :],
        ]

    def _of_languages(self, request, row):
        may_write = (
            self.has_change_permission(request, row)
            if row
            else self.has_add_permission(request)
        )
        if not may_write:
            return [(_("In other languages"), {"fields": ["in_other_languages"]})]
        lacking = missing_languages(row, self.form.texts) if row else {}
        return [
            self._of_language(language, row, lacking.get(language, []))
            for language in others(row)
        ]

    def _of_language(self, language, row, lacking):
        texts = self.form.texts
        is_empty = row is None or not any(
            language in getattr(row, name + SUFFIX) for name in texts
        )
        title = LANGUAGES[language]
        if lacking:
            names = [str(self.opts.get_field(name).verbose_name) for name in lacking]
            title = _("%(language)s, missing: %(texts)s") % {
                "language": title,
                "texts": ", ".join(names),
            }
        about = {"fields": [key(name, language) for name in texts]}
        return title, {**about, "classes": ["collapse"] if is_empty else []}

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The texts in other languages are no fields of the model."""
        named = kwargs.get("fields") or flatten_fieldsets(
            self.get_fieldsets(request, obj)
        )
        own = {key(name, code) for name in self.form.texts for code in LANGUAGES}
        kwargs["fields"] = [name for name in named if name not in own]
        return super().get_form(request, obj, change, **kwargs)

    @admin.display(description=_("not translated"))
    def not_translated(self, row):
        lacking = missing_languages(row, self.form.texts)
        return ", ".join(str(LANGUAGES[code]) for code in lacking if lacking[code])

    @admin.display(description=_("texts"))
    def in_other_languages(self, row):
        """For who may only read them."""
        lines = (
            (LANGUAGES[code], self.opts.get_field(name).verbose_name, text)
            for code in others(row)
            for name in self.form.texts
            if (text := self._shown(row, name, code))
        )
        return format_html_join("", "<p><strong>{}</strong>, {}: {}</p>", lines)

    def _shown(self, row, name, language):
        text = getattr(row, name + SUFFIX).get(language, "")
        return marked(Text(strip_tags(text), language))
