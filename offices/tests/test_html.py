from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offices.html import SCHEMES, TAGS, clean_html, clean_text

PIECES = [
    *("<p>", "</p>", "<br>", "<ul>", "<li>", "</li>", "</ul>", "<h1>", "</h1>", "<td>"),
    *("<a href='", "'>", "</a>", "javascript:", "https:", "//x", "&nbsp;", "&lt;", "<"),
    *("<script>", "</script>", "<svg><style>", "<img src=x onerror=y>", " ", '"', "h1"),
]


class Reader(HTMLParser):
    """Notes what a browser would find that was never allowed."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        for name, value in [("tag", tag), *attributes]:
            fine = {
                "tag": value in TAGS,
                "href": value.partition(":")[0].lower() in SCHEMES,
                "rel": value == "noopener noreferrer",
            }
            if not fine.get(name):
                self.found.append((tag, name, value))


@pytest.mark.parametrize(
    ("given_html", "kept"),
    [
        ("<p onclick='x()'>Hi<script>alert(1)</script></p>", "<p>Hi</p>"),
        ("<img src=x onerror=alert(1)>A<span>B</span>", "AB"),
        ('<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<a href="/admin/">x</a>', '<a rel="noopener noreferrer">x</a>'),
        (
            '<a href="mailto:desk@example.org" target="_blank">x</a>',
            '<a href="mailto:desk@example.org" rel="noopener noreferrer">x</a>',
        ),
        ("<h1>A</h1><h2>B</h2><h5>C</h5>", "<h3>A</h3><h3>B</h3><h4>C</h4>"),
        ("<p>\u200bTen\ufeff euros<br><br></p><p>&nbsp;</p>", "<p>Ten euros</p>"),
        ("5 < 6 & 7", "5 &lt; 6 &amp; 7"),
        ("half a pair \ud800 and a \x00", "half a pair  and a"),
        ("", ""),
    ],
)
def test_clean_html_keeps_structure_and_safe_links_alone(given_html, kept):
    assert clean_html(given_html) == kept
    assert clean_html(kept) == kept


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_nothing_unsafe_is_left_of_any_html(html):
    assert Reader(clean_html(html)).found == []


def test_clean_text_is_one_line_of_what_can_be_read():
    assert clean_text(" A <b>bold</b>\n\u200bname &amp; more ") == "A bold name & more"
