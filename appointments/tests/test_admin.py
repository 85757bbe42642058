from datetime import time, timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.tests.factories import UserFactory
from appointments import operations as appointment_operations
from appointments.models import Appointment
from appointments.states import EventKind, Status
from appointments.tests.factories import (
    AppointmentFactory,
    CitizenFactory,
    local,
    tomorrow_at,
)
from availability import operations
from availability.models import HostDay
from availability.tests.factories import OpenHostFactory
from offices.roles import Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db

LIST = reverse("admin:appointments_appointment_changelist")


@pytest.fixture
def office():
    return OfficeFactory(name="Town hall", booking_horizon_days=3)


@pytest.fixture
def offered(office):
    OpenHostFactory(office=office)
    return OfficeServiceFactory(office=office)


@pytest.fixture
def appointment(offered):
    return AppointmentFactory(offered=offered)


@pytest.fixture
def secretary(office, client):
    return sign_in(client, office, Role.SECRETARY)


@pytest.fixture
def its_day(appointment):
    """The day of the appointment, ten minutes after its start."""
    with time_machine.travel(appointment.starts_at + timedelta(minutes=10), tick=False):
        yield


def sign_in(client, office, role):
    user = MembershipFactory(office=office, role=role).user
    client.force_login(user)
    return user


def page(appointment):
    return reverse("admin:appointments_appointment_change", args=[appointment.pk])


def act(client, action, *appointments, **fields):
    chosen = [appointment.pk for appointment in appointments]
    about = {"action": action, "_selected_action": chosen, **fields}
    return client.post(LIST, about)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def history(appointment):
    """Each line: what happened, who did it, and why."""
    return list(appointment.events.values_list("kind", "actor", "reason"))[1:]


def found(client, **query):
    return list(client.get(LIST, query).context["cl"].queryset)


# --- actions ---


@pytest.mark.parametrize(
    ("before", "action", "after", "kind"),
    [
        (Status.PENDING, "approve", Status.CONFIRMED, EventKind.APPROVED),
        (Status.CONFIRMED, "check_in", Status.CHECKED_IN, EventKind.CHECKED_IN),
        (Status.CHECKED_IN, "start", Status.IN_PROGRESS, EventKind.STARTED),
        (Status.IN_PROGRESS, "complete", Status.COMPLETED, EventKind.COMPLETED),
        (Status.CONFIRMED, "mark_no_show", Status.NO_SHOW, EventKind.NO_SHOW),
        (Status.CHECKED_IN, "undo", Status.CONFIRMED, EventKind.UNDONE),
    ],
)
def test_an_action_runs_its_operation(
    client, secretary, appointment, its_day, before, action, after, kind
):
    Appointment.objects.filter(pk=appointment.pk).update(status=before)

    act(client, action, appointment)

    appointment.refresh_from_db()
    assert appointment.status == after
    assert history(appointment) == [(kind, secretary.pk, "")]


@pytest.mark.parametrize(
    ("before", "action", "after"),
    [
        (Status.PENDING, "deny", Status.DENIED),
        (Status.CONFIRMED, "cancel", Status.CANCELLED),
    ],
)
def test_denying_and_cancelling_ask_why(
    client, secretary, appointment, before, action, after
):
    Appointment.objects.filter(pk=appointment.pk).update(status=before)

    asked = act(client, action, appointment)
    empty = act(client, action, appointment, reason=" ")
    untouched = Appointment.objects.get(pk=appointment.pk)
    act(client, action, appointment, reason="Nobody is here")

    appointment.refresh_from_db()
    assert asked.status_code == 200
    assert str(appointment.pk) in asked.text
    assert list(empty.context["form"].errors) == ["reason"]
    assert untouched.status == before
    assert appointment.status == after
    assert history(appointment) == [(after, secretary.pk, "Nobody is here")]


def test_an_action_says_of_each_what_came_of_it(client, offered, secretary):
    today = local(offered.office, offered.office.today(), time(8))
    with time_machine.travel(today, tick=False):
        starts = [
            local(offered.office, offered.office.today(), time(h)) for h in (10, 11)
        ]
        first, second = [
            AppointmentFactory(offered=offered, starts_at=start) for start in starts
        ]
        later = AppointmentFactory(offered=offered)
        response = act(client, "check_in", first, later, second)

    assert sorted(said(response)) == sorted(
        [
            f"{first}, {second}: Checked in.",
            f"{later}: This can be done only on the day of the appointment.",
        ]
    )


def test_what_was_changed_meanwhile_is_refused_and_said(client, secretary, appointment):
    appointment_operations.cancel(appointment, by=None)

    response = act(client, "cancel", appointment, reason="Too late")

    assert said(response) == [
        f"{appointment}: This cannot be done now: the appointment is “Cancelled”."
    ]


def test_actions_are_on_the_page_of_an_appointment_too(
    client, secretary, appointment, its_day
):
    path = page(appointment)
    name = client.get(path).context["action_form"]["action"].html_name

    response = client.post(path, {name: "check_in", "_selected_action": appointment.pk})

    appointment.refresh_from_db()
    assert response.url == path
    assert appointment.status == Status.CHECKED_IN


def test_cancelling_from_the_page_of_an_appointment_returns_to_it(
    client, secretary, appointment
):
    path = page(appointment)
    name = client.get(path).context["action_form"]["action"].html_name
    chosen = {name: "cancel", "_selected_action": appointment.pk}

    asked = client.post(path, chosen)
    response = client.post(path, {**chosen, "reason": "Nobody is here"})

    appointment.refresh_from_db()
    assert asked.context["chosen"] == [(name, "cancel")]
    assert response.url == path
    assert appointment.status == Status.CANCELLED


