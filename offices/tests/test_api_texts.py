"""Texts by API: read in the language that is asked for, and their translations."""

import pytest

from offices.models import SettingChange
from offices.roles import Permission
from offices.tests.callers import API, caller, errors, machine, told
from offices.tests.factories import (
    OfficeFactory,
    OfficeServiceFactory,
    ServiceFactory,
)

pytestmark = pytest.mark.django_db

FRENCH = {"HTTP_ACCEPT_LANGUAGE": "fr-CH, fr;q=0.9, en;q=0.8"}


@pytest.fixture
def office():
    return OfficeFactory(
        name="Rathaus",
        language="de",
        name_translations={"fr": "Mairie"},
        description="<p>Am Markt</p>",
    )


@pytest.fixture
def service(office):
    service = ServiceFactory(
        name="Reisepass", language="de", name_translations={"en": "Passport"}
    )
    OfficeServiceFactory(office=office, service=service)
    return service


@pytest.fixture
def manager(office):
    return caller("manager", office)


def change(client, office, **changes):
    return client.patch(f"{API}/offices/{office.pk}", changes)


def test_answers_are_in_the_language_that_is_asked_for(office):
    response = caller("nobody", office).get(f"{API}/offices/{office.pk}", **FRENCH)

    assert response.headers["Content-Language"] == "fr"
    assert "Accept-Language" in response.headers["Vary"]
    told = response.json()
    assert (told["name"], told["description"]) == ("Mairie", "<p>Am Markt</p>")
    assert told["language"] == "de"
    assert told["translations"] == {"fr": {"name": "Mairie"}}


def test_an_etag_is_of_one_language(office):
    nobody, address = caller("nobody", office), f"{API}/offices/{office.pk}"
    etag = nobody.get(address, **FRENCH).headers["ETag"]

    assert nobody.get(address, HTTP_IF_NONE_MATCH=etag, **FRENCH).status_code == 304
    assert nobody.get(address, HTTP_IF_NONE_MATCH=etag).status_code == 200


@pytest.mark.parametrize(
    ("address", "language", "name"),
    [
        ("offices", "fr", "Mairie"),
        ("offices/search?q=mairie", "fr", "Mairie"),
        ("offices/search?q=rathaus", "en", "Rathaus"),
        ("services", "fr", "Passport"),  # the site's language before the writer's
        ("services", "de", "Reisepass"),
        ("services/search?q=passport", "en", "Passport"),
    ],
)
def test_lists_are_too_and_leave_out_the_translations(service, address, language, name):
    nobody = caller("nobody", None)

    rows = nobody.get(f"{API}/{address}", HTTP_ACCEPT_LANGUAGE=language).json()

    rows = rows["results"] if isinstance(rows, dict) else rows
    assert [row["name"] for row in rows] == [name]
    assert "translations" not in rows[0]


def test_what_an_office_offers_falls_back_to_its_language(office, service):
    nobody = caller("nobody", office)
    address = f"{API}/offices/{office.pk}/services"

    french = nobody.get(address, **FRENCH).json()
    alone = nobody.get(f"{API}/services/{service.pk}", **FRENCH).json()

    assert [row["service"]["name"] for row in french] == ["Reisepass"]
    assert alone["name"] == "Passport"
    assert alone["translations"] == {"en": {"name": "Passport"}}


def test_a_manager_writes_translations_and_what_is_left_out_stays(office, manager):
    given = {
        "fr": {"description": "<p onclick='x()'>Place</p>"},
        "es": {"name": "Hola"},
    }

    response = change(manager, office, translations=given)

    office.refresh_from_db()
    assert response.status_code == 200
    assert response.json()["translations"] == {
        "fr": {"name": "Mairie", "description": "<p>Place</p>"},
        "es": {"name": "Hola"},
    }
    assert office.name_translations == {"fr": "Mairie", "es": "Hola"}
    assert office.name == "Rathaus"
    changed = SettingChange.objects.of(office).first()
    assert sorted(changed.after) == ["description_translations", "name_translations"]


def test_an_empty_text_takes_a_translation_back(office, manager):
    change(manager, office, translations={"fr": {"name": ""}})

    office.refresh_from_db()
    assert office.name_translations == {}


def test_texts_are_written_to_the_original_whatever_language_is_asked_for(
    office, manager
):
    address = f"{API}/offices/{office.pk}"

    response = manager.patch(address, {"name": "Neues Rathaus"}, **FRENCH)

    office.refresh_from_db()
    assert office.name == "Neues Rathaus"
    assert response.json()["name"] == "Mairie"


def test_an_office_is_added_with_its_translations(office):
    admin = caller("admin", office)
    new = {"name": "Amt", "slug": "amt", "language": "de"}

    response = admin.post(
        f"{API}/offices", {**new, "translations": {"en": {"name": "Bureau"}}}
    )

    assert response.status_code == 201
    assert response.json()["translations"] == {"en": {"name": "Bureau"}}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"translations": {"xx": {"name": "X"}}}, "translations"),
        ({"translations": {"fr": {"street": "X"}}}, "translations"),
        ({"translations": {"fr": "X"}}, "translations"),
        ({"translations": {"fr": {"name": 7 * ["X"]}}}, "translations"),
        ({"translations": ["fr"]}, "translations"),
        ({"translations": None}, "translations"),
        ({"translations": {"de": {"name": "X"}}}, "translations"),  # its own language
        ({"language": "fr"}, "translations"),  # into which it is translated
        ({"language": "xx"}, "language"),
        ({"translations": {"fr": {"name": "X" * 201}}}, "name_translations"),
    ],
)
def test_what_is_no_translation_is_refused_by_name(office, manager, changes, field):
    assert errors(change(manager, office, **changes))[0] == 400
    assert field in ".".join(errors(change(manager, office, **changes))[1])


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        ("nobody", (401, "not_authenticated")),
        ("host", (403, "permission_denied")),
        ("reception", (403, "permission_denied")),
        ("other manager", (403, "permission_denied")),
    ],
)
def test_others_write_none(office, who, answer):
    response = change(
        caller(who, office), office, translations={"es": {"name": "Hola"}}
    )

    assert told(response) == answer
    office.refresh_from_db()
    assert office.name_translations == {"fr": "Mairie"}


def test_a_program_that_manages_the_office_may(office):
    program = machine(office, Permission.MANAGE_OFFICE, Permission.VIEW_APPOINTMENTS)

    response = change(program, office, translations={"es": {"name": "Hola"}})

    assert response.status_code == 200
