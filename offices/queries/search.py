"""Finding services and offices by what people type.

Both sides are compared folded (offices.functions.Fold): lower case, no accents. A
word fits where it stands in the text, whole or as a part, or where the trigrams of
a stretch of the text are like its own (PostgreSQL's pg_trgm): "reisepas" finds
"Reisepass". Each way is served by the GIN indexes on `search_text`, what was
written, and `translated_search_text`, what that is in any other language; of what
they find, only what fits in the language of whoever reads, or as it was written, is
kept.

Nobody has to type all the right words: what fits some of them is found, but not
what fits far fewer than the best find. Words that say nothing of what is wanted ("I
need a new …") are not looked for.
"""

import re
import unicodedata
from functools import reduce
from operator import add, or_

from django.contrib.postgres.search import (
    TrigramStrictWordSimilarity,
    TrigramWordSimilarity,
)
from django.db.models import Case, FloatField, Q, TextField, Value, When
from django.db.models.functions import Concat, Greatest, Length

from offices.functions import Fold
from offices.queries import catalogue
from offices.translated import in_database, reading

LONGEST = 100  # characters that are read of what people type
MOST_WORDS = 8
MOST_COMPARED = 2_000
MOST_FOUND = 100
ENOUGH = 0.75  # of the letters that the best find fits
LIKE_ENOUGH = 0.42  # for a guess at what was meant
GUESSES = 4

SAYING_NOTHING = """
    a an and at can do for from get have how i in is my new need of on or please
    the to want we what where with would appointment
    am an auf aus bei bitte brauche das dem den der des die ein eine einem einen
    einer es für fuer haben ich im in ist kann mein meine meinen meiner mit möchte
    moechte muss neu neue neuen neuer neues oder termin und von vom was wie will wir
    wo zu zum zur
    au aux avec besoin ce comment dans de du en et faire je la le les mon ma mes mais
    nouveau nouvel nouvelle où ou par pour prendre rendez sur une vous veux voudrais
    al cita como con cómo del donde dónde el hacer las lo los mi mis necesito nueva
    nuevo para pedir por que quiero su una uno
"""
EMPTY_WORDS = frozenset(SAYING_NOTHING.split())

WORD = re.compile(r"[^\W_]+")
UMLAUT_AS_TWO_LETTERS = re.compile("([aou])e")


def services(text):
    """The services that citizens can find under `text`, the best first."""
    return _found(catalogue.services(), text)


def offices(text):
    """The offices that citizens can find under `text`, the best first."""
    return _found(catalogue.offices(), text)


def guesses(text):
    """A few services whose names are most like `text`, for when nothing fits."""
    meant = [
        TrigramWordSimilarity(_folded(spelling), "folded_name")
        for word in words(text)
        for spelling in spellings(word)
    ]
    if not meant:
        return []
    return list(
        catalogue.services()
        .annotate(likeness=Greatest(*meant, 0.0, output_field=FloatField()))
        .filter(likeness__gte=LIKE_ENOUGH)
        .order_by("-likeness", "folded_name")[:GUESSES]
    )


def words(text):
    """The words to look for, each once, in their order."""
    normal = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    typed = list(dict.fromkeys(WORD.findall(normal)))
    telling = [word for word in typed if word not in EMPTY_WORDS]
    return (telling or typed)[:MOST_WORDS]


def spellings(word):
    """The word, and its other spelling if it may have an umlaut in two letters.

    >>> spellings("fuehrerschein")
    ['fuehrerschein', 'fuhrerschein']
    """
    return list(dict.fromkeys([word, UMLAUT_AS_TWO_LETTERS.sub(r"\1", word)]))


def _found(listed, text):
    wanted = words(text)
    if not wanted:
        return []
    # The limit keeps PostgreSQL from asking row by row what the index can tell.
    like = listed.model.objects.filter(reduce(or_, map(_may_fit, wanted)))
    rows = list(
        listed.filter(pk__in=like.order_by().values("pk")[:MOST_COMPARED])
        .annotate(own_text=_own_text())
        .annotate(letters=_letters(wanted), score=_score(wanted))
        .filter(letters__gt=0)
        .order_by("-score", Length("folded_name"), "folded_name", "pk")[:MOST_FOUND]
    )
    best = max((row.letters for row in rows), default=0)
    return [row for row in rows if row.letters >= best * ENOUGH]


def _own_text():
    """What a row is found by in the language of whoever reads."""
    there = [in_database(reading(), name) for name in ("name", "keywords")]
    return Fold(Concat(there[0], Value(" "), there[1], output_field=TextField()))


def _folded(spelling):
    return Fold(Value(spelling))


def _may_fit(word):
    """Whether a row's text has something like `word`, in any language; by the index."""
    return _like(word, "search_text") | _like(word, "translated_search_text")


def _fits(word):
    """Whether it has for whoever reads."""
    return _like(word, "search_text") | _like(word, "own_text")


def _like(word, text):
    like = Q()
    for folded in map(_folded, spellings(word)):
        like |= Q(**{f"{text}__trigram_word_similar": folded})
        if len(word) > 2:  # fewer letters have no trigram to look up
            like |= Q(**{f"{text}__contains": folded})
    return like


def _letters(wanted):
    """How many letters the words have that a row fits."""
    return reduce(add, (_where_it_fits(w, Value(float(len(w)))) for w in wanted))


def _score(wanted):
    """How well a row fits: a long word counts more than a short one, and a name that
    begins as the query does is put first among the like.
    """
    letters = sum(map(len, wanted))
    fits = [
        _where_it_fits(word, _fit(word)) * Value(len(word) / letters) for word in wanted
    ]
    begins = Q(folded_name__startswith=_folded(" ".join(wanted)))
    return reduce(add, fits, Case(When(begins, then=1.0), default=0.0))


def _where_it_fits(word, value):
    """`value`, or 0 for rows that the word does not fit."""
    return Case(When(_fits(word), then=value), default=0.0)


def _fit(word):
    """The name counts more than the search words, a whole word more than a part."""
    return Greatest(
        *(
            TrigramStrictWordSimilarity(folded, "folded_name") * 2.0
            + TrigramWordSimilarity(folded, "folded_name")
            + TrigramStrictWordSimilarity(folded, "search_text")
            + TrigramStrictWordSimilarity(folded, "own_text")
            for folded in map(_folded, spellings(word))
        ),
        0.0,
        output_field=FloatField(),
    )
