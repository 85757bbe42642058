"""Names in web addresses."""

import itertools

from django.utils.text import slugify

# What slugify would drop or run together; umlauts as German writes them out.
SPELLED_OUT = str.maketrans(
    {
        "/": " ",
        **{"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"},
        **{"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l"},
    }
)
LONGEST = 120


def make_slug(name, *, taken, fallback):
    """A web address's part for `name` that is not `taken` (a set, which it joins).

    `fallback` is unique and goes behind a name that is taken or has no Latin
    letters.
    """
    stem = slugify(name.lower().translate(SPELLED_OUT))[:LONGEST]
    endings = itertools.chain(
        ["", fallback], (f"{fallback} {number}" for number in itertools.count(2))
    )
    candidates = (slugify(f"{stem} {ending}") for ending in endings)
    slug = next(each for each in candidates if each and each not in taken)
    taken.add(slug)
    return slug
