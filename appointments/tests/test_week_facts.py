"""The hours that the calendar tells are those that are precomputed."""

import random
from datetime import UTC, datetime, time, timedelta

import pytest

from appointments.tests.calendar_world import (
    AUTUMN_NOW,
    NOW,
)
from appointments.week.facts import Facts
from availability.generation import generate
from availability.models import AvailabilityException, AvailabilityRule, HostDay
from offices.tests.factories import (
    ClosureFactory,
    HostFactory,
    OfficeFactory,
)

pytestmark = pytest.mark.django_db


def messy(seed):
    """An office in Berlin with hosts, hours, exceptions and closures of all kinds."""
    lot = random.Random(seed)
    office = OfficeFactory()
    hosts = HostFactory.create_batch(3, office=office)
    today = office.today()

    def day():
        return today + timedelta(days=lot.randrange(-3, 25))

    def span():
        start, end = sorted(lot.sample(range(96), 2))
        return {"start_time": clock(start), "end_time": clock(end)}

    for host in hosts:
        for _n in range(3):
            since, until = sorted([day(), day()])
            some = {"valid_from": since, "valid_until": until, **span()}
            AvailabilityRule.objects.create(
                host=host, weekdays=lot.sample(range(1, 8), 4), **some
            )
            AvailabilityRule.objects.create(host=host, day=day(), **span())
        for kind in ["away", "extra"] * 4:
            AvailabilityException.objects.create(
                host=host, kind=kind, day=day(), **span()
            )
    for host in [None, *hosts]:
        start = datetime.combine(day(), time(), UTC) + timedelta(
            minutes=lot.randrange(1440)
        )
        ClosureFactory(
            office=office,
            host=host,
            starts_at=start,
            ends_at=start + timedelta(minutes=lot.randrange(1, 4000)),
            is_overridden=lot.random() < 0.2,
        )
    hosts[-1].is_active = False
    hosts[-1].save()
    return office, hosts


def clock(number):
    return time(number // 4, number % 4 * 15)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("now", [NOW + timedelta(days=7), AUTUMN_NOW])
def test_the_hours_are_those_that_are_precomputed(time_machine, now, seed):
    time_machine.move_to(now, tick=False)
    office, hosts = messy(seed)
    generate([office])
    days = [office.today() + timedelta(days=n) for n in range(28)]

    facts = Facts(office, hosts, days)

    told = {
        (host.pk, day): facts.open(host, day, local_day)
        for host in hosts
        for day, local_day in zip(days, facts.local, strict=True)
    }
    written = HostDay.objects.filter(office=office, day__in=days)
    assert told == {(row.host_id, row.day): row.open for row in written}
