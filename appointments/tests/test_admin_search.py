from datetime import time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import AdminFactory
from appointments import finding, references
from appointments.models import Appointment
from appointments.tests.factories import (
    AppointmentFactory,
    CitizenFactory,
    tomorrow_at,
)
from availability.tests.factories import OpenHostFactory
from offices.roles import Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db

FIND = reverse("admin:find_person")


@pytest.fixture
def office():
    return OfficeFactory(booking_horizon_days=3)


@pytest.fixture
def offered(office):
    OpenHostFactory(office=office)
    return OfficeServiceFactory(office=office)


@pytest.fixture
def reception(office, client):
    user = MembershipFactory(office=office, role=Role.RECEPTION).user
    client.force_login(user)
    return user


@pytest.fixture
def of_ada(offered):
    citizen = CitizenFactory(
        name="Ädä Müller-Öz", email="ada.m@example.org", phone="+498923300123"
    )
    return AppointmentFactory(offered=offered, citizen=citizen)


@pytest.fixture
def of_ben(offered):
    citizen = CitizenFactory(name="Ben Wu", email="ben@example.net", phone="+4930111")
    start = tomorrow_at(offered.office, time(10))
    return AppointmentFactory(offered=offered, citizen=citizen, starts_at=start)


def found(client, text):
    groups = client.get(FIND, {"q": text}).context["groups"]
    return [line["appointment"] for group in groups for line in group["lines"]]


@pytest.mark.parametrize(
    "text",
    [
        "ada",
        "MULLER",
        "müller",
        "mueller",
        "oz ada",
        "Ada.M@example.org",
        "example.org",
        "089 23300123",
        "(089) 233-00 12",
        "+49 (0)89 233",
        "0049 89 23300123",
    ],
)
def test_a_person_is_found_as_one_remembers(client, reception, of_ada, of_ben, text):
    assert found(client, text) == [of_ada]


@pytest.mark.parametrize("text", ["wu", "Wu", "be wu"])
def test_two_letters_are_the_beginning_of_a_word(
    client, reception, of_ada, of_ben, text
):
    assert found(client, text) == [of_ben]


@pytest.mark.parametrize("text", ["ada ben", "x", "%", "___", "zzzz", "00 00"])
def test_what_fits_nobody_finds_nobody(client, reception, of_ada, of_ben, text):
    response = client.get(FIND, {"q": text})

    assert response.context["groups"] == []
    assert "Nothing fits" in response.text


@pytest.mark.parametrize(
    "tidy", [str, str.lower, lambda r: f" {r[:2]} {r[2:4]}{r[5:]}"]
)
def test_a_whole_reference_leads_to_the_appointment(
    client, reception, of_ada, of_ben, tidy
):
    response = client.get(FIND, {"q": tidy(of_ada.reference)})

    assert response.url == reverse(
        "admin:appointments_appointment_change", args=[of_ada.pk]
    )


@pytest.mark.parametrize("many", [3, 4, 6])
def test_the_beginning_of_a_reference_is_enough(client, reception, of_ada, many):
    assert found(client, of_ada.reference.replace("-", "")[:many].lower()) == [of_ada]


def test_those_to_come_are_before_those_past(client, reception, offered):
    with time_machine.travel(tomorrow_at(offered.office) - timedelta(days=2)):
        offered.office.refresh_from_db()
        past = _past(offered)
    later = AppointmentFactory(
        offered=offered,
        citizen__name="Ada Huber",
        starts_at=tomorrow_at(offered.office, time(11)),
    )
    sooner = AppointmentFactory(offered=offered, citizen__name="Ada Huber")

    groups = client.get(FIND, {"q": "huber"}).context["groups"]

    assert [
        (str(group["title"]), [line["appointment"] for line in group["lines"]])
        for group in groups
    ] == [("Coming", [sooner, later]), ("Past", [past])]


def _past(offered):
    """An appointment of yesterday."""
    return AppointmentFactory(
        offered=offered,
        citizen__name="Ada Huber",
        starts_at=tomorrow_at(offered.office),
        by=MembershipFactory(office=offered.office, role=Role.MANAGER).user,
        override="For a test",
    )


def test_no_more_are_shown_than_one_can_read(
    client, reception, offered, of_ada, of_ben, monkeypatch
):
    monkeypatch.setattr(finding, "MOST_FOUND", 1)

    response = client.get(FIND, {"q": "example"})

    assert found(client, "example") == [of_ada]
    assert "More fit than are shown, which are 1 at most." in response.text


def test_of_a_word_that_fits_half_the_town_the_latest_past_are_looked_at(
    client, reception, offered, monkeypatch
):
    with time_machine.travel(tomorrow_at(offered.office) - timedelta(days=2)):
        offered.office.refresh_from_db()
        _past(offered)
    to_come = AppointmentFactory(offered=offered, citizen__name="Ada Huber")
    monkeypatch.setattr(finding, "MOST_COMPARED", 1)

    assert found(client, "huber") == [to_come]
    assert "More fit than are shown" in client.get(FIND, {"q": "huber"}).text


def test_the_list_of_appointments_is_searched_alike(client, reception, of_ada, of_ben):
    page = reverse("admin:appointments_appointment_changelist")
    reference = of_ada.reference.lower()

    def listed(text):
        return list(client.get(page, {"q": text}).context["cl"].queryset)

    assert [listed(text) for text in ("müller", reference, reference[:3], "233")] == [
        [of_ada]
    ] * 4
    assert listed(" ") == [of_ada, of_ben]


def test_an_empty_box_asks_nothing(client, reception):
    assert client.get(FIND).context["groups"] == []


def test_all_offices_of_the_person_and_no_others(client, office, reception, of_ada):
    second = AppointmentFactory(citizen__name="Ada Second")
    MembershipFactory(user=reception, office=second.office, role=Role.HOST)
    third = AppointmentFactory(citizen__name="Ada Third", citizen__user=reception)

    assert set(found(client, "ada")) == {of_ada, second}
    assert client.get(FIND, {"q": third.reference}).status_code == 200
    client.force_login(AdminFactory())
    assert set(found(client, "ada")) == {of_ada, second, third}


def test_who_works_nowhere_finds_nothing(client, of_ada):
    client.force_login(AdminFactory(is_superuser=False))

    assert client.get(FIND, {"q": "ada"}).status_code == 403


def test_thirty_cost_no_more_than_one(client, reception, offered):
    def count():
        client.get(FIND, {"q": "citizen"})
        with CaptureQueriesContext(connection) as queries:
            assert len(found(client, "citizen")) == Appointment.objects.count()
        return len(queries)

    AppointmentFactory(offered=offered)
    with_one = count()
    for _ in range(29):
        OpenHostFactory(office=offered.office)
        AppointmentFactory(offered=offered)

    assert (with_one, count()) == (11, 11)


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("k7m", "K7M"),
        ("K7-M4", "K7M4"),
        ("k7m4q", "K7M4-Q"),
        ("k7", None),
        ("K7M4-QX2P", None),
        ("ada", None),
    ],
)
def test_beginnings_of_references_are_tidied(text, beginning):
    assert references.beginning(text) == beginning
