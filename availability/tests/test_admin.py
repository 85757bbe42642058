from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.tests.factories import AdminFactory
from appointments.tests.factories import AppointmentFactory, tomorrow_at
from availability import operations, quarters
from availability.admin.days import stretches
from availability.models import AvailabilityException, AvailabilityRule, Hold, HostDay
from availability.tests.factories import (
    EVERY_DAY,
    AvailabilityExceptionFactory,
    OpenHostFactory,
)
from offices.models import Closure, ClosureKind, Host
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db

RULES = reverse("admin:availability_availabilityrule_changelist")
ADD_RULE = reverse("admin:availability_availabilityrule_add")
ADD_CLOSURE = reverse("admin:offices_closure_add")
NINE_TO_TEN = {"weekdays": EVERY_DAY, "start_time": "09:00", "end_time": "10:00"}


@pytest.fixture
def office():
    return OfficeFactory(booking_horizon_days=3)


@pytest.fixture
def secretary(office, client):
    user = MembershipFactory(office=office, role=Role.SECRETARY).user
    client.force_login(user)
    return user


@pytest.fixture
def manager(office, client):
    user = MembershipFactory(office=office, role=Role.MANAGER).user
    client.force_login(user)
    return user


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors(response):
    return response.context["adminform"].form.errors


def change(row):
    return reverse(
        f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]
    )


def open_tomorrow(host):
    day = HostDay.objects.get(host=host, day=host.office.today() + timedelta(days=1))
    return stretches(day.open, day.day, host.office)


# --- hours ---


def test_saving_hours_opens_the_slots(client, office, secretary):
    host = HostFactory(office=office)

    client.post(ADD_RULE, {"host": host.pk, **NINE_TO_TEN})

    assert open_tomorrow(host) == "09:00–10:00"


def test_changing_hours_changes_the_slots(client, office, secretary):
    host = OpenHostFactory(office=office)

    client.post(change(host.rules.get()), NINE_TO_TEN)

    assert open_tomorrow(host) == "09:00–10:00"


def test_deleting_hours_closes_the_slots(client, office, secretary):
    host = OpenHostFactory(office=office)
    path = reverse(
        "admin:availability_availabilityrule_delete", args=[host.rules.get().pk]
    )

    client.post(path, {"post": "yes"})

    assert open_tomorrow(host) == "–"


def test_hours_of_several_hosts_are_deleted_at_once(client, office, secretary):
    hosts = [OpenHostFactory(office=office), OpenHostFactory(office=office)]

    client.post(
        RULES,
        {
            "action": "delete_selected",
            "_selected_action": [host.rules.get().pk for host in hosts],
            "post": "yes",
        },
    )

    assert [open_tomorrow(host) for host in hosts] == ["–", "–"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"end_time": "09:05"}, "end_time"),
        ({"end_time": "08:00"}, "__all__"),
        ({"weekdays": []}, "__all__"),
        ({"weekdays": [8]}, "weekdays"),
        ({"day": "2030-01-01"}, "__all__"),
        ({"valid_from": "2030-01-02", "valid_until": "2030-01-01"}, "__all__"),
    ],
)
def test_hours_that_are_wrong_are_refused_on_the_form(
    client, office, secretary, fields, wrong
):
    host = HostFactory(office=office)

    response = client.post(ADD_RULE, {"host": host.pk, **NINE_TO_TEN, **fields})

    assert list(errors(response)) == [wrong]
    assert not AvailabilityRule.objects.exists()


def test_hours_at_two_offices_at_once_are_refused_and_change_nothing(
    client, office, secretary
):
    host = HostFactory(office=office, user=secretary)
    OpenHostFactory(user=secretary)  # at another office, from eight to four
    HostDay.objects.filter(host=host).delete()

    response = client.post(ADD_RULE, {"host": host.pk, **NINE_TO_TEN})

    assert errors(response)["__all__"] == [
        "This person already has hours at another office at that time."
    ]
    assert not host.rules.exists()
    assert not host.days.exists()


@pytest.fixture
def needed_exception(office, secretary):
    """Time away that keeps a person from having hours at two offices at once."""
    host = OpenHostFactory(office=office, user=secretary)
    tomorrow = office.today() + timedelta(days=1)
    away = AvailabilityException(kind="away", day=tomorrow)
    operations.set_hours(host, save=[away], by=None)
    hours = AvailabilityRule(day=tomorrow, start_time=time(9), end_time=time(10))
    operations.set_hours(HostFactory(user=secretary), save=[hours], by=None)
    return away


