"""The history of settings: what is kept, that it stays, and who sees it."""

from datetime import date, time, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from accounts.tests.factories import AdminFactory, UserFactory
from appointments.operations import make_tablet_key, revoke_tablet_key
from availability import assignments
from availability import operations as availability
from availability.models import AvailabilityException, AvailabilityRule
from availability.tests.factories import OpenHostFactory
from notifications import webhooks, wording
from notifications.models import WebhookEndpoint
from notifications.tests.factories import MessageTemplateFactory
from offices import api_keys, history, offering, operations
from offices.catalogue import import_catalogue
from offices.models import (
    Closure,
    Host,
    OfficeService,
    Service,
    SettingChange,
)
from offices.queries import changes
from offices.roles import Permission, Role
from offices.tasks import purge
from offices.tests.factories import (
    ApiKeyFactory,
    HostFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return OfficeFactory(name="Town hall")


@pytest.fixture
def manager(office):
    return MembershipFactory(
        office=office, role=Role.MANAGER, user__name="Max Manager"
    ).user


@pytest.fixture
def admin():
    return AdminFactory()


def said(model):
    """[(kind, before, after)] of a model's changes, the oldest first."""
    rows = SettingChange.objects.filter(model=model).order_by("pk")
    return [(row.kind, row.before, row.after) for row in rows]


# --- what is kept ---


def test_an_office_keeps_the_fields_that_differ_and_no_others(office, manager):
    office.approval_required = True
    office.lead_time = timedelta(minutes=90)

    availability.save_office(office, by=manager)

    change = SettingChange.objects.get(model="offices.office")
    assert (change.office, change.by, change.row) == (office, manager, office.pk)
    assert (change.kind, change.name) == ("changed", "Town hall")
    assert change.before == {"lead_time": "P0DT01H00M00S", "approval_required": False}
    assert change.after == {"lead_time": "P0DT01H30M00S", "approval_required": True}


def test_nothing_is_kept_of_a_save_that_changes_nothing(office, manager):
    availability.save_office(office, by=manager)

    assert said("offices.office") == []


def test_what_is_refused_leaves_no_history(office, manager):
    stranger = MembershipFactory(role=Role.MANAGER).user
    before = SettingChange.objects.count()

    with pytest.raises(PermissionDenied):
        availability.save_host(Host(office=office, name="New"), by=stranger)

    assert SettingChange.objects.count() == before


def test_a_host_and_its_services_are_kept(office, manager):
    offered = OfficeServiceFactory(office=office, service__name="Passports")
    host = assignments.assign_host(office, name="Counter 1", by=manager)

    assignments.change_host(host, by=manager, services=[offered.service])
    assignments.unassign_host(host, by=manager)

    assert said("offices.host") == [
        ("added", {}, {"name": "Counter 1", "is_active": True}),
        ("changed", {}, {"services": ["Passports"]}),
        ("changed", {"is_active": True}, {"is_active": False}),
    ]


def test_hours_exceptions_and_closures_are_kept_until_they_are_gone(office, manager):
    host = HostFactory(office=office)
    rule = AvailabilityRule(weekdays=[1], start_time=time(8), end_time=time(12))
    away = AvailabilityException(kind="away", day=date(2031, 1, 7), reason="Training")

    availability.set_hours(host, save=[rule, away], by=manager)
    availability.set_hours(host, delete=[rule], by=manager)
    closure = availability.close(
        office,
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(days=1),
        by=manager,
    )
    availability.reopen(closure, by=manager)

    kinds = [
        [kind for kind, _before, _after in said(f"{model}")]
        for model in (
            "availability.availabilityrule",
            "availability.availabilityexception",
            "offices.closure",
        )
    ]
    assert kinds == [["added", "deleted"], ["added"], ["added", "deleted"]]
    assert set(SettingChange.objects.exclude(kind="").values_list("office")) == {
        (office.pk,)
    }
    assert not Closure.objects.filter(kind="staff").exists()


def test_members_keep_who_gave_and_who_took_what(office, manager):
    user = UserFactory(name="Erika")
    member = operations.add_member(user, office, Role.HOST, by=manager)
    operations.change_membership(member, by=manager, position="Front desk")
    operations.end_membership(member, by=manager)

    rows = SettingChange.objects.filter(name__startswith="Erika").order_by("pk")
    assert [(row.kind, row.by) for row in rows] == [
        *[("added", manager), ("changed", manager), ("changed", manager)]
    ]
    assert rows[1].after == {"position": "Front desk"}
    assert list(rows[2].after) == ["ended_at"]


def test_a_primary_contact_who_steps_back_is_kept_too(office, manager):
    old = MembershipFactory(office=office, is_primary=True)

    operations.add_member(UserFactory(), office, Role.HOST, by=manager, is_primary=True)

    change = SettingChange.objects.of(old).first()
    assert (change.before, change.after) == (
        {"is_primary": True},
        {"is_primary": False},
    )


def test_what_is_offered_is_kept(office, manager, admin):
    service = Service(name="Passports", code="passports")
    offering.save_service(service, by=admin)
    offered = OfficeService(office=office, service=service)
    offering.offer(offered, by=manager)
    offered.own_duration = timedelta(minutes=30)
    offering.offer(offered, by=manager)
    offering.withdraw(offered, by=manager)
    offering.delete_service(service, by=admin)

    assert [kind for kind, *_ in said("offices.officeservice")] == [
        *["added", "changed", "deleted"]
    ]
    rows = SettingChange.objects.filter(model="offices.service")
    assert [(row.kind, row.office) for row in rows] == [
        *[("deleted", None), ("added", None)]
    ]


def test_an_import_keeps_what_it_changed_as_the_system():
    row = {"id": "1", "name": "Passports", "description": "", "public": True}
    place = {"time_zone": "Europe/Berlin", "country": "DE", "subdivision": ""}

    def run(duration):
        rows = [{**row, "duration": duration, "maxQuantity": 1, "meta": {}}]
        import_catalogue([], rows, source="dldb", place=place)

    for duration in (15, 15, 20):
        run(duration)

    change = SettingChange.objects.get()
    assert (change.model, change.kind, change.by) == (
        *("offices.service", "changed", None),
    )
    assert (change.before, change.after) == (
        {"duration": "P0DT00H15M00S"},
        {"duration": "P0DT00H20M00S"},
    )


def test_no_secret_is_ever_kept(office, manager):
    key, secret = api_keys.create(
        "Kiosk", offices=[office], permissions=[Permission.RUN_DESK], by=manager
    )
    api_keys.revoke(key, by=manager)
    endpoint = WebhookEndpoint(
        office=office, url="https://example.org/hook", events=["booked"]
    )
    webhooks.save(endpoint, by=manager)
    old = endpoint.secret
    new = webhooks.rotate(endpoint, by=manager).secret
    webhooks.delete(endpoint, by=manager)

    kept = str(list(SettingChange.objects.values()))
    secrets = [secret, secret.rpartition("_")[2], key.digest, old, new]
    assert [each for each in secrets if each in kept] == []
    assert [kind for kind, *_ in said("notifications.webhookendpoint")] == [
        *["added", "renewed", "deleted"]
    ]
    assert [kind for kind, *_ in said("offices.apikey")] == ["added", "changed"]


def test_a_new_key_of_the_tablet_is_told_and_not_kept(office, manager):
    office = make_tablet_key(office, by=manager)
    revoke_tablet_key(office, by=manager)

    rows = SettingChange.objects.of(office)
    assert [(row.kind, row.by, row.before, row.after) for row in rows] == [
        ("renewed", manager, {}, {})
    ] * 2
    assert office.tablet_key.hex not in str(list(rows.values())).replace("-", "")


def test_a_key_of_two_offices_tells_each_nothing_of_the_other(office):
    other = OfficeFactory(name="Elsewhere")

    ApiKeyFactory(offices=[office, other])

    rows = SettingChange.objects.filter(model="offices.apikey")
    assert {row.office for row in rows} == {office, other}
    assert "Elsewhere" not in str([[row.before, row.after] for row in rows])


def test_words_of_messages_are_kept(office, manager):
    template = MessageTemplateFactory(office=office, subject="Before")
    template.subject = "After"

    wording.save(template, by=manager)
    wording.delete(template, by=manager)

    assert [kind for kind, *_ in said("notifications.messagetemplate")] == [
        *["changed", "deleted"]
    ]


# --- the admin writes it too ---


def test_the_admin_keeps_the_services_of_a_host(client, office, manager):
    client.force_login(manager)
    offered = OfficeServiceFactory(office=office, service__name="Passports")
    host = HostFactory(office=office, name="Counter")
    given = {"name": "Counter", "services": [offered.service_id], "is_active": "on"}

    client.post(f"/admin/offices/host/{host.pk}/change/", given)

    change = SettingChange.objects.of(host).get()
    assert (change.by, change.after) == (manager, {"services": ["Passports"]})


def test_the_admin_keeps_what_an_office_offers(client, office, manager):
    client.force_login(manager)
    offered = OfficeServiceFactory(office=office)
    page = f"/admin/offices/officeservice/{offered.pk}"

    client.post(f"{page}/change/", {"buffer": "5"})
    client.post(f"{page}/delete/", {"post": "yes"})

    kinds = SettingChange.objects.of(offered).values_list("kind", "by")
    assert list(kinds) == [("deleted", manager.pk), ("changed", manager.pk)]


# --- it stays ---


def refused(statement):
    """Whether the trigger refuses it."""
    with (
        pytest.raises(IntegrityError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    return True


def test_the_database_lets_nobody_alter_or_delete_a_line(office, manager):
    before = list(SettingChange.objects.values())

    assert refused("UPDATE offices_settingchange SET by_id = NULL")
    assert refused("DELETE FROM offices_settingchange")
    assert list(SettingChange.objects.values()) == before


def test_the_database_lets_nobody_empty_the_history(office, manager):
    before = SettingChange.objects.count()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL offices.forgetting = 'on'")
        assert refused("TRUNCATE offices_settingchange")

    assert SettingChange.objects.count() == before > 0


def test_only_forgetting_lets_old_lines_go_and_then_nothing_more(office, manager):
    SettingChange.objects.bulk_create(
        [
            SettingChange(
                model="offices.office",
                row=office.pk,
                name="Old",
                kind="changed",
                at=timezone.now() - timedelta(days=4000),
            )
        ]
    )
    kept = SettingChange.objects.exclude(name="Old").count()

    gone = history.forget(before=timezone.now() - timedelta(days=3650))

    assert (gone, SettingChange.objects.count()) == (1, kept)
    assert refused("DELETE FROM offices_settingchange")


def test_lines_are_forgotten_after_ten_years(office, manager):
    line = SettingChange.objects.get()

    with time_machine.travel(line.at + timedelta(days=3652)):
        purge()
        kept = SettingChange.objects.count()
    with time_machine.travel(line.at + timedelta(days=3654)):
        purge()

    assert (kept, SettingChange.objects.count()) == (1, 0)


def test_a_line_outlives_the_office_and_the_person(office, manager, admin):
    office.phone = "089 233"
    availability.save_office(office, by=manager)
    number, person = office.pk, manager.pk
    availability.delete_office(office, by=admin)
    manager.delete()

    rows = SettingChange.objects.filter(row=number, model="offices.office")
    deleted, changed = rows.select_related("office", "by")
    assert [(row.kind, row.office) for row in (deleted, changed)] == [
        *[("deleted", None), ("changed", None)]
    ]
    assert changes.who(deleted) == "Ada Admin"
    assert changes.who(changed) == f"An account that is gone (number {person})"
    assert set(SettingChange.objects.visible_to(admin)) >= set(rows)


# --- who sees it ---


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.HOST, False),
        (Role.MANAGER, True),
        (Role.RECEPTION, False),
        (Role.SECRETARY, False),
    ],
)
def test_who_manages_the_office_sees_its_history_and_nobody_else(
    client, office, role, sees
):
    member = MembershipFactory(office=office, role=role).user
    MembershipFactory(office=office, user__name="Erika")
    client.force_login(member)

    response = client.get("/admin/offices/settingchange/")

    assert SettingChange.objects.visible_to(member).exists() is sees
    assert response.status_code == (200 if sees else 403)


