"""Finding people and appointments by what somebody remembers of them.

A name, an e-mail address, a phone number or a reference, or the beginning of one;
case, accents, blanks and hyphens make no difference. Each way is served by an index:
the trigrams of Citizen.search_text, and the reference's own.
"""

import re
from functools import reduce
from itertools import product
from operator import and_, or_
from typing import NamedTuple

from django.db.models import Q, Value
from django.utils import timezone

from appointments import references
from appointments.models import Appointment, Citizen
from offices.functions import Fold
from offices.queries.search import spellings

FEWEST = 2  # characters that can be looked for
LONGEST = 100
MOST_WORDS = 6
MOST_FOUND = 50
MOST_PEOPLE = 6

PHONE = re.compile(r"[\d\s()+./-]+")
FEWEST_DIGITS = 4  # so many make a phone number


class Found(NamedTuple):
    """Appointments to come, the soonest first, and past ones, the latest first."""

    coming: list
    past: list
    is_cut: bool


def people(user, text):
    """A few citizens whom `user` may see and `text` fits, the latest first."""
    found = _fitting(Citizen.objects.visible_to(user), text)
    return list(found.order_by("-pk")[:MOST_PEOPLE])


def by_reference(appointments, text):
    """The appointment whose whole reference `text` is, however written; or None."""
    reference = references.read(text)
    return reference and appointments.filter(reference=reference).first()


def found(appointments, text):
    """Up to MOST_FOUND of `appointments` that `text` fits; first those to come."""
    rows = matching(appointments, text)
    now = timezone.now()
    coming = list(
        rows.filter(ends_at__gt=now).order_by("starts_at", "pk")[: MOST_FOUND + 1]
    )
    past = list(
        rows.filter(ends_at__lte=now).order_by("-starts_at", "pk")[: MOST_FOUND + 1]
    )
    room = MOST_FOUND - len(coming[:MOST_FOUND])
    is_cut = len(coming) + len(past) > MOST_FOUND
    return Found(coming[:MOST_FOUND], past[:room], is_cut)


def matching(appointments, text):
    """Those of `appointments` that `text` fits: their citizen, or their reference."""
    citizens = _fitting(Citizen.objects.order_by(), text).values("pk")
    beginning = references.beginning(text[:LONGEST])
    if beginning is None:
        return appointments.filter(citizen__in=citizens)
    rows = Appointment.objects.order_by().values("pk")
    of_citizens = rows.filter(citizen__in=citizens)
    named = rows.filter(reference__startswith=beginning)
    return appointments.filter(pk__in=of_citizens.union(named))


def _fitting(citizens, text):
    """Those whose name, address or number has every word of `text`."""
    text = text[:LONGEST].replace("(0)", "")
    digits = "".join(filter(str.isdecimal, text)).lstrip("0")
    if PHONE.fullmatch(text) and len(digits) >= FEWEST_DIGITS:
        return citizens.filter(search_text__contains=digits)
    words = text.split()[:MOST_WORDS]
    if not words or len("".join(words)) < FEWEST:
        return citizens.none()
    return citizens.filter(reduce(and_, map(_has, words)))


def _has(word):
    """A short word is looked for where one begins: so the trigrams know it too."""
    beginnings = [""] if len(word) > 2 else [" ", "-"]
    spelt = product(beginnings, spellings(word.lower()))
    return reduce(
        or_, (Q(search_text__contains=Fold(Value(b + each))) for b, each in spelt)
    )
