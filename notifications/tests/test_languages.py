"""Messages say what offices say in the language of whoever reads them."""

import pytest

from accounts.tests.factories import UserFactory
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from availability.tests.factories import OpenHostFactory
from notifications import day_lists, texts
from notifications.languages import language_for
from notifications.models import DayList
from notifications.states import Audience, Channel
from notifications.tests.factories import MessageFactory
from offices.tests.factories import OfficeFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def offered():
    office = OfficeFactory(
        name="Rathaus",
        language="de",
        name_translations={"fr": "Mairie"},
        accessibility="Aufzug",
        accessibility_translations={"fr": "Ascenseur"},
    )
    return OfficeServiceFactory(
        office=office,
        service__name="Reisepass",
        service__language="de",
        service__name_translations={"fr": "Passeport", "en": "Passport"},
        service__what_to_bring="<p>ein Foto</p>",
    )


def message(offered, language, **fields):
    appointment = AppointmentFactory(offered=offered, language=language)
    return MessageFactory(appointment=appointment, language=language, **fields)


def test_a_mail_says_them_in_its_own_language(offered):
    letter = texts.write(message(offered, "fr"))

    for said in ("Passeport", "Mairie", "Ascenseur"):
        assert said in letter.text
        assert said in letter.html
    assert "SUMMARY:Passeport – Mairie" in letter.calendar
    assert '<div lang="de" dir="ltr"><p>ein Foto</p></div>' in letter.html


def test_what_is_not_translated_is_in_the_offices_language(offered):
    letter = texts.write(message(offered, "es"))

    assert "Reisepass" in letter.text
    assert "Rathaus" in letter.text


def test_a_text_message_does_too(offered):
    sms = message(offered, "fr", channel=Channel.SMS, recipient="+4930901820")

    assert texts.write(sms).text.startswith("Mairie")


@pytest.mark.parametrize(
    ("audience", "spoken", "language"),
    [
        (Audience.CITIZEN, "fr", "fr"),
        (Audience.CITIZEN, "xx", "de"),
        (Audience.CITIZEN, "", "de"),
        (Audience.HOST, "es", "es"),
        (Audience.HOST, "", "de"),
        (Audience.OFFICE, "", "de"),
    ],
)
def test_who_says_no_language_is_written_to_in_the_offices(
    offered, audience, spoken, language
):
    user = UserFactory(language=spoken)
    host = OpenHostFactory(office=offered.office, user=user)
    citizen = CitizenFactory(language=spoken)
    appointment = AppointmentFactory(offered=offered, citizen=citizen, host=host)

    assert language_for(appointment, audience) == language


def test_the_list_of_the_day_is_in_the_language_of_the_office(offered):
    row = DayList(office=offered.office, day=offered.office.today(), recipient="a@b.de")

    mail = day_lists._mail(row)

    assert mail.extra_headers["Content-Language"] == "de"
