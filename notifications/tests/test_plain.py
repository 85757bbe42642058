import pytest

from notifications.plain import plain_text, tidy_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain words", "plain words"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>One<br>Two</p>", "One\nTwo"),
        ("<p>Bring</p><ul><li>this</li><li>that</li></ul>", "Bring\n\n- this\n- that"),
        ("<ul>\n  <li>a\n     b</li>\n</ul>", "- a b"),
        ('See <a href="https://x.org">the list</a>.', "See the list (https://x.org)."),
        ("<a>no address</a>", "no address"),
        ("Fee: 5&nbsp;&euro; &lt; 6", "Fee: 5 € < 6"),
        ("<p>a</p><div></div><div></div><p>b</p>", "a\n\nb"),
    ],
)
def test_plain_text(html, text):
    assert plain_text(html) == text


def test_tidy_html_keeps_words_lists_and_links():
    html = '<h2 class="x">A</h2><p style="color:red">b <em>c</em></p><ul><li>d</ul>'

    assert tidy_html(html) == "A<p>b <em>c</em></p><ul><li>d</li></ul>"
