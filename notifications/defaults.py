"""The words of the files, written as an office's own words are written.

Who puts a message in own words begins with these: the same text, with the variables
and conditions of notifications.sandbox in place of what the file looks up.
"""

import re

from django.template import Context, Node
from django.template.base import NodeList
from django.template.defaulttags import IfNode
from django.template.loader import get_template
from django.utils import translation

from notifications.sandbox import CONDITIONS, VARIABLES
from notifications.states import Audience, Channel, Kind

OTHERWISE = None  # the condition of {% else %}
OF_THEIR_OWN = {Kind.REASSIGNED, Kind.UNCLOSED}


def folder_of(kind, audience=Audience.CITIZEN):
    """Where the files of a message are; most of those to colleagues are alike."""
    if audience != Audience.CITIZEN and kind not in OF_THEIR_OWN:
        return "messages/staff"
    return f"messages/{kind}"


def source(kind, channel, language):
    """(subject, body) of what a citizen is told; a text message has no subject."""
    folder = folder_of(kind)
    with translation.override(language):
        if channel == Channel.SMS:
            return "", _source(f"{folder}/sms.txt")
        subject = " ".join(_source(f"{folder}/subject.txt").split())
        return subject, _source(f"{folder}/body.txt")


def _source(name):
    template = get_template(name).template
    named = {name: f"{{{{ {name} }}}}" for name in VARIABLES}
    context = Context(named | CONDITIONS, autoescape=False)
    with context.bind_template(template):
        text = _written(template.nodelist, context)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _written(nodes: NodeList, context):
    return "".join(_node(node, context) for node in nodes)


def _node(node: Node, context):
    """Conditions stay as they are; what has been translated is text by now."""
    if not isinstance(node, IfNode):
        return node.render_annotated(context)
    parts, tag = [], "if"
    for condition, nodes in node.conditions_nodelists:
        opening = "else" if condition is OTHERWISE else f"{tag} {condition.text}"
        parts += [f"{{% {opening} %}}", _written(nodes, context)]
        tag = "elif"
    return "".join([*parts, "{% endif %}"])