def test_a_manager_of_another_office_sees_none_of_it(client, office, manager):
    stranger = MembershipFactory(role=Role.MANAGER).user
    line = SettingChange.objects.filter(office=office).first()
    client.force_login(stranger)

    shown = client.get("/admin/offices/settingchange/")

    assert "Max Manager" not in shown.text
    path = f"/admin/offices/settingchange/{line.pk}/change/"
    assert client.get(path).status_code == 404
    assert client.get(f"/admin/offices/office/{office.pk}/history/").status_code == 404


def test_nobody_writes_it_by_hand(client, office, manager, admin):
    line = SettingChange.objects.first()
    client.force_login(admin)

    statuses = [
        client.post(f"/admin/offices/settingchange/{path}").status_code
        for path in ("add/", f"{line.pk}/change/", f"{line.pk}/delete/")
    ]

    assert statuses == [403, 403, 403]


def test_the_list_is_narrowed_by_office_kind_and_who(client, office, manager, admin):
    office.phone = "089 233"
    availability.save_office(office, by=manager)
    client.force_login(admin)
    asked = {
        "office__id__exact": office.pk,
        "setting": "offices.office",
        "kind__exact": "changed",
        "who": manager.pk,
    }

    response = client.get("/admin/offices/settingchange/", asked)

    (line,) = response.context["cl"].result_list
    assert (line.by, line.after) == (manager, {"phone": "089 233"})
    system = client.get("/admin/offices/settingchange/", {"who": "system"})
    assert {row.by for row in system.context["cl"].result_list} == {None}
    assert client.get("/admin/offices/settingchange/?who=x").status_code == 200


