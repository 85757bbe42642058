"""The pages that show whom a change of hours hurts, and do what is decided.

A manager of a town hall with two counters, open every day from 8 to 16; the first is
to be away on Wednesday.
"""

import re
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
import time_machine
from django.contrib import messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.impact import showing
from appointments.impact.changes import respond
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.impact import (
    away,
    change_of,
    everything,
    history,
    member_of,
    of,
    owed,
)
from appointments.tests.pages import NOW, town_hall, utc, words
from availability import operations as availability
from availability.models import AvailabilityException, Hold
from availability.quarters import QUARTER
from availability.tests.factories import OpenHostFactory
from offices.models import Closure
from offices.roles import Role
from offices.tests.factories import OfficeServiceFactory

NINE = utc("2030-03-13T08:00")
IMPACT = "/admin/impact/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(clock):
    return town_hall(hosts=2)


@pytest.fixture
def hosts(offered):
    return list(offered.office.hosts.order_by("pk"))


@pytest.fixture
def manager(offered, client):
    user = member_of(offered.office)
    client.force_login(user)
    return user


@pytest.fixture
def appointment(offered, hosts):
    return AppointmentFactory(
        offered=offered,
        host=hosts[0],
        starts_at=NINE,
        citizen__name="Ada Example",
        citizen__phone="030 901820",
        citizen__email="ada@example.org",
    )


@pytest.fixture
def asked(rf, hosts, manager):
    """Ask for the change, as a page of the calendar does; the response."""
    change = change_of(hosts[0].office, away(hosts[0]))

    def ask(user=manager):
        request = rf.post("/")
        request.user = user
        request.session = {}
        request._messages = messages.storage.default_storage(request)
        response = respond(SimpleNamespace(request=request), change, back="/admin/x/")
        response.told = [str(message) for message in request._messages]
        return response.render() if hasattr(response, "render") else response

    return ask


def fields(response):
    """What the form of the page would send."""
    text = response.text
    selects = re.findall(r'<select name="([^"]+)"(.*?)</select>', text, re.DOTALL)
    chosen = {
        name: unescape(re.search(r'value="([^"]+)" selected', options)[1])
        for name, options in selects
    }
    return {
        "change": re.search(r'name="change" value="([^"]+)"', text)[1],
        "reason": unescape(re.search(r"<textarea.*?>(.*?)</textarea>", text)[1]),
        **chosen,
    }


def options(response):
    """What can be chosen: a list for each row."""
    selects = re.findall(r"<select .*?</select>", response.text, re.DOTALL)
    return [
        [unescape(label) for label in re.findall(r"<option.*?>(.*?)</option>", select)]
        for select in selects
    ]


def chosen(response):
    """What is chosen in each row."""
    return [unescape(c) for c in re.findall(r" selected>(.*?)</option>", response.text)]


# Asking for a change. ---------------------------------------------------------------


def test_a_change_that_hurts_nobody_is_saved_at_once(asked):
    response = asked()

    assert (response.status_code, response.url) == (302, "/admin/x/")
    assert response.told == ["Saved: A change."]
    assert AvailabilityException.objects.count() == 1


def test_a_change_that_is_refused_is_not_saved(asked, offered):
    response = asked(member_of(offered.office, Role.HOST))

    assert (response.status_code, response.url) == (302, "/admin/x/")
    assert response.told == ["Your role at this office does not allow this."]
    assert not AvailabilityException.objects.exists()


