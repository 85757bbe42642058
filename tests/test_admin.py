"""What each role sees and may do in the admin; every registered page is walked.

A page that somebody adds is covered by itself: it needs a row in tests/worlds.py.
"""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccountMail, Registration, SecondFactor, SignIn, User
from accounts.tests.factories import AdminFactory, UserFactory
from offices import operations
from offices.models import Membership, Service
from offices.roles import Role
from tests.worlds import fill, office_named

OUR_APPS = {"accounts", "offices", "availability", "appointments", "notifications"}
PAGES = dict(admin.site._registry)
OURS = {model for model in PAGES if model._meta.app_label in OUR_APPS}
FOR_ADMINS = {AccountMail, Registration}  # nobody else sees their pages
SHARED = {Service}  # the catalogue is one for all offices
# Written on pages for work: "Messages".
ELSEWHERE = {
    "notifications.MessagePolicy",
    "notifications.MessageTemplate",
    "notifications.Notice",
}

pytestmark = pytest.mark.django_db


def keys():
    """The primary keys of all rows that have a page."""
    return {
        model: set(model._default_manager.values_list("pk", flat=True))
        for model in OURS
    }


def url(model, view, *args):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}"
    return reverse(name, args=args)


def labels(models):
    return {model._meta.label for model in models}


@pytest.fixture
def home():
    return office_named("Home")


@pytest.fixture
def elsewhere(home):
    """{model: keys of the rows of another office}."""
    before = keys()
    office_named("Elsewhere", time_zone="Asia/Kathmandu", country="NP")
    return {model: after - before[model] for model, after in keys().items()}


@pytest.fixture(params=Role, ids=lambda role: role.value)
def member(request, home, client):
    user = UserFactory(name="The member")
    operations.add_member(user, home, request.param, by=None)
    client.force_login(user)
    return user


def test_every_page_has_rows_to_walk(elsewhere):
    assert labels(model for model, rows in elsewhere.items() if not rows) == set()


def test_every_model_has_its_page():
    without = {
        model
        for model in apps.get_models()
        if model._meta.app_label in OUR_APPS and model not in PAGES
    }

    assert labels(without) == ELSEWHERE


def test_a_list_has_no_row_count_or_filter_of_another_office(member, client, elsewhere):
    found = set()
    for model in PAGES:
        response = client.get(url(model, "changelist"), {"_facets": "True"})
        if response.status_code == 403:
            continue
        rows = set(response.context["cl"].root_queryset.values_list("pk", flat=True))
        if model not in SHARED and rows & elsewhere[model]:
            found.add(f"{model._meta.label}: rows")
        if "Elsewhere" in response.text:
            found.add(f"{model._meta.label}: text")

    assert found == set()


def test_nobody_finds_another_office_by_searching(member, client, elsewhere):
    found = set()
    for model, page in PAGES.items():
        if page.search_fields and model not in SHARED:
            response = client.get(url(model, "changelist"), {"q": "Elsewhere"})
            if response.status_code != 403 and response.context["cl"].result_count:
                found.add(model)

    assert labels(found) == set()


def test_no_page_opens_for_a_row_of_another_office(member, client, elsewhere):
    opened = set()
    for model in OURS - SHARED:
        for view in ["change", "delete", "history"]:
            path = url(model, view, min(elsewhere[model]))
            statuses = {
                client.get(path).status_code,
                client.post(path, {"post": "yes"}).status_code,
            }
            if not statuses <= {403, 404, 405}:
                opened.add(f"{model._meta.label}: {view}")

    assert opened == set()


def test_no_form_offers_anything_of_another_office(member, client, elsewhere):
    offered = set()
    for model, rows in keys().items():
        own = min(rows - elsewhere[model])
        for path in [url(model, "add"), url(model, "change", own)]:
            response = client.get(path)
            if response.status_code == 200 and "Elsewhere" in response.text:
                offered.add(path)

    assert offered == set()


def test_no_autocomplete_result_is_of_another_office(member, client, elsewhere):
    found = set()
    for model, page in PAGES.items():
        for name in page.autocomplete_fields:
            about = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": name,
            }
            response = client.get(reverse("admin:autocomplete"), about)
            related = model._meta.get_field(name).related_model
            if response.status_code == 200 and related not in SHARED:
                results = {result["id"] for result in response.json()["results"]}
                if results & {str(row) for row in elsewhere[related]}:
                    found.add(f"{model._meta.label}: {name}")

    assert found == set()


def test_no_action_reaches_a_row_of_another_office(member, client, elsewhere):
    def facts():
        return {
            model: list(model._default_manager.filter(pk__in=rows).values())
            for model, rows in elsewhere.items()
        }

    before = facts()
    for model in OURS - SHARED:
        page = PAGES[model]
        for action in [*page.actions, "delete_selected"]:
            client.post(
                url(model, "changelist"),
                {
                    "action": action,
                    "_selected_action": list(elsewhere[model]),
                    "select_across": "1",
                    "reason": "Because",
                    "post": "yes",
                },
            )

    assert facts() == before


def test_a_stranger_gets_nothing(client, home):
    """Somebody with an account, even a staff flag, but no membership."""
    client.force_login(UserFactory(is_staff=True))

    opened = {
        model
        for model in PAGES
        if client.get(url(model, "changelist")).status_code != 403
    }

    assert opened == {SecondFactor, SignIn, User}