EXCEPTION = "admin:availability_availabilityexception"
OVERLAP = "This person already has hours at another office at that time."


def test_a_refused_deletion_is_told_and_changes_nothing(client, needed_exception):
    path = reverse(f"{EXCEPTION}_delete", args=[needed_exception.pk])

    response = client.post(path, {"post": "yes"})

    assert said(response) == [OVERLAP]
    assert AvailabilityException.objects.get() == needed_exception
    assert open_tomorrow(needed_exception.host) == "–"


@pytest.fixture
def plain_exception(office):
    """Of an older host, so that its turn comes first."""
    host = OpenHostFactory(office=office)
    return AvailabilityExceptionFactory(host=host, day=office.today())


def test_several_rows_are_deleted_all_or_none(
    client, plain_exception, needed_exception
):
    both = [plain_exception, needed_exception]

    response = client.post(
        reverse(f"{EXCEPTION}_changelist"),
        {
            "action": "delete_selected",
            "_selected_action": [row.pk for row in both],
            "post": "yes",
        },
    )

    assert said(response) == [OVERLAP]
    assert set(AvailabilityException.objects.all()) == set(both)
    assert not LogEntry.objects.exists()


def test_nobody_sets_hours_at_an_office_of_others(client, secretary):
    host = HostFactory()

    response = client.post(ADD_RULE, {"host": host.pk, **NINE_TO_TEN})

    assert list(errors(response)) == ["host"]
    assert not host.rules.exists()


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION])
def test_hosts_and_reception_do_not_change_hours(client, office, role):
    client.force_login(MembershipFactory(office=office, role=role).user)
    rule = OpenHostFactory(office=office).rules.get()

    assert client.get(change(rule)).status_code == 200
    assert client.post(change(rule), NINE_TO_TEN).status_code == 403
    assert client.post(ADD_RULE, {}).status_code == 403
    client.post(
        RULES,
        {"action": "delete_selected", "_selected_action": [rule.pk], "post": "yes"},
    )
    rule.refresh_from_db()
    assert rule.end_time == time(16)


def test_an_exception_takes_time_away(client, office, secretary):
    host = OpenHostFactory(office=office)
    tomorrow = office.today() + timedelta(days=1)

    client.post(
        reverse("admin:availability_availabilityexception_add"),
        {
            "host": host.pk,
            "kind": "away",
            "day": tomorrow,
            "start_time": "12:00",
            "end_time": "00:00",
        },
    )

    assert open_tomorrow(host) == "08:00–12:00"


# --- closures ---


def test_a_closure_is_typed_and_shown_in_the_offices_time(client):
    office = OfficeFactory(time_zone="Asia/Kathmandu", country="NP")
    client.force_login(MembershipFactory(office=office, role=Role.SECRETARY).user)

    client.post(
        ADD_CLOSURE,
        {
            "office": office.pk,
            "starts_at": "2030-05-01T08:00",
            "ends_at": "2030-05-01T12:30",
            "reason": "Water in the cellar",
        },
    )

    closure = Closure.objects.get(reason="Water in the cellar")
    assert closure.starts_at == datetime(2030, 5, 1, 2, 15, tzinfo=UTC)
    assert closure.ends_at == datetime(2030, 5, 1, 6, 45, tzinfo=UTC)
    assert 'value="2030-05-01T08:00"' in client.get(change(closure)).text


def test_saving_a_closure_unchanged_changes_nothing(client, office, secretary):
    starts_at = tomorrow_at(office, time(10))
    closure = operations.close(
        office, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), by=None
    )

    client.post(
        change(closure),
        {
            "starts_at": f"{starts_at:%Y-%m-%dT%H:%M}",
            "ends_at": f"{starts_at:%Y-%m-%dT}11:00",
        },
    )

    assert Closure.objects.get(pk=closure.pk).starts_at == starts_at


def test_an_hour_that_clocks_skip_is_refused(client, office, secretary):
    response = client.post(
        ADD_CLOSURE,
        {
            "office": office.pk,
            "starts_at": "2030-03-31T02:30",
            "ends_at": "2030-03-31T12:00",
        },
    )

    assert list(errors(response)) == ["starts_at"]


