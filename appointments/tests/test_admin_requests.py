from datetime import time, timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments import operations
from appointments.exceptions import TransitionRefused
from appointments.models import Appointment
from appointments.states import EventKind, Status
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

REQUESTS = reverse("admin:requests")


@pytest.fixture
def office():
    return OfficeFactory(approval_required=True, booking_horizon_days=3)


@pytest.fixture
def offered(office):
    OpenHostFactory(office=office)
    return OfficeServiceFactory(office=office)


@pytest.fixture
def secretary(office, client):
    return sign_in(client, office, Role.SECRETARY)


def sign_in(client, office, role):
    user = MembershipFactory(office=office, role=role).user
    client.force_login(user)
    return user


def request_at(offered, hour, name="Ada Huber", **kwargs):
    """A citizen's request for tomorrow; it waits."""
    citizen = CitizenFactory(name=name)
    return AppointmentFactory(
        offered=offered,
        citizen=citizen,
        by=citizen,
        starts_at=tomorrow_at(offered.office, time(hour)),
        **kwargs,
    )


def decide(client, decision, *requests, **fields):
    chosen = [request.pk for request in requests]
    return client.post(REQUESTS, {"decision": decision, "chosen": chosen, **fields})


def statuses(*requests):
    return [Appointment.objects.get(pk=request.pk).status for request in requests]


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def grant_page(request):
    return reverse("admin:request", args=[request.pk])


def test_what_waits_is_listed_the_oldest_first(client, secretary, offered):
    later = request_at(offered, 14, "Asked first", purpose="A bay window")
    sooner = request_at(offered, 9, "Asked second")
    operations.approve(request_at(offered, 10), by=None)

    response = client.get(REQUESTS)

    rows = response.context["rows"]
    assert [row["request"] for row in rows] == [later, sooner]
    assert rows[0]["when"] == "Tomorrow, 14:00"
    assert rows[0]["soon"] == "in 1 day"
    assert "A bay window" in response.text


def test_an_empty_list_says_so(client, secretary):
    assert "Nothing waits for a decision." in client.get(REQUESTS).text


def test_of_a_request_for_today_it_says_how_long_there_is(client, secretary, offered):
    request = request_at(offered, 9)

    with time_machine.travel(request.starts_at - timedelta(hours=2), tick=False):
        rows = client.get(REQUESTS).context["rows"]

    assert [row["soon"] for row in rows] == ["in 2\xa0hours"]


def test_what_has_passed_unanswered_is_marked(client, secretary, offered):
    request = request_at(offered, 9)

    with time_machine.travel(request.starts_at + timedelta(hours=1), tick=False):
        rows = client.get(REQUESTS).context["rows"]

    assert [(row["is_past"], row["soon"]) for row in rows] == [
        (True, "has passed, unanswered")
    ]


@pytest.mark.parametrize(
    ("decision", "after", "kind"),
    [
        ("approve", Status.CONFIRMED, EventKind.APPROVED),
        ("deny", Status.DENIED, EventKind.DENIED),
    ],
)
def test_those_chosen_are_decided_and_no_others(
    client, secretary, offered, decision, after, kind
):
    one, two, three = (request_at(offered, hour) for hour in (9, 10, 11))

    response = decide(client, decision, one, two, reason="Full")

    assert statuses(one, two, three) == [after, after, Status.PENDING]
    event = one.events.last()
    assert (event.kind, event.actor) == (kind, secretary)
    assert event.reason == ("Full" if decision == "deny" else "")
    assert response.status_code == 302


def test_all_means_those_that_were_shown(client, secretary, offered):
    one, two = request_at(offered, 9), request_at(offered, 10)
    meanwhile = request_at(offered, 11)

    decide(client, "approve", everything="on", shown=[one.pk, two.pk])

    assert statuses(one, two, meanwhile) == [
        Status.CONFIRMED,
        Status.CONFIRMED,
        Status.PENDING,
    ]


def test_each_is_told_what_came_of_it(client, secretary, offered):
    one, gone = request_at(offered, 9, "Ada"), request_at(offered, 10, "Ben")
    operations.cancel(gone, by=None)

    response = decide(client, "approve", one, gone)

    assert said(response) == [
        f"Ada ({one}): Approved.",
        f"Ben ({gone}): This cannot be done now: the appointment is “Cancelled”.",
    ]


def test_denying_asks_why_and_keeps_the_choice(client, secretary, offered):
    one, two = request_at(offered, 9), request_at(offered, 10)

    response = decide(client, "deny", two, reason=" ")

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["reason"]
    assert [row["is_chosen"] for row in response.context["rows"]] == [False, True]
    assert statuses(one, two) == [Status.PENDING, Status.PENDING]


def test_nothing_chosen_decides_nothing(client, secretary, offered):
    request = request_at(offered, 9)

    response = decide(client, "approve")

    assert response.status_code == 422
    assert "Choose at least one request." in response.text
    assert statuses(request) == [Status.PENDING]