def test_each_setting_has_its_history_in_words(client, office, manager):
    client.force_login(manager)
    office.approval_required = True
    office.lead_time = timedelta(minutes=90)
    availability.save_office(office, by=manager)

    page = client.get(f"/admin/offices/office/{office.pk}/change/")
    response = client.get(f"/admin/offices/office/{office.pk}/history/")

    (entry,) = response.context["entries"]
    assert f"/admin/offices/office/{office.pk}/history/" in page.text
    assert (entry["who"], entry["change"].get_kind_display()) == (
        *("Max Manager", "Changed"),
    )
    assert [tuple(line) for line in entry["lines"]] == [
        ("lead time (minutes)", "1 hour", "1 hour 30 minutes"),
        ("requests need approval", "no", "yes"),
    ]


def test_who_may_not_change_a_setting_is_not_offered_its_history(client, office):
    client.force_login(MembershipFactory(office=office, role=Role.HOST).user)
    host = HostFactory(office=office)

    page = client.get(f"/admin/offices/host/{host.pk}/change/")

    assert "/history/" not in page.text
    assert client.get(f"/admin/offices/host/{host.pk}/history/").status_code == 403


def test_words_are_those_of_the_reader_and_times_those_of_the_office(office, manager):
    office.time_zone, office.status = "Asia/Kathmandu", "suspended"
    office.save()
    host = OpenHostFactory(office=office)
    rule = AvailabilityRule(weekdays=[1, 3], start_time=time(8), end_time=time(12))
    availability.set_hours(host, save=[rule], by=None)
    line = SettingChange.objects.of(rule).select_related("office", "by").get()

    with translation.override("en"):
        words = {each.label: each.after for each in changes.lines(line)}
        who = changes.who(line)

    assert words["weekdays"] == "Monday, Wednesday"
    assert words["from"] == "08:00"
    assert who == "The system"


def test_a_field_of_an_earlier_release_is_still_told(office):
    line = SettingChange(
        office=office,
        model="offices.office",
        row=office.pk,
        name="Town hall",
        kind="changed",
        before={"fax": "1"},
        after={"fax": "2"},
    )

    assert [tuple(each) for each in changes.lines(line)] == [("fax", "1", "2")]


def test_line_breaks_of_a_browser_are_no_change(office, manager):
    office.accessibility = "Ramp\nLift"
    office.save()
    office.accessibility = "Ramp\r\nLift"

    availability.save_office(office, by=manager)

    assert said("offices.office") == []