def test_who_has_left_an_office_sees_nothing_of_it(client, home, elsewhere):
    user = UserFactory()
    operations.add_member(user, home, Role.RECEPTION, by=None)
    office = PAGES[Membership].model.objects.exclude(office=home).first().office
    left = operations.add_member(user, office, Role.MANAGER, by=None)
    operations.end_membership(left, by=None)
    client.force_login(user)

    found = {
        model
        for model in OURS
        if "Elsewhere" in client.get(url(model, "changelist")).text
    }

    assert labels(found) == set()


# --- what each role must not do ---

ADDS = {
    Role.MANAGER: {
        "appointments.CalendarFeed",
        "availability.AvailabilityException",
        "availability.AvailabilityRule",
        "offices.ApiKey",
        "offices.Closure",
        "offices.Host",
        "offices.Membership",
        "offices.OfficeService",
    },
    Role.SECRETARY: {
        "appointments.CalendarFeed",
        "availability.AvailabilityException",
        "availability.AvailabilityRule",
        "offices.Closure",
    },
    Role.HOST: {"appointments.CalendarFeed"},
    Role.RECEPTION: {"appointments.CalendarFeed"},
}
MADE_ONCE = {"appointments.CalendarFeed", "offices.ApiKey", "offices.Membership"}
CHANGES = {
    Role.MANAGER: ADDS[Role.MANAGER] - MADE_ONCE | {"offices.Office"},
    Role.SECRETARY: ADDS[Role.SECRETARY] - MADE_ONCE,
    Role.HOST: set(),
    Role.RECEPTION: set(),
}
DELETES = {
    Role.MANAGER: {
        "appointments.CalendarFeed",
        "availability.AvailabilityException",
        "availability.AvailabilityRule",
        "offices.Closure",
        "offices.OfficeService",
    },
    Role.SECRETARY: ADDS[Role.SECRETARY] - MADE_ONCE,
    Role.HOST: set(),
    Role.RECEPTION: set(),
}
DESK = ["check_in", "start", "complete", "mark_no_show", "undo"]
ACTIONS = {
    Role.MANAGER: ["approve", "deny", *DESK, "cancel"],
    Role.SECRETARY: ["approve", "deny", *DESK, "cancel"],
    Role.HOST: ["approve", "deny", *DESK],
    Role.RECEPTION: [*DESK, "cancel"],
}
NOT_OF_OFFICES = {"notifications"}  # has tests of its own


def test_each_role_writes_what_it_may_and_nothing_else(member, client):
    role = member.memberships.get().role
    models = [m for m in OURS if m._meta.app_label not in NOT_OF_OFFICES]
    rows = keys()

    def answering(view, *, posted):
        """The pages that let the person in: shown for a GET, or taking a POST."""
        found = set()
        for model in models:
            args = [] if view == "add" else [next(iter(rows[model]))]
            path = url(model, view, *args)
            response = client.post(path, {}) if posted else client.get(path)
            if response.status_code == 200:
                found.add(model._meta.label)
        return found

    assert answering("add", posted=False) == ADDS[role]
    assert answering("add", posted=True) == ADDS[role]
    assert answering("change", posted=True) == CHANGES[role]
    assert answering("delete", posted=False) == DELETES[role]


def test_each_role_is_offered_its_actions_and_no_others(member, client):
    role = member.memberships.get().role

    response = client.get(reverse("admin:appointments_appointment_changelist"))

    choices = response.context["action_form"].fields["action"].choices
    assert [name for name, label in choices if name] == ACTIONS[role]


# --- how much a list asks of the database ---

# Four of each are the session, the person and what the person may at which office.
QUERIES = {
    "accounts.SecondFactor": 9,
    "accounts.SignIn": 9,
    "accounts.User": 10,
    "appointments.Access": 13,
    "appointments.Appointment": 15,
    "appointments.AppointmentEvent": 10,
    "appointments.CalendarFeed": 10,
    "appointments.Citizen": 11,
    "appointments.Export": 10,
    "appointments.NextFreeDay": 12,
    "availability.AvailabilityException": 12,
    "availability.AvailabilityRule": 11,
    "availability.Hold": 11,
    "availability.HostDay": 14,
    "notifications.Block": 9,
    "notifications.DayList": 10,
    "notifications.Message": 11,
    "notifications.WebhookAttempt": 11,
    "notifications.WebhookDelivery": 10,
    "notifications.WebhookEndpoint": 10,
    "offices.ApiKey": 9,
    "offices.Closure": 11,
    "offices.Host": 11,
    "offices.Invitation": 10,
    "offices.Membership": 10,
    "offices.Office": 9,
    "offices.OfficeService": 10,
    "offices.Service": 10,
    "offices.SettingChange": 11,
}


def test_a_list_of_thirty_costs_no_more_than_a_list_of_one(client, home):
    user = UserFactory()
    operations.add_member(user, home, Role.MANAGER, by=None)
    client.force_login(user)

    def count_queries():
        counts = {}
        for model in OURS - FOR_ADMINS:
            client.get(url(model, "changelist"))  # what is looked up once
            with CaptureQueriesContext(connection) as queries:
                response = client.get(url(model, "changelist"))
            assert response.status_code == 200
            counts[model._meta.label] = len(queries)
        return counts

    with_one = count_queries()
    for _ in range(29):
        fill(home, "Home")

    assert count_queries() == with_one
    assert with_one == QUERIES


def test_superusers_see_every_office(client, elsewhere):
    client.force_login(AdminFactory())
    there = keys()  # looking at people adds to the log of access

    for model, rows in there.items():
        page = client.get(url(model, "changelist")).context["cl"].root_queryset
        assert set(page.filter(pk__in=rows).values_list("pk", flat=True)) == rows
