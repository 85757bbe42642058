"""Asking before hours are changed, for what this app knows nothing of.

Whoever knows whom a change can hurt (appointments.admin.impact) adds a question.
"""

from config.admin import AskFirst

# Called with (request, office, save=, delete=), before rules, exceptions and closures
# of an office are written, or the office or a host that is there already. What it
# returns, if anything, is a function without parameters that makes the response to
# show instead.
questions = []


def ask_first(request, office, *, save=(), delete=()):
    """Raise AskFirst when somebody must be asked before these rows are written."""
    for question in questions:
        answer = question(request, office, save=list(save), delete=list(delete))
        if answer is not None:
            raise AskFirst(answer)
