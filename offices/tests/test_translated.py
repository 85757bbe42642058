"""Texts in several languages: which one is shown, how they are kept and who may."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from accounts.tests.factories import AdminFactory, UserFactory
from offices import offering
from offices.models import SettingChange
from offices.queries import catalogue, changes, search
from offices.templatetags import office_words
from offices.tests.factories import (
    OfficeFactory,
    OfficeServiceFactory,
    ServiceFactory,
)
from offices.translated import missing_languages, text_of

PASSPORT = {
    "name": "Reisepass",
    "language": "de",
    "name_translations": {"en": "Passport", "fr": "Passeport"},
}


def names(found, language):
    with translation.override(language):
        return [str(text_of(row, "name")) for row in found]


# --- Which one is shown ---


@pytest.mark.parametrize(
    ("reads", "office", "shown"),
    [
        ("de", None, ("Reisepass", "de")),  # as it was written
        ("fr", None, ("Passeport", "fr")),  # translated
        ("ar", None, ("Passport", "en")),  # the site's language
        ("ar", "fr", ("Passeport", "fr")),  # the office's before the site's
        ("ar", "de", ("Reisepass", "de")),
        ("ar", "es", ("Reisepass", "de")),  # nothing else is left
        (None, None, ("Passport", "en")),
    ],
)
def test_a_text_falls_back_from_reader_to_office_to_writer(reads, office, shown):
    service = ServiceFactory.build(**PASSPORT)
    at = office and OfficeFactory.build(language=office)

    with translation.override(reads):
        text = text_of(service, "name", office=at)

    assert (text, text.language) == shown


def test_a_text_in_another_language_than_the_page_says_so():
    office = OfficeFactory.build(
        name="R & D", name_translations={"ar": "بحث"}, description="Hi"
    )

    with translation.override("de"):
        assert office_words.words(office, "name") == (
            '<span lang="en" dir="ltr">R &amp; D</span>'
        )
        assert office_words.plain_words(office, "name") == "R & D"
        assert office_words.html_words(office, "description") == (
            '<div lang="en" dir="ltr"><p>Hi</p></div>'
        )
    with translation.override("ar"):
        assert office_words.words(office, "name") == "بحث"
    with translation.override("en"):
        assert office_words.html_words(office, "description") == "<p>Hi</p>"


def test_a_text_that_runs_the_other_way_says_so():
    service = ServiceFactory.build(name="جواز سفر", language="ar")

    with translation.override("fr"):
        shown = office_words.words(service, "name")

    assert shown == '<span lang="ar" dir="rtl">جواز سفر</span>'


def test_what_is_missing_is_what_is_said_and_not_translated():
    service = ServiceFactory.build(**PASSPORT, fee="<p>70 Euro</p>")

    missing = missing_languages(service, ["name", "description", "fee"])

    assert missing == {
        "en": ["fee"],
        "fr": ["fee"],
        "es": ["name", "fee"],
        "ar": ["name", "fee"],
    }


# --- Found and in order ---


@pytest.fixture
def town(db):
    office = OfficeFactory(
        name="Rathaus", language="de", name_translations={"fr": "Mairie"}
    )
    for fields in (
        {**PASSPORT, "keywords_translations": {"fr": "voyage"}},
        {
            "name": "Zeugnis",
            "language": "de",
            "name_translations": {"fr": "Attestation"},
        },
        {"name": "Hundesteuer", "language": "de"},
    ):
        OfficeServiceFactory(office=office, service=ServiceFactory(**fields))
    return office


@pytest.mark.parametrize(
    ("reads", "typed", "found"),
    [
        ("fr", "passeport", ["Passeport"]),
        ("fr", "un nouveau paseport", ["Passeport"]),
        ("fr", "voyage", ["Passeport"]),
        ("fr", "Reisepass", ["Passeport"]),  # as it was written, whoever reads
        ("de", "passeport", []),  # what another reads is not shown to this one
        ("de", "voyage", []),
        ("es", "attestation", []),
        ("fr", "attestation", ["Attestation"]),
    ],
)
def test_search_finds_the_words_of_whoever_reads(town, reads, typed, found):
    with translation.override(reads):
        services = search.services(typed)

    assert names(services, reads) == found


def test_offices_are_found_by_their_translated_name(town):
    with translation.override("fr"):
        assert search.offices("mairie") == [town]
    with translation.override("es"):
        assert search.offices("mairie") == []


def test_services_stand_in_the_order_of_the_names_that_are_read(town):
    with translation.override("fr"):
        letters = [
            (letter, names(services, "fr"))
            for letter, services in catalogue.by_initial(catalogue.services())
        ]

    assert letters == [
        ("A", ["Attestation"]),
        ("H", ["Hundesteuer"]),
        ("P", ["Passeport"]),
    ]


@pytest.mark.parametrize("many", [1, 30])
def test_lists_ask_no_more_for_translations(db, many, django_assert_num_queries):
    office = OfficeFactory(name_translations={"fr": "Mairie"})
    for number in range(many):
        service = ServiceFactory(name_translations={"fr": f"Service {number}"})
        OfficeServiceFactory(office=office, service=service)

    with translation.override("fr"), django_assert_num_queries(4):
        names(catalogue.services(), "fr")
        names(catalogue.offices(), "fr")
        names([offered.service for offered in catalogue.offered_at(office)], "fr")
        names(search.services("service"), "fr")


def test_offices_behind_one_door_are_known_by_translated_names(town):
    OfficeFactory(name="Rathaus", language="de")

    with translation.override("fr"):
        offices = list(catalogue.offices())
        catalogue.tell_apart(offices)

    assert sorted(next(o for o in offices if o == town).known_for) == [
        "Attestation",
        "Hundesteuer",
        "Passeport",
    ]


# --- How they are kept ---


def test_translations_are_cleaned_like_the_text_itself(db):
    service = ServiceFactory.build(
        name_translations={"fr": "  Passeport\x00 ", "es": " "},
        fee_translations={"fr": '<p onclick="x()">70 €<script>alert(1)</script></p>'},
    )

    offering.save_service(service, by=None)

    service.refresh_from_db()
    assert service.name_translations == {"fr": "Passeport"}
    assert service.fee_translations == {"fr": "<p>70 €</p>"}


@pytest.mark.parametrize(
    ("translations", "refusal"),
    [
        ({"xx": "Passport"}, "“xx” is no language of this site."),
        ({"en": "Passport"}, "English is the language of the texts themselves"),
        ({"fr": "P" * 201}, "The text in this language is too long: French."),
        ({"fr": ["Passport"]}, "Give a text for each language."),
        (["fr"], "Give a text for each language."),
    ],
)
def test_what_is_no_translation_is_refused(db, translations, refusal):
    service = ServiceFactory.build(name_translations=translations)

    with pytest.raises(ValidationError) as refused:
        offering.save_service(service, by=None)

    assert list(refused.value.message_dict) == ["name_translations"]
    assert refused.value.messages[0].startswith(refusal)


def test_the_catalogue_is_translated_by_superusers_alone(db):
    service = ServiceFactory()
    service.name_translations = {"fr": "Passeport"}

    with pytest.raises(PermissionDenied):
        offering.save_service(service, by=UserFactory())

    service.refresh_from_db()
    assert service.name_translations == {}


def test_history_tells_translations_in_words(db):
    service = ServiceFactory(name_translations={"fr": "Passport"})
    service.name_translations = {"fr": "Passeport", "es": "Pasaporte"}

    offering.save_service(service, by=AdminFactory())

    change = SettingChange.objects.of(service).first()
    assert [tuple(line) for line in changes.lines(change)] == [
        (
            "name in other languages",
            "French: Passport",
            "Spanish: Pasaporte; French: Passeport",
        )
    ]
