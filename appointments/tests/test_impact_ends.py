"""An office that closes for good, a host that is made inactive, a service that ends.

What is booked there is not forgotten: the pages ask first, or refuse.
"""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from appointments import operations
from appointments.impact.changes import HoursChange
from appointments.impact.decisions import CANCEL, LEAVE
from appointments.impact.words import summary_of
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.operations import change_hours
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.impact import change_of, everything, member_of, of
from appointments.tests.pages import NOW, town_hall, utc, words
from appointments.tests.test_impact_admin import settings, url
from appointments.tests.test_impact_pages import chosen, fields
from availability import operations as availability
from availability.exceptions import StillBooked
from availability.models import AvailabilityException
from config.admin import REFUSALS
from offices import offering
from offices.models import Closure, Host, Office, OfficeService, OfficeStatus
from offices.roles import Role
from offices.tests.factories import OfficeFactory

NINE = utc("2030-03-13T08:00")
EVENING = utc("2030-03-13T19:00")
KEY = uuid.UUID(int=7)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(clock):
    return town_hall(hosts=2)


@pytest.fixture
def office(offered):
    return offered.office


@pytest.fixture
def hosts(office):
    return list(office.hosts.order_by("pk"))


@pytest.fixture
def manager(office, client):
    user = member_of(office)
    client.force_login(user)
    return user


@pytest.fixture
def appointment(offered, hosts):
    """Tomorrow at nine with the first counter."""
    return AppointmentFactory(offered=offered, host=hosts[0], starts_at=NINE)


@pytest.fixture
def evening(offered, hosts):
    """Tomorrow at eight in the evening, on purpose."""
    return AppointmentFactory(
        offered=offered, host=hosts[0], starts_at=EVENING, override="An emergency"
    )


def form_of(client, row):
    """What the page of a row would send, unchanged."""
    shown = client.get(url(type(row), "change", row.pk)).context["adminform"].form
    values = {bound.html_name: bound.value() for bound in shown}
    return {
        name: [each.pk for each in value] if isinstance(value, list) else value
        for name, value in values.items()
        if value is not None and value is not False
    }


def save(client, row, **changes):
    """The response of a row's page; a change to None is left out."""
    form = {**form_of(client, row), **changes}
    sent = {name: value for name, value in form.items() if value is not None}
    return client.post(url(type(row), "change", row.pk), sent)


# An office. -------------------------------------------------------------------------


def test_to_close_an_office_for_good_asks_first(
    client, manager, office, appointment, evening
):
    before = settings()

    response = save(client, office, status="closed")

    assert response.status_code == 200
    assert settings() == before
    text = words(response)
    assert "Town hall closed for good." in text
    assert "2 appointments would be without hours." in text
    assert chosen(response) == ["Cancel and tell", "Cancel and tell"]
    assert fields(response)["reason"] == "The office is closed at that time."


def test_what_is_decided_about_a_closed_office_is_done(
    client, manager, office, appointment, evening
):
    asked = save(client, office, status="closed", name="Old town hall")

    done = client.post("/admin/impact/", {**fields(asked), "do": "apply"})
    client.get(done.url)

    office.refresh_from_db()
    assert (office.status, office.name) == (OfficeStatus.CLOSED, "Old town hall")
    assert of(appointment).status == of(evening).status == Status.CANCELLED
    assert broken() == {}


def test_an_office_that_gets_another_address_with_it_is_still_found(
    client, manager, office, appointment
):
    asked = save(client, office, status="closed", slug="old-town-hall")

    done = client.post("/admin/impact/", {**fields(asked), "do": "apply"}, follow=True)

    assert done.redirect_chain[0][0].startswith(
        "/admin/impact/result/?office=old-town-hall&"
    )
    assert done.status_code == 200


def test_what_is_left_at_a_closed_office_is_listed(
    client, manager, office, appointment, evening
):
    change = closing(office)

    change_hours(change, {appointment.pk: LEAVE, evening.pk: LEAVE}, by=manager)

    listed = client.get("/admin/impact/").text
    assert appointment.reference in listed
    assert evening.reference in listed


@pytest.mark.parametrize("status", ["open", "suspended"])
def test_an_office_that_only_pauses_asks_nobody(
    client, manager, office, appointment, status
):
    response = save(client, office, status=status, phone="040 1")

    office.refresh_from_db()
    assert response.status_code == 302
    assert (office.status, office.phone) == (status, "040 1")
    assert list(Appointment.objects.unsupported()) == []


def test_an_office_without_appointments_closes_at_once(client, manager, office):
    response = save(client, office, status="closed")

    office.refresh_from_db()
    assert response.status_code == 302
    assert office.status == OfficeStatus.CLOSED


def closing(office):
    closed = Office.objects.get(pk=office.pk)
    closed.status = OfficeStatus.CLOSED
    return change_of(office, closed)


