"""Days so far away that no clock can be asked about them are refused, everywhere."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from appointments.impact.decisions import Decision
from appointments.tests.calendar_world import NOW, errors, off, page, rows_of, sign_in
from appointments.week import weeks
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import OfficeServiceFactory
from offices.times import read_day
from offices.validators import validate_day

REFUSED = "Choose a day from 2000 to 2199."

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def host():
    return OpenHostFactory(name="Counter 1", office__slug="town-hall")


@pytest.fixture
def staff(client, host):
    return sign_in(client, host.office)


@pytest.mark.parametrize(
    "day", ["0001-01-01", "1999-12-31", "2200-01-01", "9999-12-31"]
)
def test_a_far_day_cannot_be_read(day):
    assert read_day(day) is None


def test_the_first_and_the_last_day_can_be_read():
    for day in ("2000-01-01", "2199-12-31"):
        assert read_day(day).isoformat() == day
        assert validate_day(read_day(day)) is None


def test_a_far_week_has_no_name():
    assert weeks.read("9999-W52") is None
    assert weeks.read("0001-W01") is None


def test_nothing_is_moved_to_a_far_time():
    with pytest.raises(ValueError, match="9999"):
        Decision.read("move 3 9999-12-31T23:45:00+00:00")


def test_time_off_names_the_field_and_the_remedy(staff, host):
    before = rows_of(host)

    response = staff.post(*off(host, first="9999-12-31", last="9999-12-31"))

    assert errors(response) == (422, {"first": [REFUSED], "last": [REFUSED]})
    assert rows_of(host) == before


def test_so_does_the_form_of_one_day(staff, host):
    response = staff.post(
        page(host, "calendar_once"),
        {"host": host.pk, "day": "9999-12-31", "start": "09:00", "end": "10:00"},
    )

    assert response.status_code == 422
    assert errors(response)[1]["day"] == [REFUSED]


def test_the_page_for_a_far_day_shows_the_next_days(staff, host):
    offered = OfficeServiceFactory(office=host.office)
    asked = {"office": "town-hall", "service": offered.service_id, "day": "9999-12-31"}

    response = staff.get(reverse("admin:book"), asked)

    assert (response.status_code, response.context["day"]) == (200, None)


def test_a_far_week_of_the_calendar_does_not_exist(staff, host):
    assert staff.get(page(host, "calendar", week="9999-W52")).status_code == 404


def test_the_whom_it_hurts_page_takes_no_far_time(staff, host):
    choice = {"choice-00000000-0000-0000-0000-000000000001": "move 3 9999-12-31T23:45Z"}

    assert staff.post(reverse("admin:impact"), choice).status_code == 400


def test_hours_themselves_refuse_them():
    rule = OpenHostFactory().rules.get()
    rule.valid_until = read_day("2199-12-31").replace(year=9999)

    with pytest.raises(ValidationError) as refused:
        rule.full_clean()

    assert refused.value.message_dict == {"valid_until": [REFUSED]}
