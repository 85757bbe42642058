"""Finding an appointment again by its reference and e-mail address."""

import re

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from appointments import references
from appointments.tests.factories import AppointmentFactory
from appointments.tests.pages import NOW, own_path, words

pytestmark = pytest.mark.django_db

FIND = reverse("appointments:find")


@pytest.fixture(autouse=True)
def _morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def appointment():
    return AppointmentFactory(citizen__email="ada@example.org")


def find(client, reference, email):
    return client.post(FIND, {"reference": reference, "email": email})


@pytest.mark.parametrize(
    ("reference", "email"),
    [
        ("{}", "ada@example.org"),
        ("{}", " Ada@Example.ORG "),
        (" {} ", "ada@example.org"),
    ],
)
def test_reference_and_address_together_open_it(client, appointment, reference, email):
    response = find(client, reference.format(appointment.reference), email)

    assert response.status_code == 303
    assert response.url == own_path("manage", appointment)


@pytest.mark.parametrize(
    "written", [str.lower, lambda r: r.replace("-", ""), lambda r: r.replace("-", " ")]
)
def test_a_reference_may_be_written_as_people_write(client, appointment, written):
    response = find(client, written(appointment.reference), "ada@example.org")

    assert response.status_code == 303


def test_whatever_is_wrong_the_answer_is_the_same(
    client, appointment, django_assert_num_queries
):
    wrong = [
        (appointment.reference, "bob@example.org"),
        (references.make(), "ada@example.org"),
        (references.make(), "bob@example.org"),
        (appointment.reference[::-1], "ada@example.org"),
        ("nonsense", "ada@example.org"),
        ("' OR 1=1 --", "ada@example.org"),
        ("2222-2222", "ada@example.org"),
    ]

    answers = set()
    for reference, email in wrong:
        with django_assert_num_queries(1):
            response = find(client, reference, email)
        page = re.sub(r'value="[^"]*"', "", response.text)
        answers.add((response.status_code, page))

    assert len(answers) == 1
    assert response.status_code == 422
    assert (
        "We found no appointment with this reference and this e-mail address. "
        "Please check both."
    ) in words(response)


@pytest.mark.parametrize(
    ("reference", "email", "message"),
    [
        ("", "ada@example.org", "Enter your reference."),
        ("K7M4-QX2P", "", "Enter the e-mail address you gave when you booked."),
        ("K7M4-QX2P", "ada", "Enter an e-mail address like name@example.org."),
    ],
)
def test_what_is_missing_is_named(client, reference, email, message):
    response = find(client, reference, email)

    assert response.status_code == 422
    assert message in words(response)


def test_looking_touches_no_session(client):
    response = client.get(FIND)

    assert response.status_code == 200
    assert response.cookies.keys() == {"csrftoken"}


def test_who_guesses_too_often_has_to_wait(client, settings, appointment):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMIT = "2/60s"
    cache.clear()

    statuses = [
        find(client, "K7M4-QX2P", f"{n}@example.org").status_code for n in range(3)
    ]
    right = find(client, appointment.reference, "ada@example.org")

    assert statuses == [422, 422, 429]
    assert right.status_code == 429
    assert "Please wait a moment" in words(right)
