"""The ways in to an appointment, and worlds alike in which to try them.

Each way is a function that does a verb to the appointment of a world. It returns the
sentence of a refusal, or nothing.
"""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace

import time_machine
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from appointments import links, operations
from appointments.models import Appointment, AppointmentEvent, Citizen
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.pages import own_path, words
from availability.models import Hold, HostDay
from availability.tests.factories import OpenHostFactory
from config.exceptions import DomainError
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeServiceFactory

NOW = datetime(2030, 3, 12, 7, tzinfo=UTC)  # a Tuesday, 8:00 in Berlin
NINE = datetime(2030, 3, 13, 8, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)
TEN_TEXT = "2030-03-13T10:00:00+01:00"
ADMIN = reverse("admin:appointments_appointment_changelist")


@contextmanager
def world(before=None, at=NOW):
    """An office with two counters and a manager; an appointment at nine on the 13th."""
    with time_machine.travel(NOW, tick=False):
        offered = OfficeServiceFactory(office__booking_horizon_days=3)
        first, second = OpenHostFactory.create_batch(2, office=offered.office)
        manager = MembershipFactory(office=offered.office, role=Role.MANAGER).user
        appointment = None
        if before:
            citizen = Citizen(
                name="Ada Example", email="ada@example.org", language="en"
            )
            appointment = AppointmentFactory(
                offered=offered, citizen=citizen, starts_at=NINE, host=first
            )
            same = Appointment.objects.filter(pk=appointment.pk)
            same.update(status=before, **SINCE.get(before, {}))
            appointment.refresh_from_db()
    with time_machine.travel(at, tick=False):
        yield SimpleNamespace(
            offered=offered,
            appointment=appointment,
            manager=manager,
            second=second,
            hosts=[first, second],
        )


def outcome(here):
    """All that an operation leaves behind, in words that fit every world."""
    names = {None: None, here.manager.pk: "manager"}
    appointments = Appointment.objects.filter(office=here.offered.office)
    rows = appointments.values_list(
        "status", "starts_at", "ends_at", "sequence", "purpose", "citizen__email"
    )
    events = AppointmentEvent.objects.filter(appointment__in=appointments)
    lines = events.order_by("pk").values_list(
        "kind", "actor_kind", "actor", "reason", "override", "previous_start"
    )
    days = HostDay.objects.filter(host__in=here.hosts).exclude(claimed=0)
    owed = [
        (message.kind, message.recipient, message.status)
        for appointment in appointments
        for message in appointment.messages.order_by("pk")
    ]
    return {
        "rows": list(rows),
        "at": [here.hosts.index(a.host) for a in appointments],
        "history": [(*line[:2], names[line[2]], *line[3:]) for line in lines],
        "claimed": sorted(
            (here.hosts.index(day.host), day.day, day.claimed)
            for day in days.select_related("host")
        ),
        "held": Hold.objects.filter(host__in=here.hosts).count(),
        "owed": owed,
    }


# What else is true of who is at the desk.
CHECKED_IN = {"checked_in_at": NINE, "ticket": 1}
SINCE = {Status.CHECKED_IN: CHECKED_IN, Status.IN_PROGRESS: CHECKED_IN}
OF_CITIZENS = {"cancel", "reschedule"}


# --- the ways in; each returns the sentence of a refusal, or nothing ---


def by_operation(here, verb, **how):
    by = here.appointment.citizen if verb in OF_CITIZENS else here.manager
    if how.get("starts_at"):
        how["starts_at"] = datetime.fromisoformat(how["starts_at"])
    if how.get("host"):
        how["host"] = here.second
    try:
        getattr(operations, verb)(here.appointment, by=by, **how)
    except DomainError as error:
        return str(error)
    return None


def by_api(here, verb, **how):
    client = APIClient()
    if verb in OF_CITIZENS:
        client = APIClient(headers={"Appointment-Token": token(here)})
    else:
        client.force_authenticate(here.manager)
    if how.get("host"):
        how["host"] = here.second.pk
    url = f"/api/v1/appointments/{here.appointment.pk}"
    if verb == "cancel":
        response = client.delete(url, query_params=how)
    else:
        path = {"mark_no_show": "no-show"}.get(verb, verb).replace("_", "-")
        response = client.post(f"{url}/{path}", how or None)
    return response.json().get("detail")


def by_patch(here, verb, **how):
    client = APIClient(headers={"Appointment-Token": token(here)})
    url = f"/api/v1/appointments/{here.appointment.pk}"
    return client.patch(url, how).json().get("detail")


def in_admin(here, verb, **how):
    client = Client()
    client.force_login(here.manager)
    body = {"action": verb, "_selected_action": [here.appointment.pk], **how}
    response = client.post(ADMIN, body)
    said = " ".join(str(message) for message in get_messages(response.wsgi_request))
    done = here.appointment.events.count() > 1
    return None if done else said.partition(": ")[2]


def on_page(here, verb, **how):
    client, visit = Client(), here.appointment
    if verb == "cancel":
        response = client.post(own_path("cancel", visit), how)
    else:
        held = client.post(own_path("move_times", visit, "2030-03-13"), how)
        response = client.post(held.url, {}) if held.status_code == 303 else held
    done = visit.events.count() > 1
    return None if done else words(response)


def on_own_page(here, verb, **how):
    """The appointment's own page in the admin leads to one for each of these."""
    client, visit = Client(), here.appointment
    client.force_login(here.manager)
    name = {"postpone": "move"}.get(verb, verb)
    if how.get("host"):
        how["host"] = here.second.pk
    page = reverse(f"admin:appointments_appointment_{name}", args=[visit.pk])
    response = client.post(page, how)
    return None if response.status_code == 302 else words(response)


def at_desk(here, verb, **how):
    client, visit = Client(), here.appointment
    client.force_login(here.manager)
    step = {"mark_no_show": "no-show"}.get(verb, verb).replace("_", "-")
    response = client.post(reverse("admin:desk-step", args=[visit.pk, step]), how)
    [said] = get_messages(response.wsgi_request)
    return None if said.level_tag == "success" else str(said)


def by_command(here, verb, **how):
    name = {"mark_no_show": "no-show", "postpone": "move"}.get(verb, verb)
    options = {{"starts_at": "to"}.get(option, option): how[option] for option in how}
    arguments = [here.appointment.reference, name.replace("_", "-")]
    try:
        call_command("appointment", *arguments, **options, stdout=StringIO())
    except CommandError as error:
        return str(error)
    return None


def by_api_as_staff(here, verb, **how):
    client = APIClient()
    client.force_authenticate(here.manager)
    url = f"/api/v1/appointments/{here.appointment.pk}"
    return client.delete(url, query_params=how).json().get("detail")


def token(here):
    return links.token_for(here.appointment)
