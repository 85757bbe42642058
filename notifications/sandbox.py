"""Templates that staff write: Django's language with nothing dangerous in it.

They see plain text under the names of VARIABLES, know `{% if %}`, the CONDITIONS and
a handful of filters, and can load, include, loop over and call nothing.
"""

from contextlib import contextmanager

from django.template import (
    Context,
    Engine,
    TemplateSyntaxError,
    Variable,
    defaultfilters,
    defaulttags,
)
from django.template.base import TextNode, VariableNode
from django.template.defaulttags import IfNode, TemplateLiteral
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


ENGINE = SandboxEngine(loaders=[], autoescape=False)

# In plain words they are what is left of a variable or a tag that was not closed.
BRACES = ["{{", "}}", "{%", "%}"]


def render(source, facts):
    """The text for these facts. Raises BrokenTemplate."""
    with _refusing():
        template = ENGINE.from_string(source)
        return template.render(Context(facts, autoescape=False))


def check(source):
    """Raise BrokenTemplate for what cannot be rendered, or names what is unknown, or
    says nothing at all of some appointments.
    """
    with _refusing():
        reasons = list(_faults(ENGINE.from_string(source).nodelist))
    if reasons:
        raise BrokenTemplate(reasons[0])
    facts = {**VARIABLES, **CONDITIONS}
    least = {**facts, **dict.fromkeys([*OFTEN_EMPTY, *CONDITIONS], "")}
    for given in (facts, least):
        if not render(source, given).strip():
            raise BrokenTemplate(_("This says nothing."))


@contextmanager
def _refusing():
    try:
        yield
    except TemplateSyntaxError as error:
        raise BrokenTemplate(_with_line(error)) from error
    except RecursionError as error:
        raise BrokenTemplate(_("Too many conditions lie in one another.")) from error
    except Exception as error:  # it is theirs, and stops no message
        raise BrokenTemplate(f"{type(error).__name__}: {error}") from error


def _faults(nodes):
    """What is wrong with words that could be rendered, each with its line."""
    for node in nodes:
        match node:
            case TextNode():
                yield from _left_open(node)
            case VariableNode():
                yield from _unknown(node, node.filter_expression)
            case IfNode():
                for condition, inside in node.conditions_nodelists:
                    for expression in _expressions(condition):
                        yield from _unknown(node, expression)
                    yield from _faults(inside)


def _left_open(node):
    for brace in BRACES:
        before, found, _after = node.s.partition(brace)
        if found:
            line = node.token.lineno + before.count("\n")
            reason = _("“{brace}” has no counterpart.").format(brace=brace)
            yield _on_line(line, reason)


def _unknown(node, expression):
    """Variables are what VARIABLES names: of plain text there is nothing to look up."""
    given = [pair for _filter, pairs in expression.filters for pair in pairs]
    for value in [expression.var, *(argument for _is_variable, argument in given)]:
        if not isinstance(value, Variable) or value.lookups is None:
            continue
        if value.var not in VARIABLES and value.var not in CONDITIONS:
            reason = _("Nothing is called “{name}”. There are: {known}.").format(
                name=value.var, known=", ".join([*VARIABLES, *CONDITIONS])
            )
            yield _on_line(node.token.lineno, reason)


def _expressions(condition):
    """All that a condition compares; that of {% else %} is None."""
    if isinstance(condition, TemplateLiteral):
        yield condition.value
    elif condition is not None:
        yield from _expressions(condition.first)
        yield from _expressions(condition.second)


def _with_line(error):
    token = getattr(error, "token", None)
    if token is None:
        return str(error)
    return _on_line(token.lineno, error)


def _on_line(line, error):
    return _("Line {line}: {error}").format(line=line, error=error)