def test_it_shows_first_whom_it_hurts(asked, appointment, hosts):
    response = asked()

    assert response.status_code == 200
    assert not AvailabilityException.objects.exists()
    text = words(response)
    assert (
        "A change. One appointment would be without hours. Nothing has been saved yet. "
        "The times proposed here are kept for you until 08:20."
    ) in text
    assert (
        f"Tomorrow, 09:00 {appointment.reference} Ada Example 030 901820 "
        f"ada@example.org Passport {hosts[0]}"
    ) in text
    assert options(response) == [
        [
            f"Give to {hosts[1]}, same time",
            f"Move to Tomorrow, 09:15, {hosts[1]}",
            f"Move to Tomorrow, 08:45, {hosts[1]}",
            f"Move to Tomorrow, 09:30, {hosts[1]}",
            "Cancel and tell",
            "Leave as it is, without hours",
        ]
    ]
    assert chosen(response) == [f"Give to {hosts[1]}, same time"]
    assert fields(response)["reason"] == "Our opening hours have changed."


def test_who_cannot_be_told_is_pointed_out(asked, offered, hosts):
    AppointmentFactory(
        offered=offered, host=hosts[0], starts_at=NINE, citizen__email=""
    )

    assert "No e-mail address" in words(asked())


@pytest.mark.parametrize(
    ("fields_of_closure", "told"),
    [
        ({"reason": "A flood"}, "The office is closed at that time: A flood"),
        ({}, "The office is closed at that time."),
        ({"host": True, "reason": "Ill"}, "Our opening hours have changed."),
    ],
)
def test_what_citizens_are_told_at_first(hosts, fields_of_closure, told):
    office, host = hosts[0].office, hosts[0] if "host" in fields_of_closure else None
    closure = Closure(office=office, **{**fields_of_closure, "host": host})

    assert showing.neutral_reason(change_of(office, closure)) == told


# Deciding. --------------------------------------------------------------------------


def test_all_is_done_as_decided(asked, client, appointment, hosts):
    form = fields(asked())

    response = client.post(IMPACT, {**form, "do": "apply"})

    assert response.status_code == 302
    assert response.url.startswith("/admin/impact/result/?office=town-hall&since=2030")
    assert of(appointment).host == hosts[1]
    assert AvailabilityException.objects.count() == 1
    assert not Hold.objects.exists()
    assert broken() == {}


def test_the_reason_is_told(asked, client, appointment):
    form = fields(asked())
    form[f"choice-{appointment.pk}"] = "cancel"

    client.post(IMPACT, {**form, "reason": " A burst pipe. ", "do": "apply"})

    cancelled = of(appointment)
    assert cancelled.status == Status.CANCELLED
    assert cancelled.events.last().reason == "A burst pipe."
    assert owed(cancelled) == [("cancelled", "queued")]


@pytest.mark.parametrize(
    ("wish", "becomes"),
    [
        ("best", "Give to {}, same time"),
        ("move", "Move to Tomorrow, 09:15, {}"),
        ("cancel", "Cancel and tell"),
        ("leave", "Leave as it is, without hours"),
    ],
)
def test_one_button_decides_about_all(asked, client, appointment, hosts, wish, becomes):
    before = everything()
    form = fields(asked())
    form[f"choice-{appointment.pk}"] = "cancel"

    response = client.post(IMPACT, {**form, "reason": "A leak.", "all": wish})

    assert response.status_code == 200
    assert chosen(response) == [becomes.format(hosts[1])]
    assert fields(response)["reason"] == "A leak."
    assert everything()[Appointment] == before[Appointment]


def test_to_stop_saves_nothing_and_gives_the_times_back(asked, client, appointment):
    before = everything()

    response = client.post(IMPACT, {**fields(asked()), "do": "stop"})

    assert (response.status_code, response.url) == (302, "/admin/x/")
    after = everything()
    assert {model for model in after if after[model] != before[model]} == set()


def test_what_is_refused_is_said_and_the_page_shown_again(
    asked, client, offered, appointment, hosts
):
    other = AppointmentFactory(offered=offered, host=hosts[0], starts_at=NINE + QUARTER)
    form = fields(asked())
    form[f"choice-{other.pk}"] = "cancel"
    operations.cancel(appointment, by=appointment.citizen)
    before = everything()

    response = client.post(IMPACT, {**form, "do": "apply"})

    assert response.status_code == 409
    assert (
        f"{appointment.reference}, Ada Example: Somebody has just changed this "
        "appointment. Look at it again. Nothing has been saved."
    ) in words(response)
    assert chosen(response) == ["Cancel and tell"]
    assert everything()[Appointment] == before[Appointment]


