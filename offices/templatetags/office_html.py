"""The one place where a text from the database is put on a page as HTML."""

from django import template
from django.template.defaultfilters import linebreaks_filter
from django.utils.safestring import mark_safe

from offices.html import clean_html

register = template.Library()


@register.filter
def safe_html(text):
    """What an office wrote, cleaned whoever saved it; plain text in paragraphs."""
    if "<" not in text:
        return linebreaks_filter(text)
    return mark_safe(clean_html(text))  # noqa: S308 (nh3 has been over it)  # nosec B308 B703
