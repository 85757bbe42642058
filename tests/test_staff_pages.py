"""Every address of the admin, walked as a member of one office with things of another.

The pages for work (the desk, the calendar …) and what pages of models have besides
Django's own are found in the URLs: one that somebody adds is covered by itself.
"""

from itertools import product
from uuid import UUID

import pytest
from django.contrib import admin
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from accounts.tests.factories import UserFactory
from appointments.models import Appointment
from offices import operations
from offices.models import Host, Office, OfficeService, Service
from offices.roles import Role
from tests.test_admin import OURS, SHARED, elsewhere, home, member  # noqa: F401

pytestmark = pytest.mark.django_db

DJANGOS = {"add", "change", "delete", "history", "changelist"}  # tests/test_admin.py
NOT_OURS = {"logout", "login", "password_change", "jsi18n", "autocomplete"}


def addresses(patterns=None, prefix="/admin/"):
    """[(path with {names}, converters by name)] of all that the admin answers to."""
    for pattern in patterns or admin.site.get_urls():
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and not is_djangos(pattern):
            yield path, pattern.pattern.converters


def is_djangos(pattern):
    name = pattern.name or ""
    return name.rpartition("_")[2] in DJANGOS or name in NOT_OURS


def filled(path, converters, rows):
    """The path for each of `rows`, keys of the other office, that fits into it."""
    choices = []
    for name, converter in converters.items():
        fitting = [row for row in rows if fits(converter, row)]
        choices.append([(name, converter, row) for row in fitting])
    for chosen in product(*choices):
        address = path
        for name, converter, row in chosen:
            kind = type(converter).__name__.removesuffix("Converter").lower()
            for spelling in (f"<{kind}:{name}>", f"<{name}>"):
                address = address.replace(spelling, converter.to_url(row))
        yield address


def fits(converter, row):
    match type(converter).__name__:
        case "UUIDConverter":
            return isinstance(row, UUID)
        case "IntConverter":
            return isinstance(row, int)
    return isinstance(row, str)


@pytest.fixture
def told(elsewhere):  # noqa: F811 (fixtures)
    """What addresses may be given of the other office, by the usual names."""
    office = Office.objects.get(pk=min(elsewhere[Office]))
    host = Host.objects.filter(office=office).first()
    visit = Appointment.objects.filter(office=office).first()
    offered = OfficeService.objects.filter(office=office).first()
    return {
        "office": office.slug,
        "host": host.pk,
        "service": offered.service_id,
        "offered": offered.pk,
        "appointment": str(visit.pk),
        "citizen": visit.citizen_id,
        "q": visit.reference,
        "day": str(office.today()),
        "week": f"{timezone.now():%G-W%V}",
        "confirm": "yes",
        "reason": "Because",
        "outcome": "completed",
        "step": "check_in",
        "format": "csv",
        "what": "appointments",
    }


@pytest.fixture
def rows(request, elsewhere, told):  # noqa: F811 (fixtures)
    """Keys of the other office: one of each model, or of what the work is about.

    A manager, whose office lets him do all, tries each; others those that pages name.
    """
    parameters = getattr(request.node, "callspec", None)
    role = parameters.params.get("member") if parameters else None
    named = {told["office"], told["host"], told["citizen"], UUID(told["appointment"])}
    if role not in (None, Role.MANAGER):
        return sorted(named, key=str)
    found = {min(keys) for keys in elsewhere.values() if keys}
    return sorted(found | named, key=str)


def facts(elsewhere):  # noqa: F811 (fixtures)
    return {
        model: list(model._default_manager.filter(pk__in=found).order_by("pk").values())
        for model, found in elsewhere.items()
    }


def walk(rows):
    for path, converters in addresses():
        yield from filled(path, converters, rows)


def readable(response):
    streaming = getattr(response, "streaming", False)
    content = b"".join(response.streaming_content) if streaming else response.content
    return content.decode(errors="replace") + response.get("Location", "")


def test_there_are_pages_to_walk(rows):
    paths = {path for path, _converters in addresses()}

    assert {"/admin/desk/", "/admin/calendar/", "/admin/statistics/export/"} <= paths
    assert len(list(walk(rows))) > len(paths) / 2


def test_no_page_for_work_tells_of_another_office(member, client, rows, told):  # noqa: F811
    found = set()
    for path, converters in addresses():
        asked = [{}, told]
        if not converters:  # one that names a row is about that row's office alone
            asked.append({**told, "office": ""})
        for address, query in product(filled(path, converters, rows), asked):
            response = client.get(address, query)
            if "Elsewhere" in readable(response):
                found.add((address, "office" in query))

    assert found == set()


def test_no_page_for_work_changes_another_office(member, client, elsewhere, rows, told):  # noqa: F811
    before = facts(elsewhere)
    many = {
        "appointments": [told["appointment"]],
        "_selected_action": [told["appointment"]],
        "pk": told["appointment"],
        "name": "Somebody",
        "email": "somebody@example.org",
        "starts_at": timezone.now().isoformat(),
        "weekdays": ["0", "1"],
        "start_time": "09:00",
        "end_time": "10:00",
        "valid_from": told["day"],
    }

    found = set()
    for path in walk(rows):
        if "Elsewhere" in readable(client.post(path, {**told, **many})):
            found.add(path)
        about = f"{path}?office={told['office']}&host={told['host']}"
        if "Elsewhere" in readable(client.post(about, many)):
            found.add(about)

    assert found == set()
    assert facts(elsewhere) == before


def test_who_has_left_is_let_into_none_of_them(client, home, rows):  # noqa: F811
    user = UserFactory()
    left = operations.add_member(user, home, Role.RECEPTION, by=None)
    operations.end_membership(left, by=None)
    client.force_login(user)

    opened = {
        path
        for path in walk(rows)
        if client.get(path).status_code not in {302, 403, 404}
    }

    assert opened <= {"/admin/"}


def test_each_row_that_is_walked_is_of_one_office_alone(elsewhere):  # noqa: F811
    """What both offices share could hide what is told of the other."""
    assert Service in SHARED
    assert all(elsewhere[model] for model in OURS)
