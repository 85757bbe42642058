from datetime import time, timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments import operations
from appointments.models import Appointment
from appointments.states import EventKind, Status
from appointments.tests.factories import AppointmentFactory, tomorrow_at
from availability.tests.factories import OpenHostFactory
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return OfficeFactory(booking_horizon_days=3)


@pytest.fixture
def host(office):
    return OpenHostFactory(office=office, name="Counter 1")


@pytest.fixture
def offered(office, host):
    return OfficeServiceFactory(office=office)


@pytest.fixture
def appointment(offered, host):
    return AppointmentFactory(offered=offered, host=host, purpose="Lost it")


@pytest.fixture
def secretary(office, client):
    return sign_in(client, office, Role.SECRETARY)


@pytest.fixture
def manager(office, client):
    return sign_in(client, office, Role.MANAGER)


def sign_in(client, office, role):
    user = MembershipFactory(office=office, role=role).user
    client.force_login(user)
    return user


def page(name, appointment):
    return reverse(f"admin:appointments_appointment_{name}", args=[appointment.pk])


def move(client, appointment, start, **fields):
    about = {"starts_at": start.isoformat(), **fields}
    return client.post(page("move", appointment), about)


def at(appointment, clock, days=1):
    start = tomorrow_at(appointment.office, clock)
    return start + timedelta(days=days - 1)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def last(appointment):
    event = appointment.events.last()
    return event.kind, event.actor, event.reason, event.override


# --- moving ---


def test_an_appointment_is_moved_to_a_free_time(client, secretary, appointment):
    before, after = appointment.starts_at, at(appointment, time(11))

    response = move(client, appointment, after, reason="Ill")

    appointment.refresh_from_db()
    assert response.url == page("change", appointment)
    assert said(response) == ["Moved: now Tomorrow, 11:00 with Counter 1."]
    assert appointment.starts_at == after
    assert last(appointment) == (EventKind.POSTPONED, secretary, "Ill", "")
    assert appointment.events.last().previous_start == before


def test_a_time_of_ones_own_is_taken_before_a_chosen_one(
    client, secretary, appointment
):
    day = at(appointment, time(13)).date()

    move(client, appointment, at(appointment, time(11)), own_time=f"{day}T13:00")

    appointment.refresh_from_db()
    assert appointment.starts_at == at(appointment, time(13))


def test_the_times_of_one_host_are_offered_when_asked_for(
    client, secretary, appointment
):
    second = OpenHostFactory(
        office=appointment.office, name="Counter 2", hours=(time(14), time(16))
    )
    query = {"day": at(appointment, time(9)).date().isoformat(), "host": second.pk}
    path = page("move", appointment)

    labels = [
        option.choice_label
        for option in client.get(path, query).context["form"]["starts_at"]
    ]
    start = at(appointment, time(14)).isoformat()
    client.post(
        reverse(
            "admin:appointments_appointment_move", args=[appointment.pk], query=query
        ),
        {"starts_at": start},
    )

    appointment.refresh_from_db()
    assert (labels[0], len(labels)) == ("14:00", 8)
    assert appointment.host == second


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ["__all__"]),
        ({"own_time": "soon"}, ["own_time"]),
        ({"starts_at": "soon"}, ["starts_at"]),
    ],
)
def test_without_a_time_nothing_is_moved(client, secretary, appointment, fields, wrong):
    response = client.post(page("move", appointment), fields)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == wrong
    assert appointment.events.count() == 1


def test_nobody_moves_over_another_appointment(client, manager, offered, appointment):
    taken = at(appointment, time(11))
    AppointmentFactory(offered=offered, starts_at=taken)

    response = move(client, appointment, taken, override="The mayor asked")

    assert response.status_code == 409
    assert "has just been taken" in response.text
    assert appointment.events.count() == 1


def test_what_is_over_cannot_be_moved(client, secretary, appointment):
    operations.cancel(appointment, by=None)

    response = move(client, appointment, at(appointment, time(11)))

    assert response.status_code == 409
    assert "the appointment is “Cancelled”" in response.text


def test_a_manager_moves_beyond_the_rules_with_a_reason(client, manager, appointment):
    late = at(appointment, time(19))

    warned = move(client, appointment, late)
    empty = move(client, appointment, late, override=" ")
    none_yet = appointment.events.count()
    move(client, appointment, late, override="The mayor asked")

    assert warned.context["form"].broken == [
        "This is outside the hours of everybody who serves this."
    ]
    assert list(empty.context["form"].errors) == ["override"]
    assert none_yet == 1
    assert last(appointment) == (EventKind.POSTPONED, manager, "", "The mayor asked")


def test_a_secretary_does_not_move_beyond_the_rules(client, secretary, appointment):
    late = at(appointment, time(19))

    plain = move(client, appointment, late)
    sly = move(client, appointment, late, override="The mayor asked")

    assert (plain.status_code, plain.context["form"].broken) == (409, ())
    assert sly.status_code == 403
    assert appointment.events.count() == 1


# --- another host ---


def test_only_hosts_who_are_free_then_are_offered(
    client, secretary, offered, appointment
):
    free = OpenHostFactory(office=offered.office, name="Counter 2")
    busy = OpenHostFactory(office=offered.office, name="Counter 3")
    AppointmentFactory(offered=offered, host=busy)
    HostFactory(office=offered.office, name="Without hours")
    other = OpenHostFactory(office=offered.office, name="For others")
    other.services.add(OfficeServiceFactory(office=offered.office).service)

    assert client.get(page("reassign", appointment)).context["free"] == [free]


