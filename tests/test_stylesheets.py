"""A page links the style sheets of what it shows, and no more than it needs."""

import re
from functools import cache
from itertools import chain

import pytest
from django.conf import settings

TEMPLATES = settings.BASE_DIR / "templates"
CSS = settings.BASE_DIR / "static" / "css"
SHEETS = [*CSS.glob("pages/*.css"), *(CSS / f"{n}.css" for n in ("frame", "blocks"))]
AT_ONCE = 6  # files a browser fetches beside each other over HTTP/1.1

COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}|/\*.*?\*/", re.DOTALL)
CLASSES = re.compile(r'class="((?:{%.*?%}|{{.*?}}|[^"])*)"')
HEAD = re.compile(r"{% block head_extra %}(.*?){% endblock %}", re.DOTALL)

# Mistakes in what is looked for are shown by the page of what was found alone.
NEVER_SHOWN = dict.fromkeys(
    ["offices/home.html", "offices/offices.html"], "field__error"
)

PAGES = sorted(
    str(path.relative_to(TEMPLATES))
    for path in TEMPLATES.rglob("*.html")
    if re.match(r'{% extends "(base|appointments/door/base).html" %}', path.read_text())
)


@cache
def text(name):
    return COMMENT.sub("", (TEMPLATES / name).read_text())


def named(tag, name):
    return re.findall(rf'{{% {tag} "([^"]+)"', text(name))


@cache
def shown(name):
    """The classes of a page, of what it extends and of what it includes."""
    written = re.sub(r"{%.*?%}", " ", " ".join(CLASSES.findall(text(name))))
    others = map(shown, named("extends", name) + named("include", name))
    return {each for each in written.split() if "{" not in each}.union(*others)


def linked(name):
    """The sheets that a page can link, as css/…; of alternatives, every one."""
    parents = [TEMPLATES / parent for parent in named("extends", name)]
    heads = chain([text(name)], (HEAD.sub("", each.read_text()) for each in parents))
    return set(re.findall(r"css/([\w/-]+\.css)", " ".join(heads)))


@cache
def styled():
    """{class: the sheets with a rule for it}."""
    where = {}
    for sheet in SHEETS:
        rules = re.findall(r"([^{};]+){", COMMENT.sub("", sheet.read_text()))
        for each in re.findall(r"\.([a-z][\w-]*)", " ".join(rules)):
            where.setdefault(each, set()).add(str(sheet.relative_to(CSS)))
    return where


@pytest.mark.parametrize("name", PAGES)
def test_a_page_links_the_sheets_of_what_it_shows(name):
    sheets, where = linked(name), styled()

    bare = {each for each in shown(name) & where.keys() if not where[each] & sheets}

    assert bare == {NEVER_SHOWN[name]} if name in NEVER_SHOWN else not bare


@pytest.mark.parametrize("name", [each for each in PAGES if each != "styleguide.html"])
def test_a_page_links_no_more_sheets_than_come_at_once(name):
    alternatives = len(re.findall('{% if [^%]*%}<link rel="style', text(name)))

    assert len(linked(name)) - alternatives <= AT_ONCE
