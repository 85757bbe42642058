"""What a text message costs, by hand-counted lengths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.sms.segments import BASIC, EXTENDED, length


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