def test_an_appointment_is_given_to_another_host(client, secretary, appointment):
    second = OpenHostFactory(office=appointment.office, name="Counter 2")

    response = client.post(
        page("reassign", appointment), {"host": second.pk, "reason": "Ill"}
    )

    appointment.refresh_from_db()
    assert said(response) == ["Given to Counter 2."]
    assert appointment.host == second
    assert last(appointment) == (EventKind.REASSIGNED, secretary, "Ill", "")


def test_it_is_not_given_to_who_is_not_free(client, secretary, offered, appointment):
    busy = OpenHostFactory(office=offered.office)
    AppointmentFactory(offered=offered, host=busy)

    response = client.post(page("reassign", appointment), {"host": busy.pk})

    assert response.status_code == 422
    assert appointment.events.count() == 1


def test_when_nobody_else_is_free_moving_is_offered(client, secretary, appointment):
    text = client.get(page("reassign", appointment)).text

    assert "Nobody else is free at that time." in text
    assert page("move", appointment) in text


# --- what is written on it ---


def test_note_and_purpose_are_written(client, secretary, appointment):
    shown = client.get(page("words", appointment))
    fields = {"purpose": "Stolen", "access_needs": "", "note": "Has called twice"}
    response = client.post(page("words", appointment), fields)

    appointment.refresh_from_db()
    assert shown.context["form"]["purpose"].value() == "Lost it"
    assert said(response) == ["Written."]
    assert (appointment.purpose, appointment.note) == ("Stolen", "Has called twice")


def test_a_host_writes_the_note_and_nothing_else(client, office, appointment):
    sign_in(client, office, Role.HOST)
    fields = {"purpose": "Stolen", "note": "Has called twice"}

    client.post(page("words", appointment), fields)

    appointment.refresh_from_db()
    assert (appointment.purpose, appointment.note) == ("Lost it", "Has called twice")


# --- who may ---


def test_the_page_of_an_appointment_offers_what_the_role_may(
    client, office, appointment
):
    offered_to = {}
    for role in Role:
        sign_in(client, office, role)
        response = client.get(page("change", appointment))
        offered_to[role] = [str(b["label"]) for b in response.context["buttons"]]

    everything = ["Move appointment", "Give to another host", "Note and purpose"]
    assert offered_to == {
        Role.MANAGER: everything,
        Role.SECRETARY: everything,
        Role.RECEPTION: everything,
        Role.HOST: ["Note and purpose"],
    }


@pytest.mark.parametrize("name", ["move", "reassign"])
def test_a_host_does_not_move(client, office, appointment, name):
    sign_in(client, office, Role.HOST)
    start = at(appointment, time(11)).isoformat()

    assert client.get(page(name, appointment)).status_code == 403
    response = client.post(page(name, appointment), {"starts_at": start})
    assert response.status_code == 403
    assert appointment.events.count() == 1


@pytest.mark.parametrize("name", ["move", "reassign", "words"])
def test_nothing_of_another_office(client, office, appointment, name):
    user = sign_in(client, OfficeFactory(), Role.MANAGER)
    stranger = client.get(page(name, appointment)).status_code
    MembershipFactory(user=user, office=office, role=Role.HOST)

    response = client.post(
        page(name, appointment), {"starts_at": at(appointment, time(11)).isoformat()}
    )

    assert stranger == 404
    assert response.status_code == {"words": 302}.get(name, 403)
    assert Appointment.objects.get().status == Status.CONFIRMED
    assert appointment.events.count() == 1


# --- history ---


def test_history_tells_in_words_who_did_what_when_and_why(
    client, manager, offered, appointment
):
    operations.postpone(
        appointment, at(appointment, time(11)), by=manager, reason="Ill"
    )
    late = at(appointment, time(19))
    operations.postpone(appointment, late, by=manager, override="The mayor asked")
    operations.cancel(appointment, by=appointment.citizen)

    formset = client.get(page("change", appointment)).context["inline_admin_formsets"]
    lines = [
        [field.contents() for fieldset in form for line in fieldset for field in line]
        for form in formset[0]
    ]

    assert [line[1:] for line in lines] == [
        ["Cancelled", "Citizen", "–"],
        [
            "Moved by the office: Tomorrow, 11:00 → Tomorrow, 19:00",
            manager.name,
            "Beyond the rules: The mayor asked",
        ],
        [
            "Moved by the office: Tomorrow, 09:00 → Tomorrow, 11:00",
            manager.name,
            "Ill",
        ],
        ["Booked", "System", "–"],
    ]


def test_history_tells_from_whom_to_whom(client, manager, offered, appointment):
    first = appointment.host.name
    other = OpenHostFactory(office=offered.office, name="Window 7")
    operations.reassign(appointment, other, by=manager)

    formset = client.get(page("change", appointment)).context["inline_admin_formsets"]
    told = [form.form.instance for form in formset[0]]

    shown = formset[0].opts
    assert [str(shown.what(event)) for event in told] == [
        f"Given to another host: {first} → Window 7",
        "Booked",
    ]


def test_thirty_cost_no_more_than_one(client, manager, offered, appointment):
    def count(name):
        client.get(page(name, appointment))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page(name, appointment)).status_code == 200
        return len(queries)

    names = ["change", "move", "reassign", "words"]
    OpenHostFactory(office=offered.office)
    with_one = [count(name) for name in names]
    for n in range(29):
        OpenHostFactory(office=offered.office)
        hour = time(10) if n % 2 else time(11)
        operations.postpone(appointment, at(appointment, hour), by=manager)

    assert [count(name) for name in names] == with_one
    assert with_one == [11, 11, 11, 8]
