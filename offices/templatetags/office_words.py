"""Texts of offices in the language of whoever reads (offices.translated).

A text that falls back to another language than the page's is marked with it. In a
<title> or an attribute, which hold no tags, take the `plain_` ones.
"""

from django import template

from offices import translated
from offices.templatetags.office_html import safe_html

register = template.Library()


@register.filter
def words(row, name):
    """`{{ office|words:"name" }}`"""
    return translated.marked(translated.text_of(row, name))


@register.filter
def plain_words(row, name):
    return str(translated.text_of(row, name))


@register.filter
def html_words(row, name):
    return _html(translated.text_of(row, name))


@register.filter
def service_words(row, name):
    """Of the service of an appointment or an offer, as its office falls back."""
    return translated.marked(translated.text_of(row.service, name, office=row.office))


@register.filter
def service_html(row, name):
    return _html(translated.text_of(row.service, name, office=row.office))


@register.filter
def marked(value):
    """A translated.Text that Python has chosen; anything else as it is."""
    return translated.marked(value) if hasattr(value, "language") else value


def _html(text):
    return translated.marked_html(safe_html(text), text.language)
