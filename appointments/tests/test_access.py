"""Who saw whose data is written down, once a day, and stays as it was written."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import AdminFactory, UserFactory
from appointments import access
from appointments.models import Access, AccessKind
from appointments.tasks import purge_access_log
from appointments.tests.factories import (
    AccessFactory,
    AppointmentFactory,
    CitizenFactory,
)
from availability.tests.factories import OpenHostFactory
from offices.roles import Permission, Role
from offices.tests.factories import (
    ApiKeyFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    return AppointmentFactory(citizen__name="Ada Lovelace")


@pytest.fixture
def clerk(visit):
    return MembershipFactory(office=visit.office, role=Role.RECEPTION).user


@pytest.fixture
def manager(visit):
    return MembershipFactory(office=visit.office, role=Role.MANAGER).user


def page_of(visit):
    return reverse("admin:appointments_appointment_change", args=[visit.pk])


def lines(**about):
    """[(who, where, office, whose, how many)], the oldest first."""
    rows = Access.objects.filter(**about).order_by("pk")
    return list(rows.values_list("by", "page", "office", "citizen", "people"))


# --- what is written down ---


def test_an_appointment_that_staff_open_is_kept_once_a_day(client, visit, clerk):
    client.force_login(clerk)
    page, whose = "admin:appointments_appointment_change", visit.citizen_id
    line = (clerk.pk, page, visit.office_id, whose, 1)

    client.get(page_of(visit))
    client.get(page_of(visit))
    first_day = lines()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        client.force_login(clerk)
        client.get(page_of(visit))

    assert first_day == [line]
    assert lines() == [line, line]


def test_writing_it_down_is_one_statement(client, visit, clerk):
    client.force_login(clerk)
    client.get(page_of(visit))

    with CaptureQueriesContext(connection) as queries:
        client.get(page_of(visit))

    written = [q["sql"] for q in queries if "appointments_access" in q["sql"]]
    assert len(written) == 1
    assert written[0].startswith('INSERT INTO "appointments_access"')


def test_who_is_found_by_searching_is_kept_and_the_words_are_not(client, visit, clerk):
    client.force_login(clerk)

    client.get(reverse("admin:find_person"), {"q": "lovelace"})

    found = (clerk.pk, "admin:find_person", visit.office_id, visit.citizen_id, 1)
    assert lines() == [found]
    assert "lovelace" not in repr(Access.objects.values()).lower()


def test_a_search_that_finds_nobody_leaves_nothing(client, visit, clerk):
    client.force_login(clerk)

    client.get(reverse("admin:find_person"), {"q": "babbage"})

    assert lines() == []


@pytest.mark.parametrize("many", [access.FEW, access.FEW + 1])
def test_more_than_a_few_are_a_list(client, clerk, many):
    office = clerk.memberships.get().office
    citizens = CitizenFactory.create_batch(many)

    access.record_access(
        clerk, AccessKind.EXPORTED, citizens, office=office, page="export"
    )

    each = [(clerk.pk, "export", office.pk, c.pk, 1) for c in citizens]
    as_list = [(clerk.pk, "export", office.pk, None, many)]
    assert lines(kind="exported") == (each if many == access.FEW else as_list)


def test_an_operator_is_kept_too(visit):
    access.record_access(None, AccessKind.ERASED, [visit.citizen_id], page="erase")
    access.record_access(None, AccessKind.ERASED, [visit.citizen_id], page="erase")

    assert lines() == [(None, "erase", None, visit.citizen_id, 1)]


def test_of_a_list_of_citizens_each_office_is_told(client, visit, clerk):
    offered = OfficeServiceFactory()
    other = AppointmentFactory(offered=offered, citizen__name="Zoe")
    MembershipFactory(office=other.office, user=clerk, role=Role.RECEPTION)
    client.force_login(clerk)

    client.get(reverse("admin:appointments_citizen_changelist"))

    page = "admin:appointments_citizen_changelist"
    assert set(lines()) == {
        (clerk.pk, page, visit.office_id, visit.citizen_id, 1),
        (clerk.pk, page, other.office_id, other.citizen_id, 1),
    }


def test_what_programs_and_staff_read_by_api_is_kept(visit, clerk):
    key = ApiKeyFactory(
        offices=[visit.office], permissions={Permission.VIEW_APPOINTMENTS}
    )
    program = APIClient(headers={"X-API-Key": key.secret})
    person = APIClient()
    person.force_authenticate(clerk)

    program.get(f"/api/v1/appointments/{visit.pk}")
    person.get("/api/v1/appointments")

    whose = (visit.office_id, visit.citizen_id, 1)
    assert lines() == [
        (key.user.pk, "api:appointment-detail", *whose),
        (clerk.pk, "api:appointment-list", *whose),
    ]


def test_what_citizens_see_of_themselves_is_not_kept(client, visit):
    own = UserFactory()
    visit.citizen.user = own
    visit.citizen.save()
    person = APIClient()
    person.force_authenticate(own)
    client.force_login(own)

    statuses = [
        person.get(f"/api/v1/appointments/{visit.pk}").status_code,
        client.get(reverse("home")).status_code,
    ]

    assert statuses == [200, 200]
    assert lines() == []


def test_what_is_refused_is_not_kept(client, visit):
    stranger = MembershipFactory(role=Role.MANAGER).user
    client.force_login(stranger)

    status = client.get(page_of(visit)).status_code

    assert (status, lines()) == (404, [])


def test_the_page_is_shown_while_nothing_can_be_written(client, visit, clerk, caplog):
    client.force_login(clerk)
    client.get(page_of(visit))
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")

    status = client.get(page_of(visit)).status_code

    assert status == 200
    assert "access_not_recorded" in caplog.text


# --- it stays ---


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM appointments_access",
        "UPDATE appointments_access SET by_id = NULL",
    ],
)
def test_the_database_lets_nobody_alter_or_delete_a_line(statement):
    AccessFactory(at=timezone.now() - timedelta(days=4000))

    with (
        pytest.raises(IntegrityError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_lets_nobody_empty_the_log():
    AccessFactory()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL appointments.forgetting = 'on'")
        with (
            pytest.raises(IntegrityError, match="only ever added to"),
            transaction.atomic(),
        ):
            cursor.execute("TRUNCATE appointments_access")

    assert Access.objects.count() == 1


def test_not_even_forgetting_lets_a_new_line_go():
    AccessFactory(at=timezone.now() - timedelta(days=29))

    with (
        pytest.raises(IntegrityError, match="only ever added to"),
        transaction.atomic(),
    ):
        access.forget(before=timezone.now())


def test_lines_are_forgotten_after_audit_days_and_then_nothing_more(settings):
    settings.AUDIT_DAYS = 40
    now = timezone.now()
    AccessFactory(at=now - timedelta(days=41))
    kept = AccessFactory(at=now - timedelta(days=39))

    purge_access_log()

    assert list(Access.objects.all()) == [kept]
    with pytest.raises(IntegrityError), transaction.atomic():
        Access.objects.all().delete()


def test_a_line_outlives_who_it_is_about(client, visit):
    leaver, admin = UserFactory(), AdminFactory()
    citizen = CitizenFactory()
    access.record_access(leaver, AccessKind.SEEN, [citizen], page="admin:desk")
    gone, was = leaver.pk, citizen.pk
    leaver.delete()
    citizen.delete()
    client.force_login(admin)

    page = client.get(reverse("admin:appointments_access_changelist")).text

    assert lines() == [(gone, "admin:desk", None, was, 1)]
    assert f"An account that is gone (number {gone})" in page
    assert f"Citizen number {was}" in page


# --- who reads it ---


def test_managers_read_it_and_find_whose_data_it_was(client, visit, manager):
    other = AppointmentFactory(offered=visit_offered(visit), citizen__name="Zoe")
    access.record_access(manager, AccessKind.SEEN, [visit.citizen], office=visit.office)
    access.record_access(
        manager, AccessKind.SEEN, [other.citizen], office=visit.office, page="api:x"
    )
    client.force_login(manager)
    url = reverse("admin:appointments_access_changelist")

    found = client.get(url, {"q": "love"}).context["cl"].result_list
    by_who = client.get(url, {"who": manager.pk}).context["cl"].result_list

    assert [line.citizen_id for line in found] == [visit.citizen_id]
    assert [line.page for line in by_who] == ["api:x", ""]
    assert "Ada Lovelace" not in client.get(url).text


def visit_offered(visit):
    OpenHostFactory(office=visit.office)
    return visit.office.offered.get()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.MANAGER}))
def test_nobody_else_does(client, visit, role):
    client.force_login(MembershipFactory(office=visit.office, role=role).user)

    status = client.get(reverse("admin:appointments_access_changelist")).status_code

    assert status == 403


def test_nobody_writes_it_by_hand(client):
    line = AccessFactory(office=OfficeFactory())
    client.force_login(AdminFactory())
    paths = [
        reverse("admin:appointments_access_add"),
        reverse("admin:appointments_access_change", args=[line.pk]),
        reverse("admin:appointments_access_delete", args=[line.pk]),
    ]

    assert [client.post(path, {"post": "yes"}).status_code for path in paths] == [
        *[403, 403, 403]
    ]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("", "–"),
        ("admin:appointments_citizen_changelist", "citizens"),
        ("admin:desk", "Desk"),
        ("api:appointments", "API"),
        ("erase", "erase"),
    ],
)
def test_where_it_was_is_said_in_words(client, page, words):
    line = AccessFactory(page=page)
    client.force_login(AdminFactory())

    response = client.get(reverse("admin:appointments_access_change", args=[line.pk]))

    assert f'<div class="readonly">{words}</div>' in response.text
