import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments import references
from appointments.references import ALPHABET

BODIES = st.text(ALPHABET, min_size=7, max_size=7)


def reference(body):
    """The one reference that begins with seven characters."""
    [found] = filter(None, (references.read(body + check) for check in ALPHABET))
    return found


def test_a_new_reference_is_one_that_can_be_read():
    made = [references.make() for _ in range(200)]

    assert [references.read(each) for each in made] == made
    assert {(len(each), each[4]) for each in made} == {(9, "-")}


def test_references_use_the_whole_alphabet_and_hardly_repeat():
    made = {references.make() for _ in range(500)}

    used = Counter(itertools.chain.from_iterable(made))
    assert len(made) == 500
    assert set(used) == {*ALPHABET, "-"}


def test_no_two_characters_look_alike():
    alike = ["0OQD", "1IL7", "2Z", "5S", "8B", "UV", "VW", "MN"]
    kept = {group: sorted(set(group) & set(ALPHABET)) for group in alike[:6]}

    assert len(set(ALPHABET)) == 23
    assert kept == {
        "0OQD": ["D", "Q"],
        "1IL7": ["7"],
        "2Z": ["2"],
        "5S": ["5"],
        "8B": ["8"],
        "UV": [],
    }


@given(BODIES)
def test_each_body_has_one_check_character(body):
    read = [references.read(body + check) for check in ALPHABET]

    assert len([each for each in read if each]) == 1


@given(BODIES, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(body, place, wrong):
    letters = reference(body).replace("-", "")
    mistaken = letters[:place] + wrong + letters[place + 1 :]

    assert references.read(mistaken) == (
        reference(body) if mistaken == letters else None
    )


@given(BODIES, st.integers(0, 6))
def test_every_swap_of_two_neighbours_is_found(body, place):
    letters = list(reference(body).replace("-", ""))
    swapped = letters.copy()
    swapped[place : place + 2] = swapped[place + 1], swapped[place]

    assert references.read("".join(swapped)) == (
        reference(body) if swapped == letters else None
    )


@given(BODIES)
def test_spaces_cases_and_look_alikes_are_forgiven(body):
    right = reference(body)
    letters = right.replace("-", "")
    misread = letters.translate(str.maketrans("258", "zsb"))

    for typed in (
        letters,
        right.lower(),
        f"  {letters[:2]} {letters[2:6]} - {letters[6:]}\t",
        misread,
        misread.upper(),
    ):
        assert references.read(typed) == right


@pytest.mark.parametrize(
    "typed",
    ["", "-", "K7M4", "K7M4-QX2", "K7M4-QX2P-P", "K7M4-QX2\0", "K7M4-QX2Ω", "ẞ" * 8],
)
def test_what_can_be_no_reference_is_none(typed):
    assert references.read(typed) is None
