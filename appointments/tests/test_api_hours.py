"""Hours, exceptions and closures by API, and whom a change would hurt."""

from datetime import time, timedelta

import pytest

from accounts.tests.factories import UserFactory
from appointments.tests.factories import AppointmentFactory
from availability.models import AvailabilityException, AvailabilityRule, HostDay
from availability.tests.factories import (
    AvailabilityExceptionFactory,
    AvailabilityRuleFactory,
    OpenHostFactory,
)
from offices.models import Closure, ClosureKind
from offices.tests.callers import API, caller, errors, told
from offices.tests.factories import (
    ClosureFactory,
    HostFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db

RULE = {"weekdays": [1], "start_time": "08:00", "end_time": "12:00"}


@pytest.fixture
def office():
    return OfficeFactory(booking_horizon_days=3)


@pytest.fixture
def host(office):
    return OpenHostFactory(office=office)


@pytest.fixture
def secretary(office):
    return caller("secretary", office)


@pytest.fixture
def appointment(office, host):
    """Tomorrow at nine, a quarter of an hour."""
    return AppointmentFactory(offered=OfficeServiceFactory(office=office), host=host)


def tomorrow(office):
    return office.today() + timedelta(days=1)


def day_of(office, number, clock="00:00"):
    """An instant on the office's clock, so many days from today."""
    day = office.today() + timedelta(days=number)
    return f"{day}T{clock}:00+00:00"


def state():
    """All that changing hours could change."""
    models = (AvailabilityRule, AvailabilityException, Closure, HostDay)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_hours_are_offered_once_they_are_added(office, secretary):
    host = HostFactory(office=office)
    weekday = tomorrow(office).isoweekday()

    response = secretary.post(
        f"{API}/availability/hosts/{office.pk}",
        {**RULE, "host": host.pk, "weekdays": [weekday]},
    )

    assert response.json() == {
        "id": host.rules.get().pk,
        "host": host.pk,
        "weekdays": [weekday],
        "day": None,
        "start_time": "08:00",
        "end_time": "12:00",
        "valid_from": None,
        "valid_until": None,
    }
    assert host.days.get(day=tomorrow(office)).open.bit_count() == 16


def test_hours_can_be_once(office, secretary):
    host = HostFactory(office=office)
    once = {"host": host.pk, "day": tomorrow(office), "weekdays": []}

    response = secretary.post(f"{API}/availability/hosts/{office.pk}", {**RULE, **once})

    assert response.status_code == 201
    assert host.days.get(day=tomorrow(office)).open.bit_count() == 16


def test_what_is_wrong_is_named(office, host, secretary):
    elsewhere = HostFactory()
    rule = {**RULE, "host": host.pk}
    exception = {"host": host.pk, "kind": "away", "day": tomorrow(office)}
    closure = {
        "office": office.pk,
        "starts_at": day_of(office, 1),
        "ends_at": day_of(office, 2),
    }
    wrongs = [
        (f"hosts/{office.pk}", {**rule, "host": elsewhere.pk}, "host"),
        (f"hosts/{office.pk}", {**rule, "weekdays": [8]}, "weekdays.0"),
        (f"hosts/{office.pk}", {**rule, "start_time": "08:10"}, "start_time"),
        (f"hosts/{office.pk}", {**rule, "end_time": "07:00"}, "non_field_errors"),
        (f"hosts/{office.pk}", {**rule, "day": "2027-01-11"}, "non_field_errors"),
        ("exceptions", {**exception, "host": elsewhere.pk}, "host"),
        ("exceptions", {**exception, "kind": "late"}, "kind"),
        ("exceptions", {**exception, "day": "9999-12-31"}, "day"),
        ("closures", {**closure, "office": elsewhere.office_id}, "office"),
        ("closures", {**closure, "ends_at": day_of(office, 0)}, "non_field_errors"),
        ("closures", {**closure, "starts_at": "0001-01-01T00:00Z"}, "starts_at"),
    ]
    before = state()

    found = [
        errors(secretary.post(f"{API}/availability/{path}", body))
        for path, body, _field in wrongs
    ]

    assert found == [(400, [field]) for _path, _body, field in wrongs]
    assert state() == before


def test_a_time_with_any_offset_is_understood(secretary):
    since = "2027-01-11T09:00:00%2B23:59"

    response = secretary.get(f"{API}/availability/closures?since={since}")

    assert response.status_code == 200


@pytest.mark.parametrize(
    "since", ["0078-10-23T05:46:06%2B21:48", "9999-12-31T23:59:59-12:00"]
)
def test_a_time_that_is_far_away_is_refused(since, secretary):
    response = secretary.get(f"{API}/availability/closures?since={since}")

    [error] = response.json()["errors"]["since"]
    assert (response.status_code, error["code"]) == (400, "invalid")


def test_rows_are_those_of_the_office_and_filtered(office, host, secretary):
    OpenHostFactory()
    other = OpenHostFactory(office=office)
    day = tomorrow(office)
    AvailabilityExceptionFactory(host=host, day=day)
    AvailabilityExceptionFactory(host=other, day=day + timedelta(days=1))
    closed = ClosureFactory(
        office=office, starts_at=day_of(office, 1), ends_at=day_of(office, 2)
    )

    def count(path, **query):
        response = secretary.get(f"{API}/availability/{path}", query)
        return len(response.json()["results"])

    assert count(f"hosts/{office.pk}") == 2
    assert count(f"hosts/{office.pk}", host=host.pk) == 1
    assert count("exceptions", office=office.pk) == 2
    assert count("exceptions", since=day + timedelta(days=1)) == 1
    assert count("exceptions", host=other.pk, until=day) == 0
    assert count("closures", kind="staff", since=closed.ends_at) == 0
    assert count("closures", kind="staff", until=day_of(office, 5)) == 1


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("path", ["hosts/{}", "exceptions", "closures"])
def test_lists_take_no_query_a_row(many, path, office, django_assert_max_num_queries):
    for number in range(many):
        host = HostFactory(office=office)
        AvailabilityRuleFactory(host=host)
        AvailabilityExceptionFactory(host=host, day=tomorrow(office))
        ClosureFactory(
            office=office,
            starts_at=day_of(office, number),
            ends_at=day_of(office, number + 1),
        )
    secretary = caller("secretary", office)

    with django_assert_max_num_queries(5):
        secretary.get(f"{API}/availability/{path.format(office.pk)}")


# --- whom it would hurt ---


def of_rule(office, host):
    rule = host.rules.get()
    return "patch", f"rules/{rule.pk}", {"start_time": "10:00"}


def of_rule_deleted(office, host):
    return "delete", f"rules/{host.rules.get().pk}", None


def of_exception(office, host):
    day = tomorrow(office)
    body = {"host": host.pk, "kind": "away", "day": day, "end_time": "10:00"}
    return "post", "exceptions", body


def of_exception_deleted(office, host):
    """The appointment is in hours that only an exception gives."""
    host.rules.all().delete()
    extra = AvailabilityExceptionFactory(host=host, kind="extra", day=tomorrow(office))
    return "delete", f"exceptions/{extra.pk}", None


def of_closure(office, host):
    body = {
        "office": office.pk,
        "starts_at": day_of(office, 0),
        "ends_at": day_of(office, 3),
    }
    return "post", "closures", body


def of_closure_changed(office, host):
    closure = ClosureFactory(
        office=office, starts_at=day_of(office, 5), ends_at=day_of(office, 6)
    )
    return "patch", f"closures/{closure.pk}", {"starts_at": day_of(office, 0)}


CHANGES = [
    of_rule,
    of_rule_deleted,
    of_exception,
    of_exception_deleted,
    of_closure,
    of_closure_changed,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_preview_names_whom_it_would_hurt_and_changes_nothing(
    change, office, host, appointment, secretary
):
    method, path, body = change(office, host)
    before = state()

    response = getattr(secretary, method)(
        f"{API}/availability/{path}?preview=true", body
    )

    assert response.status_code == 200
    assert response.json() == {
        "unsupported": [
            {
                "id": str(appointment.pk),
                "reference": appointment.reference,
                "status": "confirmed",
                "service": appointment.service_id,
                "host": host.pk,
                "starts_at": appointment.local_start.isoformat(),
                "ends_at": appointment.local_end.isoformat(),
            }
        ]
    }
    assert state() == before


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_same_without_preview_is_done(change, office, host, appointment, secretary):
    method, path, body = change(office, host)

    response = getattr(secretary, method)(f"{API}/availability/{path}", body)

    found = type(appointment).objects.unsupported().get()
    assert response.status_code in (200, 201, 204)
    assert found == appointment


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_preview_is_for_those_who_may_do_it(change, office, host, appointment):
    method, path, body = change(office, host)

    response = getattr(caller("host", office), method)(
        f"{API}/availability/{path}?preview=true", body
    )

    assert told(response) == (403, "permission_denied")


def test_who_has_no_hours_already_is_not_named(office, host, appointment, secretary):
    secretary.delete(f"{API}/availability/rules/{host.rules.get().pk}")

    response = secretary.post(
        f"{API}/availability/exceptions?preview=true",
        {"host": host.pk, "kind": "away", "day": tomorrow(office)},
    )

    assert response.json() == {"unsupported": []}


def test_a_preview_is_asked_for_in_so_many_words(office, host, secretary):
    rule = f"{API}/availability/rules/{host.rules.get().pk}"

    response = secretary.delete(f"{rule}?preview=perhaps")

    assert errors(response) == (400, ["preview"])
    assert host.rules.exists()


def test_preview_costs_no_query_an_appointment(
    office, host, secretary, django_assert_max_num_queries
):
    offered = OfficeServiceFactory(office=office)
    rule = f"{API}/availability/rules/{host.rules.get().pk}?preview=true"
    starts_at = AppointmentFactory(offered=offered, host=host).starts_at
    with django_assert_max_num_queries(40) as first:
        secretary.delete(rule)
    for number in range(1, 4):
        at = starts_at + number * timedelta(hours=1)
        AppointmentFactory(offered=offered, host=host, starts_at=at)

    with django_assert_max_num_queries(len(first)):
        assert len(secretary.delete(rule).json()["unsupported"]) == 4


# --- what else can be ---


def test_a_person_does_not_offer_an_hour_twice(office, secretary):
    there = OpenHostFactory()
    here = HostFactory(office=office, user=UserFactory())
    there.user = here.user
    there.save()

    response = secretary.post(
        f"{API}/availability/exceptions",
        {"host": here.pk, "kind": "extra", "day": tomorrow(office)},
    )

    assert told(response) == (409, "hours_overlap")
    assert not here.exceptions.exists()


def test_a_holiday_that_is_deleted_is_overridden(office, secretary):
    holiday = ClosureFactory(
        office=office,
        kind=ClosureKind.HOLIDAY,
        starts_at=day_of(office, 1),
        ends_at=day_of(office, 2),
    )

    secretary.delete(f"{API}/availability/closures/{holiday.pk}")

    holiday.refresh_from_db()
    assert holiday.is_overridden


def test_closures_are_told_on_the_office_clock(secretary, office):
    response = secretary.post(
        f"{API}/availability/closures",
        {
            "office": office.pk,
            "starts_at": "2027-01-11T07:00:00Z",
            "ends_at": "2027-01-11T09:00:00Z",
        },
    )

    assert response.json()["starts_at"] == "2027-01-11T08:00:00+01:00"


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_change_of_what_has_changed_is_refused(method, office, host, secretary):
    url = f"{API}/availability/rules/{host.rules.get().pk}"
    etag = secretary.get(url)["ETag"]
    secretary.patch(url, {"end_time": "15:00"}, headers={"If-Match": etag})

    response = getattr(secretary, method)(url, {}, headers={"If-Match": etag})

    assert told(response) == (412, "precondition_failed")
    assert host.rules.get().end_time == time(15)