# --- another time ---


def test_a_request_is_granted_at_another_time(client, secretary, offered):
    request = request_at(offered, 9)
    start = tomorrow_at(offered.office, time(11))

    response = client.post(
        grant_page(request), {"starts_at": start.isoformat(), "reason": "Ill"}
    )

    request.refresh_from_db()
    assert response.url == REQUESTS
    assert (request.status, request.starts_at) == (Status.CONFIRMED, start)
    assert list(request.events.values_list("kind", "reason"))[1:] == [
        (EventKind.APPROVED, ""),
        (EventKind.POSTPONED, "Ill"),
    ]
    owed = request.messages.exclude(status="dropped")
    assert list(owed.values_list("kind", flat=True)) == ["postponed"]


def test_the_nearest_free_times_are_offered(client, secretary, offered):
    request = request_at(offered, 9)

    choices = client.get(grant_page(request)).context["form"]["starts_at"]

    labels = [option.choice_label for option in choices]
    assert "Tomorrow, 09:15" in labels
    assert "Tomorrow, 09:00" not in labels


def test_the_times_of_another_day_are_offered_when_asked_for(
    client, secretary, offered
):
    request = request_at(offered, 9)
    day = offered.office.today() + timedelta(days=2)

    response = client.get(grant_page(request), {"day": day.isoformat()})

    labels = [o.choice_label for o in response.context["form"]["starts_at"]]
    assert (labels[0], labels[-1], len(labels)) == ("08:00", "15:45", 32)


def test_what_no_longer_waits_is_not_granted(client, secretary, offered):
    request = request_at(offered, 9)
    operations.approve(request, by=None)
    start = tomorrow_at(offered.office, time(11)).isoformat()

    response = client.post(grant_page(request), {"starts_at": start})

    assert response.status_code == 404


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION])
def test_granting_at_another_time_takes_both_permissions(office, offered, role):
    request = request_at(offered, 9)
    user = MembershipFactory(office=office, role=role).user

    with pytest.raises(PermissionDenied):
        operations.grant_at(request, tomorrow_at(office, time(11)), by=user)

    assert request.events.count() == 1


def test_only_a_request_is_granted_and_a_refusal_moves_nothing(offered):
    request = request_at(offered, 9)
    operations.approve(request, by=None)
    start = tomorrow_at(offered.office, time(11))

    with pytest.raises(TransitionRefused):
        operations.grant_at(request, start, by=None)

    request.refresh_from_db()
    assert request.starts_at == tomorrow_at(offered.office)
    assert request_at(offered, 11).starts_at == start


# --- who may ---


def test_reception_does_not_decide(client, office, offered):
    sign_in(client, office, Role.RECEPTION)
    request = request_at(offered, 9)

    assert client.get(REQUESTS).status_code == 403
    assert decide(client, "approve", request).status_code == 403
    assert client.get(grant_page(request)).status_code == 403
    assert statuses(request) == [Status.PENDING]


def test_a_host_decides_but_does_not_move(client, office, offered):
    sign_in(client, office, Role.HOST)
    request = request_at(offered, 9)
    start = tomorrow_at(offered.office, time(11)).isoformat()

    assert "Other time" not in client.get(REQUESTS).text
    assert client.post(grant_page(request), {"starts_at": start}).status_code == 403
    decide(client, "approve", request)
    assert statuses(request) == [Status.CONFIRMED]


def test_nothing_of_another_office(client, office, offered):
    sign_in(client, OfficeFactory(), Role.MANAGER)
    request = request_at(offered, 9)

    response = decide(client, "approve", request)

    assert response.status_code == 422
    assert client.get(REQUESTS).context["rows"] == []
    assert client.get(REQUESTS, {"office": office.slug}).status_code == 404
    assert client.get(grant_page(request)).status_code == 404
    assert statuses(request) == [Status.PENDING]


def test_a_secretary_here_who_is_reception_there_decides_nothing_there(
    client, office, offered
):
    user = sign_in(client, OfficeFactory(), Role.SECRETARY)
    MembershipFactory(user=user, office=office, role=Role.RECEPTION)
    request = request_at(offered, 9)

    decide(client, "approve", request)

    assert client.get(REQUESTS, {"office": office.slug}).status_code == 404
    assert statuses(request) == [Status.PENDING]


def test_thirty_cost_no_more_than_one(client, secretary, offered):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(REQUESTS).status_code == 200
        return len(queries)

    request_at(offered, 8)
    client.get(REQUESTS)
    with_one = count()
    for n in range(29):
        start = tomorrow_at(offered.office) + timedelta(minutes=15 * (n % 28))
        if n < 28:
            citizen = CitizenFactory()
            AppointmentFactory(
                offered=offered, citizen=citizen, by=citizen, starts_at=start
            )

    assert (with_one, count()) == (9, 9)
