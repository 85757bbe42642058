import pytest
from django.template import Context, Template

PAGE = Template("{% load office_html %}{{ text|safe_html }}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<p>Bring <b>it</b></p>", "<p>Bring <b>it</b></p>"),
        ("<p onclick='x()'>Hi<script>x()</script></p>", "<p>Hi</p>"),
        ("29 Euro & mehr", "<p>29 Euro &amp; mehr</p>"),
        ("One\n\nTwo\nThree", "<p>One</p>\n\n<p>Two<br>Three</p>"),
    ],
)
def test_a_text_of_an_office_is_shown_safely(text, shown):
    assert PAGE.render(Context({"text": text})) == shown
