"""HTML that describes a service, as plain text for the text of a mail."""

import re
from html.parser import HTMLParser

import nh3

BLOCKS = {"p", "div", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6"}

# What a mail shows of such HTML: words and links, no looks of its own.
KEPT_IN_MAILS = {"a", "b", "br", "em", "i", "li", "ol", "p", "strong", "ul"}


def tidy_html(html):
    """The HTML with words, lists and links alone, fit for a mail."""
    return nh3.clean(html, tags=KEPT_IN_MAILS, attributes={"a": {"href"}})


def plain_text(html):
    """The words of some HTML: a line for each block, list items with a dash."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts = []
        self.href = None

    @property
    def text(self):
        lines = [" ".join(line.split()) for line in "".join(self.parts).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def handle_starttag(self, tag, attrs):
        if tag == "li":
            self.parts.append("\n- ")
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "a":
            self.href = dict(attrs).get("href")
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag):
        if tag == "a" and self.href:
            self.parts.append(f" ({self.href})")
            self.href = None
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data):
        self.parts.append(re.sub(r"\s+", " ", data))