def test_one_that_came_meanwhile_is_on_the_page_then(
    asked, client, offered, appointment, hosts
):
    form = fields(asked())
    AppointmentFactory(offered=offered, host=hosts[0], starts_at=NINE + QUARTER)

    response = client.post(IMPACT, {**form, "do": "apply"})

    assert response.status_code == 409
    assert "More appointments would lose their hours" in words(response)
    assert len(options(response)) == 2


def test_the_last_that_was_hurt_has_gone(asked, client, appointment):
    form = fields(asked())
    operations.cancel(appointment, by=appointment.citizen)

    again = client.post(IMPACT, {**form, "do": "apply"})
    assert "No appointment would be without hours." in words(again)
    client.post(IMPACT, {"change": form["change"], "do": "apply"})

    assert AvailabilityException.objects.count() == 1


def test_times_that_were_given_back_can_be_had_while_they_are_free(
    asked, client, appointment, hosts
):
    form = fields(asked())
    availability.sweep_holds()
    Hold.objects.all().update(expires_at=NOW)
    availability.sweep_holds()

    client.post(IMPACT, {**form, "do": "apply"})

    assert of(appointment).host == hosts[1]


@pytest.mark.parametrize("text", ["", "forged"])
def test_a_forged_change(client, manager, appointment, text):
    before = everything()

    response = client.post(IMPACT, {"change": text, "do": "apply"}, follow=True)

    assert response.redirect_chain == [("/admin/impact/", 302)]
    assert "Please make the change again." in words(response)
    assert everything()[Appointment] == before[Appointment]
    assert not AvailabilityException.objects.exists()


def test_a_stale_change(asked, client, clock, appointment):
    form = fields(asked())
    clock.shift(timedelta(hours=1, seconds=1))

    response = client.post(IMPACT, {**form, "do": "apply"}, follow=True)

    assert "This page is more than an hour old" in words(response)
    assert not AvailabilityException.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [("choice-nobody", "cancel"), ("choice-{}", "burn"), ("choice-{}", "move 1 now")],
)
def test_nonsense_is_a_bad_request(asked, client, appointment, name, value):
    form = {**fields(asked()), name.format(appointment.pk): value}

    assert client.post(IMPACT, {**form, "do": "apply"}).status_code == 400


def test_who_has_lost_the_permission_meanwhile(asked, client, appointment, manager):
    form = fields(asked())
    manager.groups.clear()
    manager.groups.add(member_of(appointment.office, Role.RECEPTION).groups.get())

    response = client.post(IMPACT, {**form, "do": "apply"}, follow=True)

    assert "Your role at this office does not allow this." in words(response)
    assert not AvailabilityException.objects.exists()


# What has lost its hours already. ---------------------------------------------------


@pytest.fixture
def lost(appointment, hosts):
    availability.set_hours(hosts[0], save=[away(hosts[0])], by=None)
    return appointment


def test_it_is_listed_and_nothing_kept(client, manager, lost):
    response = client.get(IMPACT)

    assert "This appointment is at a time for which its host no longer" in words(
        response
    )
    assert lost.reference in words(response)
    assert not Hold.objects.exists()


def test_it_can_be_dealt_with(client, manager, lost, hosts):
    page = client.post(f"{IMPACT}?office=town-hall")
    assert Hold.objects.count() == 4

    client.post(IMPACT, {**fields(page), "do": "apply"})

    assert of(lost).host == hosts[1]
    assert not Hold.objects.exists()
    assert "All appointments are within the hours" in words(client.get(IMPACT))


