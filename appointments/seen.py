"""Whose data a request has read, noted as the rows come from the database.

Only while somebody notes: on pages for staff and in the API
(appointments.middleware). A page cannot forget to say whom it shows.
"""

from contextlib import contextmanager
from contextvars import ContextVar

_noting = ContextVar("noting", default=None)


class Seen:
    """`accounts`: {citizen's key: key of their account, or None}; `offices`: {citizen's
    key: keys of the offices whose appointments of theirs were read}.
    """

    def __init__(self):
        self.accounts = {}
        self.offices = {}


@contextmanager
def noting():
    """Note what the block reads, in a Seen."""
    token = _noting.set(Seen())
    try:
        yield _noting.get()
    finally:
        _noting.reset(token)


def note_citizen(citizen):
    seen = _noting.get()
    read = vars(citizen)  # what was not read for it must not be asked for now
    if seen is not None and not read.get("is_nobody"):
        seen.accounts[citizen.pk] = read.get("user_id")


def note_appointment(appointment):
    seen = _noting.get()
    read = vars(appointment)
    if seen is not None and "citizen_id" in read:
        seen.offices.setdefault(read["citizen_id"], set()).add(read.get("office_id"))
