"""A change of hours that travels through a form without being saved."""

from datetime import time, timedelta

import pytest
import time_machine
from django.core import signing

from accounts.tests.factories import AdminFactory
from appointments.impact.changes import HoursChange
from appointments.impact.decisions import CANCEL, LEAVE, Decision, Fate
from appointments.impact.exceptions import ChangeStale
from appointments.impact.words import summary_of
from appointments.tests.impact import away, change_of, everything, member_of
from appointments.tests.pages import NOW, town_hall, utc
from availability import operations as availability
from availability.models import AvailabilityException, AvailabilityRule
from availability.tests.factories import OpenHostFactory
from offices import operations as offices
from offices.models import Closure, ClosureKind

NINE = utc("2030-03-13T08:00")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(clock):
    """With a counter that is open every day from 8 to 16."""
    return town_hall().office


@pytest.fixture
def host(office):
    return office.hosts.get()


@pytest.fixture
def user(office):
    return member_of(office)


def closure(office, **fields):
    """The office is closed from nine to ten; unsaved."""
    ends_at = NINE + timedelta(hours=1)
    return Closure(
        **{"office": office, "starts_at": NINE, "ends_at": ends_at, **fields}
    )


def come_back(change, user):
    return HoursChange.loads(change.dumps(user=user), user=user)


def facts(row):
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


def test_it_comes_back_as_it_was(office, host, user):
    rule = host.rules.get()
    rule.end_time = time(12)
    new = AvailabilityRule(
        host=host, weekdays=[1, 5], start_time=time(13), end_time=time(15)
    )
    gone = closure(office)
    gone.save()
    rows = [rule, new, away(host), closure(office, host=host, reason="Training")]
    change = change_of(office, *rows, delete=[gone])

    again = come_back(change, user)

    assert (again.office, again.summary, again.back) == (office, "A change.", "/admin/")
    assert [facts(row) for row in again.save] == [facts(row) for row in rows]
    assert again.delete == [gone]


def test_applied_it_writes_what_it_says(office, host, user):
    rule = host.rules.get()
    rule.end_time = time(12)
    kept = closure(office)
    kept.save()
    change = change_of(office, rule, away(host), closure(office), delete=[kept])

    come_back(change, user).apply(by=user)

    assert host.rules.get().end_time == time(12)
    assert host.exceptions.count() == 1
    assert office.closures.exclude(pk=kept.pk).count() == 1
    assert not office.closures.filter(pk=kept.pk).exists()


def test_applied_twice_it_writes_two_new_rows(office, host, user):
    """The rows themselves are not saved, so that a trial leaves no trace in them."""
    change = change_of(office, away(host))

    change.apply(by=user)
    change.apply(by=user)

    assert AvailabilityException.objects.count() == 2
    assert change.save[0].pk is None


def test_a_holiday_that_is_deleted_is_overridden(office, user):
    holiday = closure(office, kind=ClosureKind.HOLIDAY)
    holiday.save()

    change_of(office, delete=[holiday]).apply(by=user)

    assert office.closures.get(pk=holiday.pk).is_overridden


def test_hours_of_several_hosts_are_written_together(office, host, user):
    other = OpenHostFactory(office=office)

    change_of(office, away(other), away(host)).apply(by=user)

    assert [h.exceptions.count() for h in (host, other)] == [1, 1]


# What is refused. -------------------------------------------------------------------


def refuse(text, user):
    before = everything()

    with pytest.raises(ChangeStale):
        HoursChange.loads(text, user=user)

    assert everything() == before


def test_a_text_of_ones_own(office, host, user):
    text = change_of(office, away(host)).dumps(user=user)

    refuse("", user)
    refuse(text[:-1] + ("a" if text[-1] != "a" else "b"), user)
    refuse(signing.dumps({"office": office.pk}, salt="appointments.impact"), user)


def test_that_of_somebody_else(office, host, user):
    text = change_of(office, away(host)).dumps(user=member_of(office))

    refuse(text, user)


def test_one_that_is_more_than_an_hour_old(office, host, user, clock):
    text = change_of(office, away(host)).dumps(user=user)
    clock.shift(timedelta(hours=1))
    HoursChange.loads(text, user=user)
    clock.shift(timedelta(seconds=1))

    refuse(text, user)


def test_one_of_an_office_that_one_has_left(office, host, user):
    text = change_of(office, away(host)).dumps(user=user)
    offices.add_member(AdminFactory(), office, "manager", by=None)
    offices.end_membership(user.memberships.get(), by=None)

    refuse(text, user)


def test_one_of_a_row_that_is_gone(office, host, user):
    gone = away(host)
    availability.set_hours(host, save=[gone], by=None)
    changed = change_of(office, gone).dumps(user=user)
    deleted = change_of(office, delete=[gone]).dumps(user=user)
    availability.set_hours(host, delete=[gone], by=None)

    refuse(changed, user)
    refuse(deleted, user)


# In words. --------------------------------------------------------------------------


def test_a_change_in_words(office, host):
    rule = host.rules.get()
    day = Closure(office=office, starts_at=NINE, ends_at=NINE + timedelta(hours=2))
    opened = closure(office, is_overridden=True)
    name = str(host)

    assert summary_of([rule], []) == f"Opening hours of {name}: {rule}."
    assert summary_of([], [rule]) == f"Opening hours of {name} deleted: {rule}."
    assert summary_of([away(host)], []) == (
        f"{name}: Away, Wednesday 13 March 2030 00:00 – 24:00."
    )
    assert summary_of([], [away(host)]) == (
        f"{name}: deleted: Away, Wednesday 13 March 2030 00:00 – 24:00."
    )
    assert summary_of([day], []) == "Town hall closed: Tomorrow, 09:00 – 11:00."
    assert summary_of([closure(office, host=host)], []) == (
        f"{name} closed: Tomorrow, 09:00 – 10:00."
    )
    assert summary_of([], [day]) == "Town hall open again: Tomorrow, 09:00 – 11:00."
    assert summary_of([opened], []) == "Town hall open: Tomorrow, 09:00 – 10:00."
    assert summary_of([day], [rule]).count(".") == 2


# Decisions as text. -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        (CANCEL, "cancel"),
        (LEAVE, "leave"),
        (Decision(Fate.GIVE, 7), "give 7"),
        (Decision(Fate.MOVE, 7, NINE), "move 7 2030-03-13T08:00:00+00:00"),
    ],
)
def test_a_decision_is_read_as_it_was_written(decision, text):
    assert str(decision) == text
    assert Decision.read(text) == decision


@pytest.mark.parametrize(
    "text",
    [
        "",
        "burn",
        "cancel 7",
        "give",
        "give me",
        "give 7 8",
        "move 7",
        "move 7 2030-03-13T08:00:00",
        "move 7 nine",
    ],
)
def test_anything_else_is_no_decision(text):
    with pytest.raises(ValueError):  # noqa: PT011 (whichever part is wrong)
        Decision.read(text)