def test_a_closure_closes_the_slots_and_deleting_it_opens_them(
    client, office, secretary
):
    host = OpenHostFactory(office=office)
    tomorrow = office.today() + timedelta(days=1)

    client.post(
        ADD_CLOSURE,
        {
            "office": office.pk,
            "starts_at": f"{tomorrow}T00:00",
            "ends_at": f"{tomorrow}T12:00",
        },
    )
    closed = open_tomorrow(host)
    closure = Closure.objects.get(kind=ClosureKind.STAFF)
    client.post(
        reverse("admin:offices_closure_delete", args=[closure.pk]), {"post": "yes"}
    )

    assert (closed, open_tomorrow(host)) == ("12:00–16:00", "08:00–16:00")


def test_a_closure_that_ends_before_it_starts_is_refused(client, office, secretary):
    response = client.post(
        ADD_CLOSURE,
        {
            "office": office.pk,
            "starts_at": "2030-05-02T08:00",
            "ends_at": "2030-05-01T08:00",
        },
    )

    assert errors(response)["__all__"] == ["The closure must end after it starts."]


def test_a_form_without_office_is_shown_again(client, office, secretary):
    response = client.post(ADD_CLOSURE, {"starts_at": "2030-05-02T08:00"})

    assert set(errors(response)) == {"office", "ends_at"}


@pytest.fixture
def christmas(office):
    with time_machine.travel("2030-12-24 12:00Z", tick=False):
        operations.generate([office])
        yield office.closures.get(reason__startswith="Christmas Day")


def test_an_office_opens_on_a_public_holiday(client, office, secretary, christmas):
    host = OpenHostFactory(office=office)
    closed = open_tomorrow(host)

    client.post(change(christmas), {"is_overridden": "on"})

    assert (closed, open_tomorrow(host)) == ("–", "08:00–16:00")


def test_a_public_holiday_is_not_deleted(client, secretary, christmas):
    path = reverse("admin:offices_closure_delete", args=[christmas.pk])

    assert client.post(path, {"post": "yes"}).status_code == 403


# --- offices and hosts ---


def office_fields(office, **changes):
    """What the office's form sends when nothing but `changes` is changed."""
    names = [
        *("name", "slug", "status", "country", "subdivision", "time_zone", "language"),
        *("booking_horizon_days", "max_open_appointments", "queue_rule"),
        "retention_days",
    ]
    minutes = {"lead_time": 60, "cancellation_cutoff": 0, "hold_time": 10}
    return {name: getattr(office, name) for name in names} | minutes | changes


def test_another_time_zone_moves_the_hours(client, office, manager):
    host = OpenHostFactory(office=office)

    client.post(change(office), office_fields(office, time_zone="Asia/Kathmandu"))

    host = Host.objects.get(pk=host.pk)
    day = host.office.today() + timedelta(days=1)
    first = next(quarters.numbers(HostDay.objects.get(host=host, day=day).open))
    starts_at = quarters.start_of(first, quarters.local_day(day, "Asia/Kathmandu"))
    assert starts_at == datetime.combine(day, time(8), host.office.zone)
    assert open_tomorrow(host) == "08:00–16:00"


def test_another_time_zone_is_refused_while_times_to_come_are_taken(
    client, office, manager
):
    AppointmentFactory(offered=OfficeServiceFactory(office=office))

    response = client.post(
        change(office), office_fields(office, time_zone="Asia/Kathmandu", city="Rome")
    )

    office.refresh_from_db()
    assert errors(response)["__all__"] == [
        "Appointments to come, or times that people are keeping at this moment, "
        "depend on this. Move or cancel them first."
    ]
    assert (office.time_zone, office.city) == ("Europe/Berlin", "Musterstadt")


def test_other_facts_can_change_while_times_are_taken(client, office, manager):
    AppointmentFactory(offered=OfficeServiceFactory(office=office))

    client.post(change(office), office_fields(office, city="Rome"))

    office.refresh_from_db()
    assert office.city == "Rome"


def test_another_country_has_other_holidays(client, office, manager, christmas):
    operations.save_closure(_overridden(christmas), by=None)

    client.post(change(office), office_fields(office, country="FR"))

    reasons = office.closures.values_list("reason", "is_overridden")
    assert dict(reasons) == {"Christmas Day": True}


def _overridden(closure):
    closure.is_overridden = True
    return closure


