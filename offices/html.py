"""Texts that come from people or other systems, made safe and tidy to show."""

import re
from html import unescape

import nh3

TAGS = {
    *("a", "b", "br", "div", "em", "h3", "h4", "i", "li", "ol", "p", "strong", "sub"),
    *("sup", "u", "ul", "table", "caption", "thead", "tbody", "tr", "th", "td"),
}
SCHEMES = {"http", "https", "mailto", "tel"}

# What no reader sees and no database wants: NUL, zero-width space, word joiner,
# byte order mark, halves of a surrogate pair.
UNSEEN = dict.fromkeys([0, 0x200B, 0x2060, 0xFEFF, *range(0xD800, 0xE000)])

TOP_HEADING = re.compile(r"(</?)h[12]\b", re.IGNORECASE)
LOW_HEADING = re.compile(r"(</?)h[56]\b", re.IGNORECASE)
TRAILING_SPACE = re.compile(r"(?:\s|&nbsp;|<br>)+(?=</(?:p|li|div|td)>)")
EMPTY_BLOCK = re.compile(r"<(p|div|li)></\1>\s*")


def clean_html(html):
    """HTML with plain structure and safe links alone; other tags leave their text.

    Headings become those below a page's own; emptiness goes.
    """
    html = TOP_HEADING.sub(r"\1h3", LOW_HEADING.sub(r"\1h4", html.translate(UNSEEN)))
    safe = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        url_relative="deny",
    )
    previous = None
    while safe != previous:
        previous = safe
        safe = EMPTY_BLOCK.sub("", TRAILING_SPACE.sub("", safe))
    return safe.strip()


def clean_text(text):
    """One line of plain text: no tags, no entities, nothing that cannot be seen."""
    plain = unescape(nh3.clean(text.translate(UNSEEN), tags=set()))
    return " ".join(plain.split())