@pytest.mark.parametrize(
    ("role", "action", "before"),
    [
        (Role.HOST, "cancel", Status.CONFIRMED),
        (Role.RECEPTION, "approve", Status.PENDING),
        (Role.RECEPTION, "deny", Status.PENDING),
    ],
)
def test_a_role_does_not_do_what_it_must_not(
    client, office, appointment, role, action, before
):
    sign_in(client, office, role)
    Appointment.objects.filter(pk=appointment.pk).update(status=before)

    act(client, action, appointment, reason="Because")

    appointment.refresh_from_db()
    assert appointment.status == before
    assert history(appointment) == []


def test_a_role_at_one_office_does_nothing_at_another(client, office, appointment):
    """A secretary of another office who is a host here is offered "Cancel"."""
    user = sign_in(client, OfficeFactory(), Role.SECRETARY)
    MembershipFactory(user=user, office=office, role=Role.HOST)

    response = act(client, "cancel", appointment, reason="Because")

    appointment.refresh_from_db()
    assert said(response) == [
        f"{appointment}: Your role at this office does not allow this."
    ]
    assert appointment.status == Status.CONFIRMED


@pytest.mark.parametrize("role", Role)
def test_nobody_edits_makes_or_deletes_an_appointment(
    client, office, appointment, role
):
    sign_in(client, office, role)
    delete = reverse("admin:appointments_appointment_delete", args=[appointment.pk])

    assert client.post(page(appointment), {"status": "completed"}).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    add = reverse("admin:appointments_appointment_add")
    assert client.get(add).status_code == 403


# --- what it shows ---


def test_times_are_those_of_the_offices_clock(client):
    office = OfficeFactory(time_zone="Asia/Kathmandu", country="NP")
    appointment = AppointmentFactory(
        offered=OfficeServiceFactory(office=office),
        starts_at=tomorrow_at(office, time(9)),
    )
    sign_in(client, office, Role.RECEPTION)

    assert "Tomorrow, 09:00" in client.get(LIST).text
    assert "09:15" in client.get(page(appointment)).text


def test_the_page_of_an_appointment_shows_its_history(client, secretary, appointment):
    appointment_operations.cancel(appointment, by=secretary, reason="Nobody is here")

    text = client.get(page(appointment)).text

    assert "Nobody is here" in text
    assert secretary.name in text


@pytest.mark.parametrize("tidy", [str.lower, lambda text: text.replace("-", " ")])
def test_a_reference_is_found_as_people_type_it(client, secretary, offered, tidy):
    one = AppointmentFactory(offered=offered)
    AppointmentFactory(offered=offered, starts_at=tomorrow_at(offered.office, time(10)))

    assert found(client, q=tidy(one.reference)) == [one]


@pytest.mark.parametrize("field", ["name", "email", "phone"])
def test_appointments_are_found_by_their_citizen(client, secretary, offered, field):
    facts = {"name": "Ada Huber", "email": "ada@example.org", "phone": "089 233"}
    one = AppointmentFactory(offered=offered, citizen=CitizenFactory(**facts))
    AppointmentFactory(offered=offered, starts_at=tomorrow_at(offered.office, time(10)))

    assert found(client, q=facts[field][:5]) == [one]


def test_those_that_lost_their_hours_are_listed(client, secretary, offered):
    lost = AppointmentFactory(offered=offered, starts_at=tomorrow_at(offered.office))
    kept = AppointmentFactory(
        offered=offered, starts_at=tomorrow_at(offered.office, time(14))
    )
    operations.close(
        offered.office,
        starts_at=lost.starts_at,
        ends_at=lost.ends_at,
        by=secretary,
    )
    _of_another_office_without_hours()

    assert found(client, hours="lost") == [lost]
    assert found(client) == [lost, kept]


def _of_another_office_without_hours():
    HostDay.objects.filter(host=AppointmentFactory().host).update(open=0)


def test_the_list_begins_today_unless_asked(client, secretary, offered):
    office = offered.office
    with time_machine.travel(tomorrow_at(office) - timedelta(days=3), tick=False):
        operations.generate([office])
        past = AppointmentFactory(offered=offered)
    to_come = AppointmentFactory(offered=offered)

    assert found(client) == [to_come]
    assert found(client, when="past") == [past]
    assert found(client, when="today") == []
    assert found(client, when="all") == [past, to_come]


def test_hosts_are_a_filter_once_there_is_one_office(client, offered, secretary):
    library = OfficeFactory(name="Library")
    OpenHostFactory(office=library, name="Issue desk")
    OpenHostFactory(office=library, name="Return desk")
    MembershipFactory(user=secretary, office=library)

    both = client.get(LIST).text
    one = client.get(LIST, {"office__id__exact": library.pk}).text

    assert "Issue desk" not in both
    assert "Issue desk" in one
    assert offered.office.hosts.get().name not in one


# --- citizens ---


def test_a_citizens_page_shows_only_the_appointments_of_ones_own_offices(
    client, secretary, offered
):
    citizen = CitizenFactory(user=UserFactory())
    here = AppointmentFactory(offered=offered, citizen=citizen)
    elsewhere = AppointmentFactory(citizen=citizen)

    text = client.get(
        reverse("admin:appointments_citizen_change", args=[citizen.pk])
    ).text

    assert here.reference in text
    assert elsewhere.reference not in text


def test_an_appointment_of_ones_own_at_another_office_is_no_work(client, secretary):
    own = AppointmentFactory(citizen=CitizenFactory(user=secretary))

    assert found(client, when="all") == []
    assert client.get(page(own)).status_code == 404