def test_a_longer_horizon_opens_more_days(client, office, manager):
    host = OpenHostFactory(office=office)

    client.post(change(office), office_fields(office, booking_horizon_days=10))

    last = host.days.latest("day").day
    assert last == office.today() + timedelta(days=10)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"country": "XX"}, "country"),
        ({"subdivision": "XX"}, "__all__"),
        ({"hold_time": "0"}, "__all__"),
        ({"lead_time": "-5"}, "lead_time"),
    ],
)
def test_facts_that_are_wrong_are_refused_on_the_form(
    client, office, manager, fields, wrong
):
    response = client.post(change(office), office_fields(office, **fields))

    assert list(errors(response)) == [wrong]


def test_only_superusers_make_offices(client, office, manager):
    path = reverse("admin:offices_office_add")
    fields = office_fields(office, name="New", slug="new")

    assert client.post(path, fields).status_code == 403
    client.force_login(AdminFactory())
    assert client.post(path, fields).status_code == 302


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HOST, Role.RECEPTION])
def test_only_managers_change_office_and_hosts(client, office, role):
    client.force_login(MembershipFactory(office=office, role=role).user)
    host = HostFactory(office=office)

    assert client.post(change(office), office_fields(office)).status_code == 403
    assert client.post(change(host), {"name": "New"}).status_code == 403


def test_an_inactive_host_offers_nothing(client, office, manager):
    host = OpenHostFactory(office=office)

    client.post(change(host), {"name": host.name})

    assert open_tomorrow(host) == "–"


def test_a_host_stays_at_its_office(client, office, manager):
    host = HostFactory(office=office)

    client.post(
        change(host), {"name": "New", "office": OfficeFactory().pk, "is_active": "on"}
    )

    host.refresh_from_db()
    assert (host.name, host.office) == ("New", office)


def test_another_person_behind_a_host_is_refused_while_times_are_taken(
    client, office, manager
):
    host = OpenHostFactory(office=office)
    AppointmentFactory(offered=OfficeServiceFactory(office=office), host=host)

    response = client.post(
        change(host), {"name": host.name, "user": manager.pk, "is_active": "on"}
    )

    host.refresh_from_db()
    assert errors(response)["__all__"]
    assert host.user is None


def test_a_person_with_hours_elsewhere_cannot_become_a_host_with_the_same(
    client, office, manager
):
    host = OpenHostFactory(office=office)
    OpenHostFactory(user=manager)

    response = client.post(
        change(host), {"name": host.name, "user": manager.pk, "is_active": "on"}
    )

    host.refresh_from_db()
    assert errors(response)["__all__"] == [
        "This person already has hours at another office at that time."
    ]
    assert host.user is None


# --- days and holds ---


@pytest.fixture
def hold(office):
    offered = OfficeServiceFactory(office=office)
    OpenHostFactory(office=office)
    starts_at = tomorrow_at(office, time(11))
    return operations.hold(offered, starts_at, holder="somebody")


def test_a_host_day_reads_as_stretches_of_time(client, office, secretary, hold):
    path = reverse("admin:availability_hostday_changelist")

    page = client.get(path).text

    assert "11:00–11:15" in page
    assert "08:00–11:00, 11:15–16:00" in page


@pytest.mark.parametrize(
    ("day", "found", "words"),
    [
        (date(2030, 5, 1), 0, "–"),
        (date(2030, 5, 1), quarters.wall_span(time(8), time(0)), "08:00–00:00"),
        # Clocks go forward at two: four quarters from one o'clock end at three.
        (date(2030, 3, 31), quarters.span(4, 4), "01:00–03:00"),
    ],
)
def test_stretches_are_those_of_the_offices_clock(day, found, words):
    assert stretches(found, day, OfficeFactory.build()) == words


def test_staff_who_book_release_holds(client, office, secretary, hold):
    path = reverse("admin:availability_hold_changelist")

    response = client.post(path, {"action": "release", "_selected_action": [hold.pk]})

    assert said(response) == [f"{hold}: Released."]
    assert not Hold.objects.exists()
    assert HostDay.objects.get(host=hold.host, day=hold.day).claimed == 0


def test_hosts_do_not_release_holds(client, office, hold):
    client.force_login(MembershipFactory(office=office, role=Role.HOST).user)
    path = reverse("admin:availability_hold_changelist")

    client.post(path, {"action": "release", "_selected_action": [hold.pk]})

    assert Hold.objects.get() == hold


def test_the_holder_of_a_hold_is_nobodys_to_read(client, secretary, hold):
    assert "somebody" not in client.get(change(hold)).text
