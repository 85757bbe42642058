"""What is too much is refused, with a clear answer, and never read to its end."""

import pytest
from django.conf import settings
from django.utils import translation
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from config.limits import LONGEST_URL

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
TOO_MUCH = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1


def words(response):
    """Its status, and how its text begins or its code."""
    if response["Content-Type"] == "application/problem+json":
        return response.status_code, response.json()["code"]
    return response.status_code, "That is more than we can take" in response.text


@pytest.mark.parametrize("address", ["/", "/sign-in/", "/find/", "/admin/login/"])
def test_a_page_takes_no_larger_body(client, address):
    response = client.post(address, b"x" * TOO_MUCH, content_type=FORM)

    assert words(response) == (413, True)


def test_a_refusal_is_in_the_language_of_who_asks(client):
    """Not in that of whoever was served before in the same thread."""
    translation.activate("ar")

    response = client.post(
        "/", b"x" * TOO_MUCH, content_type=FORM, headers={"Accept-Language": "de"}
    )

    assert (response.status_code, '<html lang="de"' in response.text) == (413, True)


def test_a_file_is_too_large_as_well(client):
    body = PART + b"x" * TOO_MUCH + b"\r\n--x--\r\n"

    response = client.post("/sign-in/", body, content_type=PARTS)

    assert words(response) == (413, True)


def test_so_is_one_that_says_it_is_shorter(client):
    """What is read beyond the length that was said is not there."""
    response = client.post(
        "/sign-in/", b"x" * TOO_MUCH, content_type=FORM, CONTENT_LENGTH="10"
    )

    assert response.status_code == 200  # the form again


@pytest.mark.parametrize("length", ["-1", "1e9", "²", "many"])
def test_a_length_that_is_none_is_no_mistake_of_ours(client, length):
    response = client.post("/sign-in/", "", content_type=FORM, CONTENT_LENGTH=length)

    assert response.status_code == 200  # the form again


def test_more_fields_than_any_form_has_are_refused(client):
    many = "&".join(f"f{n}=1" for n in range(1001))

    response = client.post("/sign-in/", many, content_type=FORM)

    assert response.status_code == 400
    assert "We could not read that" in response.text


def test_more_files_than_any_form_has_are_refused(client):
    body = b"".join(PART + b"x\r\n" for _ in range(11)) + b"--x--\r\n"

    response = client.post("/sign-in/", body, content_type=PARTS)

    assert response.status_code == 400


def test_an_address_may_be_so_long_and_no_longer(client):
    room = LONGEST_URL - len("/q=")

    fits = client.get("/", query_params={"q": "x" * room})
    page = client.get("/", query_params={"q": "x" * (room + 1)})
    api = client.get("/api/v1/offices", query_params={"q": "x" * LONGEST_URL})

    assert fits.status_code == 200
    assert words(page) == (414, True)
    assert words(api) == (414, "url_too_long")


def test_the_api_says_so_in_its_own_words():
    api = APIClient()
    api.force_authenticate(UserFactory())

    large = api.post("/api/v1/appointments", b"x" * TOO_MUCH, content_type="text/json")
    some = api.post(
        "/api/v1/appointments",
        b"x" * (settings.API_BODY_LIMIT + 1),
        content_type="application/json",
    )
    deep = api.post(
        "/api/v1/appointments", b"[" * 33 + b"]" * 33, content_type="application/json"
    )

    assert words(large) == (413, "body_too_large")
    assert words(some) == (413, "body_too_large")
    assert words(deep) == (400, "parse_error")
