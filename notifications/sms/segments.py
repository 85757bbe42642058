"""How many parts a text message is sent in, which is what it costs.

Phones join the parts. GSM-7 (3GPP TS 23.038, 6.2.1) has room for 160 characters in
one part and 153 in each of several; one character outside it makes the whole text
UCS-2, with room for 70 and 67.
"""

from math import ceil
from typing import NamedTuple

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "\f^{}\\[~]|€"  # each sent as two

# Marks that writers like and GSM-7 lacks, and what everybody reads as the same.
PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "..."}
)

# Gateways take no more than about 1,600 characters.
MOST_SEGMENTS = 10


class Length(NamedTuple):
    encoding: str
    units: int
    segments: int


def length(text):
    """The Length of a text; `units` are septets, or UTF-16 code units in UCS-2."""
    if not outside_gsm(text):
        units = sum(2 if character in EXTENDED else 1 for character in text)
        return Length("GSM-7", units, _parts(units, 160, 153))
    units = len(text.encode("utf-16-be")) // 2
    return Length("UCS-2", units, _parts(units, 70, 67))


def plainest(text):
    """The text with plain marks where they alone stand between it and GSM-7, which
    has room for twice as much; any other as it is.
    """
    plain = text.translate(PLAIN)
    return text if outside_gsm(plain) else plain


def outside_gsm(text):
    """The characters that make a text UCS-2, each once, as they come."""
    return [c for c in dict.fromkeys(text) if c not in BASIC and c not in EXTENDED]


def _parts(units, alone, joined):
    return 1 if units <= alone else ceil(units / joined)
