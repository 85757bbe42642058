import pytest
from django.db import connection

from offices.models import OfficeStatus, Service
from offices.queries import search
from offices.tests.factories import (
    OfficeFactory,
    OfficeServiceFactory,
    ServiceFactory,
)

pytestmark = pytest.mark.django_db


def offer(*names, **kwargs):
    """Services that citizens can book, by these names."""
    office = OfficeFactory(name="Rathaus")
    return [
        OfficeServiceFactory(
            office=office, service=ServiceFactory(name=name, **kwargs)
        ).service
        for name in names
    ]


def names(found):
    return [each.name for each in found]


@pytest.fixture
def town():
    offer(
        "Reisepass",
        "Vorläufiger Reisepass",
        "Abholung Personalausweis, Reisepass oder eID-Karte",
        "Personalausweis",
        "Umschreibung EU/EWR-Führerschein",
        "Gewerbe-Anmeldung",
        "Müllabfuhr",
    )
    offer("Wohnsitzanmeldung", keywords="Umzug, Wohnung ummelden, Meldestelle")


@pytest.mark.parametrize(
    ("typed", "best"),
    [
        ("Reisepass", "Reisepass"),
        ("reisepas", "Reisepass"),
        ("Reisepässe", "Reisepass"),
        ("reisep", "Reisepass"),
        ("vorlaufiger reisepass", "Vorläufiger Reisepass"),
        ("fuhrerschein", "Umschreibung EU/EWR-Führerschein"),
        ("fuehrerschein", "Umschreibung EU/EWR-Führerschein"),
        ("Fu\u0308hrerschein", "Umschreibung EU/EWR-Führerschein"),
        ("personalausweis verlängern", "Personalausweis"),
        ("Personalauswies", "Personalausweis"),
        ("ich brauche einen neuen pass", "Reisepass"),
        ("I need a new Reisepass", "Reisepass"),
        ("gewerbe anmelden", "Gewerbe-Anmeldung"),
        ("Umzug", "Wohnsitzanmeldung"),
        ("muell", "Müllabfuhr"),
        ("eid", "Abholung Personalausweis, Reisepass oder eID-Karte"),
    ],
)
def test_search_finds_what_is_meant(town, typed, best):
    found = search.services(typed)

    assert found[0].name == best


def test_search_puts_whole_words_before_parts_and_names_before_search_words():
    offer("Parkausweis", "Ausweis")
    offer("Verlustmeldung", keywords="Ausweis verloren")

    found = search.services("ausweis")

    assert names(found) == ["Ausweis", "Parkausweis", "Verlustmeldung"]


def test_search_puts_shorter_names_first_among_the_like():
    offer("Reisepass für Kinder unter zwölf Jahren", "Reisepass")

    assert names(search.services("reisepass")) == [
        "Reisepass",
        "Reisepass für Kinder unter zwölf Jahren",
    ]


def test_search_leaves_out_what_fits_far_fewer_words():
    offer("Wohnung anmelden", "Fahrzeug anmelden", "Wohngeld")

    assert names(search.services("wohnung anmelden")) == ["Wohnung anmelden"]


@pytest.mark.parametrize(
    "typed", ["", "   ", "🙂", "%", "_", "%%%", "\\", "--", "'", "()", "…", "\u200b"]
)
def test_search_finds_nothing_where_no_word_is_typed(town, typed):
    assert (search.services(typed), search.offices(typed)) == ([], [])
    assert search.guesses(typed) == []


@pytest.mark.parametrize(
    "typed",
    ["q" * 10_000, "zz " * 3_000, "\ufb00 \u6f22\u5b57 \u0431\u0301", "\x00\ud800"],
)
def test_search_takes_any_text(town, typed):
    assert search.services(typed) == []


def test_wildcards_stand_for_themselves():
    offer("Reisepass")

    assert search.services("R%p_ss") == []


def test_search_finds_only_what_citizens_may_book():
    offer("Geheim", is_public=False)
    ServiceFactory(name="Geheim, nirgends angeboten")
    OfficeServiceFactory(service__name="Geheim, nur am Schalter", is_public=False)
    OfficeServiceFactory(
        service__name="Geheim, ausgesetzt", office__status=OfficeStatus.SUSPENDED
    )

    assert search.services("geheim") == []
    assert search.guesses("geheimm") == []


def test_offices_are_found_by_name_street_and_town():
    hall = OfficeFactory(name="Bürgerbüro Nord", street="Kranichweg 3", city="Hafen")
    OfficeFactory(name="Bauhof", street="Lange Straße 1", city="Feld", is_public=False)
    OfficeFactory(name="Bürgerbüro Alt", status=OfficeStatus.CLOSED)

    for typed in ["buergerbuero", "kranichwg", "hafen", "burgerburo nord"]:
        assert search.offices(typed) == [hall]
    assert search.offices("bauhof") == []


def test_guesses_are_names_that_look_alike():
    offer("Reisepass", "Hundesteuer")

    assert search.services("raisepas") == []
    assert names(search.guesses("raisepas")) == ["Reisepass"]


def test_search_uses_the_index():
    offer("Reisepass")
    like = Service.objects.filter(search._may_fit("reisepas"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = like.explain()

    assert plan.count("Bitmap Index Scan on service_search_text") == 2
    assert plan.count("Bitmap Index Scan on service_translated_text") == 2


@pytest.mark.parametrize("many", [1, 30])
def test_search_asks_once(many, django_assert_num_queries):
    offer(*(f"Reisepass {number}" for number in range(many)))

    with django_assert_num_queries(1):
        found = search.services("reisepas")
        assert len({(service.name, service.duration) for service in found}) == many