def deactivating(host):
    inactive = Host.objects.get(pk=host.pk)
    inactive.is_active = False
    return change_of(host.office, inactive)


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION, Role.SECRETARY])
@pytest.mark.parametrize("of_host", [False, True])
def test_who_may_not_manage_the_office_closes_nothing(
    office, hosts, appointment, role, of_host
):
    user = member_of(office, role)
    change = deactivating(hosts[0]) if of_host else closing(office)
    before = everything()

    with pytest.raises(REFUSALS):
        change_hours(change, {appointment.pk: CANCEL}, by=user)

    assert everything() == before


@pytest.mark.parametrize("of_host", [False, True])
def test_a_change_is_of_one_office(office, hosts, of_host):
    other = OfficeFactory()
    user = member_of(other)
    change = deactivating(hosts[0]) if of_host else closing(office)
    change.office = other
    before = everything()

    with pytest.raises(REFUSALS):
        change_hours(change, {}, by=user)

    assert everything() == before


def test_only_what_is_to_be_another_travels(office, manager):
    text = closing(office).dumps(user=manager)
    Office.objects.update(phone="040 1", tablet_key=KEY)

    [row] = HoursChange.loads(text, user=manager).save

    assert (row.status, row.phone, row.tablet_key) == ("closed", "040 1", KEY)


# A host. ----------------------------------------------------------------------------


def test_to_make_a_host_inactive_asks_first(
    client, manager, hosts, appointment, evening
):
    before = settings()

    response = save(client, hosts[0], is_active=None)

    assert response.status_code == 200
    assert settings() == before
    assert f"{hosts[0]} offers no times any more." in words(response)
    assert len(chosen(response)) == 2
    client.post("/admin/impact/", {**fields(response), "do": "apply"})
    hosts[0].refresh_from_db()
    assert not hosts[0].is_active
    assert of(appointment).host == hosts[1]
    assert broken() == {}


def test_services_that_were_changed_with_it_are_said_to_wait(
    client, manager, hosts, offered, appointment
):
    services = {"services": [offered.service_id]}

    response = save(client, hosts[0], is_active=None, **services)
    on_its_own = save(client, hosts[0], **services)

    assert "Which services the host gives has not been changed." in words(response)
    assert on_its_own.status_code == 302
    assert list(hosts[0].services.all()) == [offered.service]


def test_a_host_who_only_gets_another_name_asks_nobody(
    client, manager, hosts, appointment
):
    response = save(client, hosts[0], name="Counter 9")

    hosts[0].refresh_from_db()
    assert response.status_code == 302
    assert hosts[0].name == "Counter 9"


def test_a_change_of_settings_in_words(office, hosts):
    assert summary_of([office], []) == "Town hall: settings changed."
    assert summary_of([hosts[0]], []) == f"{hosts[0]}: settings changed."


# A closure over what was booked beyond the rules. -----------------------------------


def test_a_closure_asks_about_what_is_outside_the_hours_on_purpose(
    client, manager, office, appointment, evening
):
    before = settings()

    response = client.post(
        url(Closure, "add"),
        {
            "office": office.pk,
            "starts_at": "2030-03-13T00:00",
            "ends_at": "2030-03-14T00:00",
            "reason": "A flood",
        },
    )

    assert settings() == before
    assert appointment.reference in response.text
    assert evening.reference in response.text
    client.post("/admin/impact/", {**fields(response), "do": "apply"})
    assert of(evening).day != evening.day
    assert not of(evening).outside_hours
    assert list(Appointment.objects.unsupported()) == []
    assert broken() == {}


def test_a_closure_asks_about_what_had_lost_its_hours_already(
    manager, office, hosts, appointment
):
    away = AvailabilityException(
        host=hosts[0],
        kind="away",
        day="2030-03-13",
        start_time="09:00",
        end_time="10:00",
    )
    availability.set_hours(hosts[0], save=[away], by=None)

    def closure():
        ends_at = NINE + timedelta(hours=1)
        return change_of(
            office, Closure(office=office, starts_at=NINE, ends_at=ends_at)
        )

    with pytest.raises(REFUSALS):
        change_hours(closure(), {}, by=manager)
    change_hours(closure(), {appointment.pk: LEAVE}, by=manager)
    change_hours(closure(), {}, by=manager)  # the second one changes nothing for it

    assert office.closures.filter(kind="staff").count() == 2


# A service. -------------------------------------------------------------------------


def test_a_service_with_appointments_to_come_stays(
    client, manager, offered, appointment
):
    path = reverse("admin:offices_officeservice_delete", args=[offered.pk])

    response = client.post(path, {"post": "yes"}, follow=True)

    assert (
        "1 appointment to come is booked for this service. Move or cancel it first."
        in words(response)
    )
    assert OfficeService.objects.filter(pk=offered.pk).exists()


def test_one_whose_appointments_are_over_or_called_off_ends(
    offered, manager, appointment
):
    with pytest.raises(StillBooked):
        offering.withdraw(offered, by=manager)
    operations.cancel(appointment, by=manager)

    offering.withdraw(offered, by=manager)

    assert not OfficeService.objects.exists()


def test_appointments_of_another_office_do_not_keep_it(offered, manager):
    AppointmentFactory(offered__service=offered.service)

    offering.withdraw(offered, by=manager)

    assert not OfficeService.objects.filter(office=offered.office).exists()
