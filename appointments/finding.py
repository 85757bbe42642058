"""Finding people and appointments by what somebody remembers of them.

A name, an e-mail address, a phone number or a reference, or the beginning of one;
case, accents, blanks and hyphens make no difference. Each way is served by an index:
the trigrams of Citizen.search_text, and the reference's own.
"""

import re
from datetime import timedelta
from functools import reduce
from itertools import product
from operator import and_, or_
from typing import NamedTuple

from django.db.models import Q, Value
from django.utils import timezone

from appointments import references
from appointments.models import Citizen
from offices.functions import Fold
from offices.queries.search import spellings

FEWEST = 2  # characters that can be looked for
LONGEST = 100
MOST_WORDS = 6
MOST_FOUND = 50
MOST_PEOPLE = 6
MOST_COMPARED = 2_000
ONE_DAY = timedelta(days=1)
NOTHING = Q(pk__in=[])

PHONE = re.compile(r"[\d\s()+./-]+")
FEWEST_DIGITS = 3  # so many make a phone number


class Found(NamedTuple):
    """Appointments to come, the soonest first, and past ones, the latest first."""

    coming: list
    past: list
    is_cut: bool


def people(appointments, text):
    """Some who have one of these appointments and whom `text` fits, each once."""
    coming, past, _is_cut = found(appointments, text)
    by_contact = {}
    for citizen in (each.citizen for each in (*coming, *past)):
        by_contact.setdefault((citizen.name, citizen.email, citizen.phone), citizen)
    return list(by_contact.values())[:MOST_PEOPLE]


def by_reference(appointments, text):
    """The appointment whose whole reference `text` is, however written; or None."""
    reference = references.read(text)
    return reference and appointments.filter(reference=reference).first()


def found(appointments, text):
    """Up to MOST_FOUND of `appointments` that `text` fits; first those to come."""
    now = timezone.now()
    # The day is in an index beside the office; it is the office's, so one is added.
    to_come = appointments.filter(day__gte=now.date() - ONE_DAY, ends_at__gt=now)
    coming = list(
        to_come.filter(_named(text) | _fits(text, "citizen__")).order_by(
            "starts_at", "pk"
        )[: MOST_FOUND + 1]
    )
    citizens = _latest(text)
    over = appointments.filter(ends_at__lte=now)
    past = list(
        over.filter(_named(text) | Q(citizen__in=citizens)).order_by(
            "-starts_at", "pk"
        )[: MOST_FOUND + 1]
    )
    room = MOST_FOUND - len(coming[:MOST_FOUND])
    is_cut = len(citizens) == MOST_COMPARED or len(coming) + len(past) > MOST_FOUND
    return Found(coming[:MOST_FOUND], past[:room], is_cut)


def matching(appointments, text):
    """Those of `appointments` that `text` fits: their citizen, or their reference."""
    if references.beginning(text[:LONGEST]) is None:
        return appointments.filter(_fits(text, "citizen__"))
    return appointments.filter(_named(text) | Q(citizen__in=_latest(text)))


def _latest(text):
    """The keys of the latest citizens whom `text` fits, at most MOST_COMPARED.

    Of a word that fits half the town, each past appointment would else be looked at.
    """
    fitting = Citizen.objects.filter(_fits(text)).order_by("-pk")
    return list(fitting.values_list("pk", flat=True)[:MOST_COMPARED])


def _named(text):
    """A condition on appointments: their reference begins so."""
    beginning = references.beginning(text[:LONGEST])
    return Q(reference__startswith=beginning) if beginning else NOTHING


def _fits(text, path=""):
    """A condition on citizens, at the end of `path`: they have every word of `text`."""
    text = text[:LONGEST].replace("(0)", "")
    digits = "".join(filter(str.isdecimal, text)).lstrip("0")
    if PHONE.fullmatch(text) and len(digits) >= FEWEST_DIGITS:
        return Q(**{f"{path}search_text__contains": digits})
    words = text.split()[:MOST_WORDS]
    if len("".join(words)) < FEWEST:
        return NOTHING
    return reduce(and_, (_has(word, path) for word in words))


def _has(word, path):
    """A short word is looked for where one begins: so the trigrams know it too."""
    beginnings = [""] if len(word) > 2 else [" ", "-"]
    spelt = product(beginnings, spellings(word.lower()))
    look_up = f"{path}search_text__contains"
    return reduce(or_, (Q(**{look_up: Fold(Value(b + each))}) for b, each in spelt))
