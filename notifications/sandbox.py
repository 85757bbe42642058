"""Templates that staff write: Django's language with nothing dangerous in it.

They see plain text under the names of VARIABLES, know `{% if %}` and a handful of
filters, and can load, include, loop over and call nothing.
"""

from functools import cache

from django.template import (
    Context,
    Engine,
    TemplateSyntaxError,
    defaultfilters,
    defaulttags,
)
from django.template.library import Library
from django.utils.translation import gettext as _

# What a template may name, with an example of each.
VARIABLES = {
    "name": "Ada Möller",
    "reference": "K7M4-QX2P",
    "service": "Passport renewal",
    "office": "Town hall",
    "address": "Market Square 1, 12345 Lindenhafen",
    "host": "Counter 3",
    "date": "Thursday 26 November 2026",
    "start": "09:15",
    "end": "09:30",
    "previous_date": "Wednesday 25 November 2026",
    "previous_start": "10:00",
    "reason": "The counter is closed that day.",
    "phone": "040 123 456",
    "email": "townhall@example.org",
    "manage_url": "https://example.org/appointments/token/",
}

register = Library()
for _name in ["if", "comment"]:
    register.tag(_name, defaulttags.register.tags[_name])
for _name in ["capfirst", "default", "lower", "title", "truncatechars", "upper"]:
    register.filters[_name] = defaultfilters.register.filters[_name]


class BrokenTemplate(Exception):
    """It cannot be rendered; the message says where and why."""


class SandboxEngine(Engine):
    default_builtins = [__name__]


@cache
def _engine(unknown=""):
    return SandboxEngine(loaders=[], autoescape=False, string_if_invalid=unknown)


def render(source, facts, *, engine=None):
    """The text for these facts. Raises BrokenTemplate."""
    try:
        template = (engine or _engine()).from_string(source)
        return template.render(Context(facts, autoescape=False))
    except TemplateSyntaxError as error:
        raise BrokenTemplate(_with_line(error)) from error
    except RecursionError as error:
        raise BrokenTemplate(_("Too many conditions lie in one another.")) from error


MARK = "\0"


def check(source):
    """Raise BrokenTemplate for what cannot be rendered, or names what is unknown."""
    text = render(source, VARIABLES, engine=_engine(f"{MARK}%s{MARK}"))
    if MARK in text:
        unknown = text.split(MARK)[1]
        raise BrokenTemplate(
            _("Nothing is called “{name}”. There are: {known}.").format(
                name=unknown, known=", ".join(VARIABLES)
            )
        )
    if not text.strip():
        raise BrokenTemplate(_("This says nothing."))


def _with_line(error):
    token = getattr(error, "token", None)
    if token is None:
        return str(error)
    return _("Line {line}: {error}").format(line=token.lineno, error=error)
