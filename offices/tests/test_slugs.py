import pytest

from offices.slugs import make_slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Bürgerbüro Großmarkt (A/12)", "buergerbuero-grossmarkt-a-12"),
        ("Café Łódź", "cafe-lodz"),
        ("市役所", "77"),
    ],
)
def test_a_slug_spells_out_what_an_address_cannot_hold(name, slug):
    assert make_slug(name, taken=set(), fallback="77") == slug


def test_a_slug_that_is_taken_gets_the_fallback_and_then_a_number():
    taken = {"desk"}

    slugs = [make_slug("Desk", taken=taken, fallback="77") for _ in range(3)]

    assert slugs == ["desk-77", "desk-77-2", "desk-77-3"]
    assert taken == {"desk", *slugs}
