from datetime import date, time, timedelta

import pytest

from availability import opening_hours
from availability.models import ExceptionKind
from availability.opening_hours import OpenDay
from availability.tests.factories import (
    AvailabilityExceptionFactory,
    AvailabilityRuleFactory,
)
from offices.tests.factories import HostFactory, OfficeFactory

pytestmark = pytest.mark.django_db

THURSDAY = date(2030, 3, 7)
MORNING = (time(8), time(12))
NOON = (time(12), time(13))


@pytest.fixture
def office():
    return OfficeFactory()


def opens(office, start, end, **kwargs):
    return AvailabilityRuleFactory(
        host=HostFactory(office=office), start_time=start, end_time=end, **kwargs
    )


def test_hours_of_all_hosts_add_up(office):
    opens(office, time(8), time(12), weekdays=[1, 4])
    opens(office, time(11), time(13), weekdays=[4])
    opens(office, time(15), time(), weekdays=[4])

    week = opening_hours.of_week(office, THURSDAY)

    assert week == [
        OpenDay(date(2030, 3, 11), [MORNING]),
        OpenDay(date(2030, 3, 12), []),
        OpenDay(date(2030, 3, 13), []),
        OpenDay(THURSDAY, [(time(8), time(13)), (time(15), time())]),
        OpenDay(date(2030, 3, 8), []),
        OpenDay(date(2030, 3, 9), []),
        OpenDay(date(2030, 3, 10), []),
    ]


def test_only_hours_in_force_of_active_hosts_count(office):
    opens(office, *MORNING, valid_until=date(2030, 3, 8))
    opens(office, *NOON, valid_from=date(2030, 3, 9), valid_until=date(2030, 3, 9))
    opens(office, time(6), time(7), valid_from=date(2030, 4, 1))
    opens(OfficeFactory(), time(5), time(6))
    away = opens(office, time(4), time(5))
    away.host.is_active = False
    away.host.save()

    week = opening_hours.of_week(office, THURSDAY)

    assert {each.day: each.hours for each in week if each.hours} == {
        THURSDAY: [MORNING],
        date(2030, 3, 8): [MORNING],
        date(2030, 3, 9): [NOON],
    }


def test_an_office_is_also_open_where_a_date_adds_hours_to_the_week(office):
    host = opens(office, *MORNING, weekdays=[4]).host
    opens(office, time(9), time(13), weekdays=[], day=THURSDAY)
    saturday = date(2030, 3, 9)
    AvailabilityExceptionFactory(
        host=host,
        day=saturday,
        kind=ExceptionKind.EXTRA,
        start_time=time(8),
        end_time=time(12),
    )
    AvailabilityExceptionFactory(host=host, day=date(2030, 3, 10))
    opens(office, *MORNING, weekdays=[], day=date(2030, 3, 14))
    opens(office, *MORNING, weekdays=[], day=date(2030, 5, 1))

    extra = opening_hours.also_open(office, THURSDAY, THURSDAY + timedelta(days=30))

    assert extra == [OpenDay(THURSDAY, [NOON]), OpenDay(saturday, [MORNING])]
