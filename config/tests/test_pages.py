"""The pages that belong to no app."""

import pytest
from django.conf import settings
from django.test import Client

from config.api import docs

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/accessibility/", "/privacy/"])
def test_statements_are_in_the_footer_of_every_page(client, path):
    page = client.get("/").content.decode()

    assert f'href="{path}"' in page
    assert client.get(path).status_code == 200


def test_a_language_is_chosen_without_a_token():
    strict = Client(enforce_csrf_checks=True)

    response = strict.post("/language/", {"language": "de", "next": "/privacy/"})
    page = strict.get("/privacy/").content.decode()

    assert response["Location"] == "/privacy/"
    assert list(response.cookies) == [settings.LANGUAGE_COOKIE_NAME]
    assert '<html lang="de"' in page


@pytest.mark.parametrize(
    "data",
    [
        {"language": "de", "next": "https://evil.example.org/"},
        {"language": "de", "next": "//evil.example.org/"},
        {"language": "xx", "next": "/"},
        {},
    ],
)
def test_the_language_switch_leads_nowhere_else(client, data):
    response = client.post("/language/", data)

    assert response["Location"] == "/"


def test_the_style_guide_is_for_ones_own_machine(client, settings):
    settings.ENVIRONMENT = "local"
    here = client.get("/styleguide/")
    settings.ENVIRONMENT = "staging"
    there = client.get("/styleguide/")

    assert (here.status_code, there.status_code) == (200, 404)
    assert "Please check this page" in here.content.decode()


def test_without_its_viewer_the_documentation_says_where_the_document_is(
    client, monkeypatch
):
    monkeypatch.setattr(docs, "find_spec", lambda name: None)

    response = client.get("/docs")

    assert response.status_code == 404
    assert "/api/v1/schema" in response.content.decode()
