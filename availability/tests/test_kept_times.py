"""Answers about free times are kept, and never told once something has changed."""

import random
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from rest_framework.test import APIClient

from appointments.operations import cancel
from appointments.tests.factories import AppointmentFactory, local
from availability import kept_times, operations
from availability.models import AvailabilityException, AvailabilityRule
from availability.tests.factories import OpenHostFactory
from config import caching
from offices.tests.callers import API, told
from offices.tests.factories import OfficeServiceFactory, ServiceFactory

pytestmark = pytest.mark.django_db

MONDAY = date(2027, 1, 11)
WEEK = {"from": MONDAY, "to": MONDAY + timedelta(days=6)}


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel("2027-01-10T12:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered():
    """A quarter of an hour, at an office with two counters from 8:00 to 9:00."""
    offered = OfficeServiceFactory()
    OpenHostFactory.create_batch(2, office=offered.office, hours=(time(8), time(9)))
    return offered


def ask(offered, *, headers=None, **query):
    url = f"{API}/availability/hosts/{offered.office_id}/slots"
    return APIClient().get(
        url, {"service": offered.service_id, **WEEK, **query}, headers=headers
    )


def fresh(offered, **query):
    cache.clear()
    return ask(offered, **query)


def starts(response):
    return [slot["starts_at"][:16] for slot in response.json()["slots"]]


def found(outcome):
    return caching.metrics.CACHE.labels("free_times", outcome)._value.get()


def eight(offered):
    return local(offered.office, MONDAY, time(8))


def test_it_is_worked_out_once(offered, django_assert_num_queries):
    first = ask(offered)
    hits, misses = found("hit"), found("miss")

    with django_assert_num_queries(1):
        second = ask(offered)

    assert (second.content, second["ETag"]) == (first.content, first["ETag"])
    assert (found("hit"), found("miss")) == (hits + 1, misses)


def test_who_has_it_is_not_sent_it_again(offered):
    etag = ask(offered)["ETag"]

    kept = ask(offered, headers={"If-None-Match": etag})
    anew = fresh(offered, headers={"If-None-Match": etag})

    assert (kept.status_code, kept.content) == (304, b"")
    assert (anew.status_code, anew.content) == (304, b"")


def test_each_question_has_its_own(offered):
    offered.own_max_quantity = 2
    offered.save()
    host = offered.office.hosts.first().pk
    other = OfficeServiceFactory(office=offered.office)
    questions = [
        (offered, {}),
        (offered, {"to": MONDAY}),
        (offered, {"quantity": 2}),
        (offered, {"host": host}),
        (other, {}),
    ]

    bodies = [ask(each, **query).content for each, query in questions]

    assert bodies == [fresh(each, **query).content for each, query in questions]
    assert len(set(bodies)) == len(bodies)


# --- what is committed shows at once ---


def set_hours(offered):
    host = offered.office.hosts.first()
    rule = AvailabilityRule(weekdays=[1], start_time=time(10), end_time=time(11))
    operations.set_hours(host, save=[rule], by=None)


def be_away(offered):
    host = offered.office.hosts.first()
    away = AvailabilityException(kind="away", day=MONDAY)
    operations.set_hours(host, save=[away], by=None)


def close(offered):
    ends_at = eight(offered) + timedelta(minutes=30)
    operations.close(offered.office, starts_at=eight(offered), ends_at=ends_at, by=None)


def let_expire(offered):
    with time_machine.travel("2027-01-10T13:00:00Z", tick=False):
        operations.sweep_holds()


def save(row, **values):
    """In a transaction of its own, which names the version."""
    with transaction.atomic():
        for name, value in values.items():
            setattr(row, name, value)
        row.save()


def serve_another(offered):
    with transaction.atomic():
        offered.office.hosts.first().services.add(ServiceFactory())


def serve_all_again(offered):
    with transaction.atomic():
        offered.office.hosts.first().services.clear()


def cancel_it(offered):
    cancel(offered.office.appointments.get(), by=None)


def hold(offered):
    operations.hold(offered, eight(offered), holder="me")


# One after the other; each changes the answer.
CHANGES = {
    "book": lambda it: AppointmentFactory(offered=it, starts_at=eight(it)),
    "cancel": cancel_it,
    "hold": hold,
    "expire": let_expire,
    "hold again": hold,
    "release": lambda it: operations.release(holder="me"),
    "hours": set_hours,
    "away": be_away,
    "closure": close,
    "serves another": serve_another,
    "serves all": serve_all_again,
    "service": lambda it: save(it.service, duration=timedelta(minutes=45)),
    "offer": lambda it: save(it, own_duration=timedelta(minutes=30)),
    "lead time": lambda it: save(it.office, lead_time=timedelta(days=2)),
    "horizon": lambda it: save(it.office, booking_horizon_days=4),
    "suspended": lambda it: save(it.office, status="suspended"),
}


def test_whatever_changes_shows_at_once(offered):
    wrong = []
    for name, change in CHANGES.items():
        before = ask(offered).content

        change(offered)

        now = ask(offered).content
        if now == before or now != fresh(offered).content:
            wrong.append(name)
    assert wrong == []


def test_what_changes_while_it_is_worked_out_is_not_told_later(offered):
    def answer(work_out):
        return kept_times.kept(
            offered.office_id,
            offered.service_id,
            (MONDAY, MONDAY),
            about=lambda office: "test",
            work_out=work_out,
        )

    def too_late():
        hold(offered)
        return b"without eight"

    assert answer(too_late) == b"without eight"
    operations.release(holder="me")  # all is as it was, but for who wrote it

    assert answer(lambda: b"with eight") == b"with eight"
    assert answer(lambda: b"never asked") == b"with eight"


def test_kept_and_worked_out_are_one(offered, clock):
    """Whatever is held, given back or left to expire, as the day goes on."""
    office, chance = offered.office, random.Random(4)
    clock.move_to(datetime(2027, 1, 11, 6, tzinfo=office.zone))
    questions = [{}, {"to": MONDAY}, {"host": office.hosts.first().pk}]
    wrong = []
    for step in range(8):
        free = ask(offered).json()["slots"]
        todo = chance.choice(["hold", "hold", "release", "sweep"])
        if todo == "hold" and free:
            starts_at = datetime.fromisoformat(chance.choice(free)["starts_at"])
            operations.hold(offered, starts_at, holder=f"client {step % 3}")
        elif todo == "release":
            operations.release(holder=f"client {step % 3}")
        elif todo == "sweep":
            operations.sweep_holds()
        clock.shift(timedelta(minutes=chance.choice([1, 7, 15])))

        kept = [(ask(offered, **query), ask(offered, **query)) for query in questions]

        for query, answers in zip(questions, kept, strict=True):
            worked_out = fresh(offered, **query).content
            if any(answer.content != worked_out for answer in answers):
                wrong.append((step, todo, query))
    assert wrong == []


# --- the clock ---


@pytest.mark.parametrize("lead_time", [timedelta(0), timedelta(minutes=20)])
def test_it_changes_with_the_quarter_that_passes(lead_time, offered, clock):
    save(offered.office, lead_time=lead_time)
    clock.move_to(eight(offered) - lead_time - timedelta(minutes=1))
    before, hits = ask(offered), found("hit")

    clock.move_to(eight(offered) - lead_time)
    still, hits_then = ask(offered), found("hit")
    clock.shift(timedelta(seconds=1))
    after = ask(offered)

    assert starts(before)[0] == "2027-01-11T08:00"
    assert (still.content, hits_then) == (before.content, hits + 1)
    assert starts(after)[0] == "2027-01-11T08:15"
    assert after["ETag"] != before["ETag"]
    assert after.content == fresh(offered).content


def test_days_to_come_stay_as_they_are_while_time_passes(offered, clock):
    tomorrow = {"from": MONDAY + timedelta(days=1)}
    ask(offered, **tomorrow)
    hits = found("hit")
    clock.move_to(eight(offered) + timedelta(minutes=7))

    ask(offered, **tomorrow)

    assert found("hit") == hits + 1


def test_the_horizon_moves_at_midnight(offered, clock):
    save(offered.office, booking_horizon_days=2)
    before = ask(offered)
    clock.move_to(local(offered.office, MONDAY, time(0)))

    after = ask(offered)

    assert starts(before)[-1] == "2027-01-12T08:45"
    assert starts(after)[-1] == "2027-01-13T08:45"


def test_a_week_from_today_moves_at_midnight_too(offered, clock):
    query = {"from": "", "to": ""}
    before = ask(offered, **query)
    clock.move_to(local(offered.office, MONDAY, time(9)))

    after = ask(offered, **query)

    assert starts(before)[-1] == "2027-01-17T08:45"
    assert starts(after)[-1] == "2027-01-18T08:45"
    assert after.content == fresh(offered, **query).content


# --- what is not kept ---


def test_a_refusal_is_not_kept(offered):
    first = ask(offered, quantity=9)
    save(offered, own_max_quantity=9)

    assert told(first) == (409, "quantity_refused")
    assert ask(offered, quantity=9).status_code == 200


def test_what_nobody_may_know_does_not_exist_for_who_has_anything(offered):
    ask(offered)
    save(offered, is_public=False)

    response = ask(offered, headers={"If-None-Match": "*"})
    offered.office_id = 10**30

    assert response.status_code == 404
    assert ask(offered).status_code == 404


def test_without_redis_it_is_worked_out(offered, monkeypatch, settings):
    first = ask(offered)
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    monkeypatch.setattr(caching, "circuit", caching.Circuit("redis"))
    away = found("away")

    response = ask(offered)

    assert (response.content, response["ETag"]) == (first.content, first["ETag"])
    assert found("away") == away + 1
