"""All pages of staff, walked among rows that are as bad as can be.

Who reads a citizen's name there leaves a line in the log of access; and nothing that
anybody has written runs in anybody's browser.
"""

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
from tests.security.poison import MAILBOX, SIGNS, poison
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


def pages_of(home, asked):
    """Every address of the admin that a row of the office fits into, and its query."""
    rows = {model: min(found) for model, found in keys().items() if found}
    for model in PAGES:
        yield url(model, "changelist"), {}
        for view in ("change", "delete", "history"):
            if model in rows:
                yield url(model, view, rows[model]), {}
    for address, converters in addresses():
        for path in filled(address, converters, [*rows.values(), home.slug]):
            yield path, asked


def test_every_page_of_staff_keeps_who_reads_a_name_and_runs_nothing(
    client, home, visit
):
    user = UserFactory()
    operations.add_member(user, home, Role.MANAGER, by=None)
    client.force_login(user)
    poison()
    asked = {
        "q": "home citiz",
        "when": "all",
        "who": "Home",
        "day": str(visit.day),
        "week": f"{visit.day:%G-W%V}",
        "office": home.slug,
        "host": Host.objects.filter(office=home).first().pk,
        "view": "list",
    }

    telling, running = {}, set()
    for path, query in pages_of(home, asked):
        response = client.get(path, query)
        text = readable(response)
        if NAME in text:
            telling[path] = resolve(path).view_name
        if is_page(response) and any(sign in text for sign in SIGNS):
            running.add(path)

    recorded = set(Access.objects.filter(by=user).values_list("page", flat=True))
    assert running == set()
    assert {path for path, page in telling.items() if page not in recorded} == set()
    assert {
        "/admin/appointments/appointment/",
        "/admin/appointments/citizen/",
        "/admin/calendar/",
        "/admin/find/",
    } <= set(telling)


def is_page(response):
    return response.headers.get("Content-Type", "").startswith("text/html")


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

    telling = {path for path in paths if NAME in readable(program.get(path))}

    pages = Access.objects.filter(by=key.user).values_list("page", flat=True)
    assert telling == set(paths[:2])
    assert {resolve(path).view_name for path in telling} <= set(pages)


def test_the_worst_has_been_put_where_people_write(home):
    done = poison()

    assert {
        "accounts.user.name",
        "appointments.appointment.access_needs",
        "appointments.appointment.note",
        "appointments.appointment.purpose",
        "appointments.citizen.email",
        "appointments.citizen.name",
        "appointments.citizen.phone",
        "notifications.message.body",
        "notifications.messagetemplate.body",
        "notifications.webhookattempt.response_body",
        "offices.apikey.name",
        "offices.closure.reason",
        "offices.host.name",
        "offices.office.description",
        "offices.office.name",
        "offices.office.name_translations",
        "offices.service.fee",
        "offices.service.name",
    } <= done
    assert Appointment.objects.get(citizen__email=MAILBOX).office == home
