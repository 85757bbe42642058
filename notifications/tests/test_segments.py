"""What a text message costs, by hand-counted lengths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.sms.segments import BASIC, EXTENDED, length, plainest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("GSM-7", 0, 1)),
        ("Grüße aus Köln", ("GSM-7", 14, 1)),
        ("a" * 160, ("GSM-7", 160, 1)),
        ("a" * 161, ("GSM-7", 161, 2)),
        ("a" * 306, ("GSM-7", 306, 2)),
        ("a" * 307, ("GSM-7", 307, 3)),
        ("€" * 80, ("GSM-7", 160, 1)),
        ("€" * 81, ("GSM-7", 162, 2)),
        ("a" * 69 + "ę", ("UCS-2", 70, 1)),
        ("a" * 70 + "ę", ("UCS-2", 71, 2)),
        ("موعدك غدا", ("UCS-2", 9, 1)),
        ("😀", ("UCS-2", 2, 1)),
    ],
)
def test_length(text, expected):
    assert length(text) == expected


@given(st.text(alphabet=BASIC + EXTENDED, max_size=400))
def test_what_is_longer_never_takes_fewer_parts(text):
    assert length(text).segments <= length(text + "x").segments


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Citizens’ Office – “now”…", 'Citizens\' Office - "now"...'),
        ("„Grüße“", '"Grüße"'),
        ("l’hôtel — ici", "l’hôtel — ici"),  # for the ô: nothing is gained
        ("موعدك – غدا", "موعدك – غدا"),
        ("plain already", "plain already"),
    ],
)
def test_marks_are_plain_where_that_halves_what_it_costs(text, sent):
    assert plainest(text) == sent
