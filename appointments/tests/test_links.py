import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core import signing

from appointments import links, operations
from appointments.links import LIFETIME, BadLink, StaleLink
from appointments.models import Appointment
from appointments.tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment():
    return AppointmentFactory()


def sign(text, salt=links.SALT, **kwargs):
    return signing.Signer(salt=salt, **kwargs).sign(text)


def test_a_token_opens_its_appointment_alone(appointment):
    other = AppointmentFactory()

    opened = [
        links.appointment_for(links.token_for(each)) for each in (appointment, other)
    ]

    assert opened == [appointment, other]


def test_a_token_stays_the_same_through_the_life_of_an_appointment(appointment):
    token = links.token_for(appointment)

    operations.reschedule(
        appointment, appointment.starts_at + timedelta(hours=1), by=None
    )
    cancelled = operations.cancel(appointment, by=None)

    assert links.token_for(cancelled) == token
    assert links.appointment_for(token).status == "cancelled"


def test_an_address_is_absolute(appointment, settings):
    settings.FRONTEND_HOST = "https://example.org"

    url = links.url_for(appointment)

    assert url.startswith("https://example.org/appointments/")
    assert links.token_for(appointment) in url.replace("%3A", ":")


def other_appointments_signature(appointment):
    stranger = uuid.uuid4()
    return f"{stranger.hex}:{links.token_for(appointment).partition(':')[2]}"


@pytest.mark.parametrize(
    "forge",
    [
        lambda appointment: "",
        lambda appointment: ":",
        lambda appointment: str(appointment.pk),
        lambda appointment: appointment.pk.hex,
        lambda appointment: appointment.reference,
        lambda appointment: links.token_for(appointment)[:-1],
        lambda appointment: links.token_for(appointment)[1:],
        lambda appointment: links.token_for(appointment) + "A",
        lambda appointment: links.token_for(appointment).swapcase(),
        lambda appointment: links.token_for(appointment).replace(":", ""),
        lambda appointment: links.token_for(appointment).replace(":", ":\0"),
        other_appointments_signature,
        lambda appointment: sign(appointment.pk.hex, salt="appointments.other"),
        lambda appointment: sign(appointment.pk.hex, key="another key"),
        lambda appointment: sign("no id"),
        lambda appointment: sign(uuid.uuid4().hex),
    ],
)
def test_what_we_did_not_sign_or_what_is_not_there_opens_nothing(appointment, forge):
    with pytest.raises(BadLink):
        links.appointment_for(forge(appointment))


def test_each_single_wrong_character_makes_a_token_bad(appointment):
    token = links.token_for(appointment)

    for place, right in enumerate(token):
        wrong = "0" if right != "0" else "1"
        with pytest.raises(BadLink):
            links.appointment_for(token[:place] + wrong + token[place + 1 :])


def test_a_token_opens_nothing_long_after_its_appointment(appointment):
    token = links.token_for(appointment)
    last = appointment.ends_at + LIFETIME

    with time_machine.travel(last, tick=False):
        assert links.appointment_for(token) == appointment
    with (
        time_machine.travel(last + timedelta(seconds=1), tick=False),
        pytest.raises(StaleLink),
    ):
        links.appointment_for(token)


def test_a_token_opens_what_its_page_shows_in_one_query(
    appointment, django_assert_num_queries
):
    token = links.token_for(appointment)

    with django_assert_num_queries(1):
        found = links.appointment_for(token)
        shown = [found.office.name, found.service.name, found.host.name, found.citizen]

    assert shown[3] == appointment.citizen
    assert Appointment.objects.count() == 1
