"""Who of the staff reads a citizen's name leaves a line: every address is walked."""

from itertools import product

import pytest
from django.urls import resolve
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from appointments.models import Access, Appointment
from notifications.models import WebhookEndpoint
from offices import operations
from offices.models import Host
from offices.roles import Permission, Role
from offices.tests.factories import ApiKeyFactory
from tests.test_admin import PAGES, keys, url
from tests.test_staff_pages import addresses, filled, readable
from tests.worlds import office_named

NAME = "Home citizen"

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    return office_named("Home")


@pytest.fixture
def visit(home):
    return Appointment.objects.get(office=home)


def unrecorded(paths, client, user, queries=({},)):
    """Which of the paths show the name and leave no line; and how many show it."""
    silent, telling = set(), set()
    for path, query in product(paths, queries):
        response = client.get(path, query)
        if NAME not in readable(response):
            continue
        telling.add(path)
        page = resolve(path).view_name
        if not Access.objects.filter(by=user, page=page).exists():
            silent.add(path)
    return silent, telling


def test_every_page_of_staff_that_shows_a_name_leaves_a_line(client, home, visit):
    user = UserFactory()
    operations.add_member(user, home, Role.MANAGER, by=None)
    client.force_login(user)
    rows = [min(found) for found in keys().values() if found]
    models = [
        *(url(model, "changelist") for model in PAGES),
        *(
            url(model, view, min(found))
            for model, found in keys().items()
            for view in ("change", "delete", "history")
            if found
        ),
    ]
    own = [
        path
        for address, converters in addresses()
        for path in filled(address, converters, [*rows, home.slug])
    ]
    day = {"day": str(visit.day), "week": f"{visit.day:%G-W%V}", "office": home.slug}
    host = Host.objects.filter(office=home).first()
    asked = [
        {"q": "home citiz", "when": "all", "who": "Home"},
        {**day, "host": host.pk, "view": "list"},
    ]

    silent, telling = unrecorded([*models, *own], client, user, asked)

    assert silent == set()
    assert {
        "/admin/appointments/appointment/",
        "/admin/appointments/citizen/",
        "/admin/calendar/",
        "/admin/desk/",
        "/admin/find/",
    } <= telling


def test_every_answer_of_the_api_that_has_a_name_leaves_a_line(home, visit):
    key = ApiKeyFactory(offices=[home], permissions=set(Permission))
    program = APIClient(headers={"X-API-Key": key.secret})
    at_office = f"/api/v1/offices/{home.pk}"
    hook = f"{at_office}/webhooks/{WebhookEndpoint.objects.get(office=home).pk}"
    paths = [
        "/api/v1/appointments",
        f"/api/v1/appointments/{visit.pk}",
        f"/api/v1/appointments/{visit.pk}/events",
        f"/api/v1/availability/hosts/{home.pk}",
        f"{at_office}/calendar-feeds",
        f"{at_office}/memberships",
        f"{at_office}/statistics",
        f"{hook}/deliveries",
    ]

    silent, telling = unrecorded(paths, program, key.user)

    assert silent == set()
    assert telling == set(paths[:2])