def test_the_list_of_those_without_hours_leads_there(client, manager, lost):
    changelist = reverse("admin:appointments_appointment_changelist")

    assert "Deal with them" in words(client.get(changelist, {"hours": "lost"}))
    assert "Deal with them" not in words(client.get(changelist))


def test_who_may_not_move_anybody_is_not_led_there(client, lost):
    client.force_login(member_of(lost.office, Role.HOST))
    changelist = reverse("admin:appointments_appointment_changelist")

    assert "Deal with them" not in words(client.get(changelist, {"hours": "lost"}))


# What was done. ---------------------------------------------------------------------


@pytest.fixture
def done(asked, client, offered, hosts, appointment):
    """One given away, one moved, two cancelled, one left; two have no e-mail."""
    decisions = {
        "moved": ("a@example.org", f"move {hosts[1].pk} 2030-03-13T09:00:00+00:00"),
        "called": ("", f"move {hosts[1].pk} 2030-03-13T10:00:00+00:00"),
        "mailed": ("b@example.org", "cancel"),
        "gone": ("", "cancel"),
        "left": ("", "leave"),
    }
    rows = {
        name: AppointmentFactory(
            offered=offered,
            host=hosts[0],
            starts_at=NINE + n * QUARTER,
            citizen__email=email,
            citizen__name=name,
            citizen__phone="030 1",
        )
        for n, (name, (email, _value)) in enumerate(decisions.items(), 1)
    }
    form = fields(asked())
    for name, (_email, value) in decisions.items():
        form[f"choice-{rows[name].pk}"] = value
    response = client.post(IMPACT, {**form, "reason": "Ill.", "do": "apply"})
    assert response.status_code == 302, words(response)
    return SimpleNamespace(url=response.url, **rows)


def test_the_result_says_how_many_met_what(client, done):
    text = words(client.get(done.url))

    assert (
        "Moved 2 Given to colleagues 1 Cancelled 2 Left as they are 1 "
        "Told by e-mail 2 To be called 2"
    ) in text
    assert 'href="/admin/x/"' in client.get(done.url).text


def test_the_result_lists_whom_to_call(client, done, hosts):
    text = words(client.get(done.url))

    assert (
        f"Tomorrow, 09:30 {done.called.reference} called 030 1 Passport "
        f"Moved to Tomorrow, 11:00, {hosts[1]} Ill. "
        f"Tomorrow, 10:00 {done.gone.reference} gone 030 1 Passport Cancelled Ill."
    ) in text


def test_each_is_told_once(done, appointment):
    rows = [appointment, done.moved, done.called, done.mailed, done.gone, done.left]

    assert [owed(row) for row in rows] == [
        [],
        [("postponed", "queued")],
        [],
        [("cancelled", "queued")],
        [],
        [],
    ]
    assert [history(row) for row in rows] == [
        ["reassigned"],
        ["postponed"],
        ["postponed"],
        ["cancelled"],
        ["cancelled"],
        [],
    ]


def test_the_result_leads_nowhere_else(client, done):
    response = client.get(done.url.replace("back=%2Fadmin", "back=%2F%2Fevil.example"))

    assert "evil.example" not in response.text.replace(done.url, "")


@pytest.mark.parametrize("query", ["", "?since=now&until=then", "?since=2030-03-12"])
def test_a_result_of_nothing_is_a_bad_request(client, manager, query):
    assert client.get(f"/admin/impact/result/{query}").status_code == 400


def references(response):
    return re.findall(r">(\w{4}-\w{4})</a>", response.text)


def test_the_call_list_stays(client, done, clock):
    clock.shift(timedelta(days=6))

    response = client.get("/admin/call-list/")

    assert references(response) == [done.called.reference, done.gone.reference]
    since = client.get("/admin/call-list/", {"since": "2030-03-12"})
    assert references(since) == references(response)


