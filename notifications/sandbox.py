"""Templates that staff write: Django's language with nothing dangerous in it.

They see plain text under the names of VARIABLES, know `{% if %}`, the CONDITIONS and
a handful of filters, and can load, include, loop over and call nothing.
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

# What may stand behind `{% if %}` besides: whether it is so.
CONDITIONS = {"by_citizen": True, "is_waiting": True}

# What many appointments have nothing of, so that words cannot be that alone.
OFTEN_EMPTY = ["previous_date", "previous_start", "reason", "phone", "email"]

register = Library()
for _name in ["if", "comment"]:
    register.tag(_name, defaulttags.register.tags[_name])
FILTERS = ["capfirst", "default", "lower", "title", "truncatechars", "upper"]
for _name in FILTERS:
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
    except Exception as error:  # it is theirs, and stops no message
        raise BrokenTemplate(f"{type(error).__name__}: {error}") from error


MARK = "\0"


def check(source):
    """Raise BrokenTemplate for what cannot be rendered, or names what is unknown, or
    says nothing at all of some appointments.
    """
    facts = {**VARIABLES, **CONDITIONS}
    least = {**facts, **dict.fromkeys([*OFTEN_EMPTY, *CONDITIONS], "")}
    for given in (facts, least):
        text = render(source, given, engine=_engine(f"{MARK}%s{MARK}"))
        if MARK in text:
            raise BrokenTemplate(_unknown(source, text.split(MARK)[1]))
        if not text.strip():
            raise BrokenTemplate(_("This says nothing."))


def _unknown(source, name):
    line = source[: max(source.find(name), 0)].count("\n") + 1
    reason = _("Nothing is called “{name}”. There are: {known}.").format(
        name=name, known=", ".join([*VARIABLES, *CONDITIONS])
    )
    return _on_line(line, reason)


def _with_line(error):
    token = getattr(error, "token", None)
    if token is None:
        return str(error)
    return _on_line(token.lineno, error)


def _on_line(line, error):
    return _("Line {line}: {error}").format(line=line, error=error)