def test_the_call_list_begins_where_it_is_asked_to(client, done):
    later = client.get("/admin/call-list/", {"since": "2030-03-13"})

    assert references(later) == []
    assert "Nobody is to be called." in words(later)
    for nonsense in ("soon", "0001-01-01", "9999-12-31T23:59-12:00"):
        asked = client.get("/admin/call-list/", {"since": nonsense})
        assert asked.status_code == 400


def test_what_citizens_did_themselves_is_no_call(client, manager, offered, hosts):
    called_off = AppointmentFactory(
        offered=offered, host=hosts[0], starts_at=NINE, citizen__email=""
    )
    operations.cancel(called_off, by=called_off.citizen)

    assert references(client.get("/admin/call-list/")) == []


def test_each_is_called_once_and_of_what_holds_now(client, done, manager):
    operations.cancel(done.called, by=manager, reason="Closed.")

    response = client.get("/admin/call-list/")

    assert references(response) == [done.gone.reference, done.called.reference]
    assert "Cancelled Closed." in words(response)


def test_what_is_over_comes_last(client, done, clock):
    clock.move_to(NINE + 3 * QUARTER)

    response = client.get("/admin/call-list/")

    assert references(response) == [done.gone.reference, done.called.reference]


# Who may, and at which office. ------------------------------------------------------

PAGES = [IMPACT, "/admin/call-list/"]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.RECEPTION, Role.SECRETARY])
@pytest.mark.parametrize("page", PAGES)
def test_who_books_sees_the_pages(client, offered, role, page):
    client.force_login(member_of(offered.office, role))

    assert client.get(page).status_code == 200


@pytest.mark.parametrize("page", [*PAGES, "/admin/impact/result/"])
def test_a_host_does_not(client, offered, page):
    client.force_login(member_of(offered.office, Role.HOST))

    assert client.get(page).status_code == 403
    assert client.post(page).status_code == 403


@pytest.mark.parametrize("page", [*PAGES, "/admin/impact/result/"])
def test_nobody_else_does(client, offered, page):
    assert client.get(page).status_code == 302

    client.force_login(UserFactory())
    assert client.get(page).status_code == 302


@pytest.mark.parametrize("page", [*PAGES, "/admin/impact/result/"])
def test_another_office_does_not_exist(client, manager, done, page):
    elsewhere = OfficeServiceFactory(office__slug="elsewhere")
    client.force_login(member_of(elsewhere.office))

    assert client.get(page, {"office": "town-hall"}).status_code == 404
    if page in PAGES:
        assert "called" not in references(client.get(page))
        assert done.called.reference not in client.get(page).text


def test_the_pages_are_not_in_the_bar(client, manager):
    bar = re.search(r"staff-bar.*?</nav>", client.get("/admin/").text, re.DOTALL)

    assert "impact" not in (bar or [""])[0]


# How much they ask of the database. -------------------------------------------------


def queries(call):
    """How many queries a call makes."""
    with CaptureQueriesContext(connection) as found:
        call()
    return len(found)


@pytest.mark.parametrize("many", [1, 30])
def test_as_many_queries_for_thirty_as_for_one(
    client, offered, hosts, manager, asked, many
):
    OpenHostFactory.create_batch(3, office=offered.office)
    for n in range(many):
        AppointmentFactory(
            offered=offered,
            host=hosts[0],
            starts_at=NINE - 4 * QUARTER + n * QUARTER,
            citizen__email="",
        )
    form = fields(asked())
    to_cancel = {**form, "all": "cancel"}

    client.post(IMPACT, to_cancel)  # what is looked up once
    showing = queries(lambda: client.post(IMPACT, to_cancel))
    client.post(IMPACT, {**form, "do": "apply"})
    client.get("/admin/call-list/")
    calling = queries(lambda: client.get("/admin/call-list/"))
    listing = queries(lambda: client.get(IMPACT))

    assert (showing, calling, listing) == (47, 8, 8)
