from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.utils import translation

from offices import times
from offices.models import Office

BERLIN = Office(time_zone="Europe/Berlin")
KATHMANDU = Office(time_zone="Asia/Kathmandu")
HALF_PAST_SIX = datetime(2030, 3, 5, 18, 30, tzinfo=UTC)


def test_a_time_is_what_the_office_clock_shows():
    told = [times.office_time(HALF_PAST_SIX, office) for office in (BERLIN, KATHMANDU)]

    assert told == ["19:30", "00:15"]


@time_machine.travel(HALF_PAST_SIX, tick=False)
def test_the_same_instant_can_be_today_here_and_tomorrow_there():
    instant = datetime(2030, 3, 5, 22, 0, tzinfo=UTC)

    told = [times.office_when(instant, office) for office in (BERLIN, KATHMANDU)]

    assert told == ["Today, 23:00", "Today, 03:45"]
    assert times.office_date(instant, KATHMANDU) == "Wednesday 6 March 2030"


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2030, 12, 30), "Today"),
        (date(2030, 12, 31), "Tomorrow"),
        (date(2031, 1, 1), "Wed 1 January"),
        (date(2030, 12, 29), "Sun 29 December"),
        (date(2031, 12, 1), "Mon 1 December 2031"),
    ],
)
def test_a_day_is_named_as_people_would(day, told):
    assert times.day_name(day, today=date(2030, 12, 30)) == told


def test_german_names_its_days():
    with translation.override("de"):
        told = times.day_name(date(2030, 3, 7), today=date(2030, 3, 5))

    assert "März" in told


@time_machine.travel(HALF_PAST_SIX, tick=False)
def test_templates_have_the_same_words():
    page = Template(
        "{% load office_time %}{{ at|office_day:office }} – {{ at|office_time:office }}"
        " – {{ at|office_when:office }} – {{ at|office_date:office }}"
    )

    words = page.render(Context({"at": HALF_PAST_SIX, "office": BERLIN}))

    assert words == "Today – 19:30 – Today, 19:30 – Tuesday 5 March 2030"


def at(day, hour=0, minute=0):
    return datetime(2030, 3, day, hour, minute, tzinfo=BERLIN.zone)


@time_machine.travel(HALF_PAST_SIX, tick=False)
@pytest.mark.parametrize(
    ("starts_at", "ends_at", "told"),
    [
        (at(7), at(8), "Thu 7 March"),
        (at(7), at(10), "Thu 7 March – Sat 9 March"),
        (at(6, 12), at(6, 16, 30), "Tomorrow, 12:00 – 16:30"),
        (at(6, 12), at(7), "Tomorrow, 12:00 – 24:00"),
        (at(5, 12), at(7, 9), "Today, 12:00 – Thu 7 March, 09:00"),
    ],
)
def test_a_stretch_is_told_in_days_where_it_is_whole_days(starts_at, ends_at, told):
    assert times.stretch(starts_at, ends_at, BERLIN) == told


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (1, "1 minute"),
        (20, "20 minutes"),
        (60, "1 hour"),
        (90, "1 hour 30 minutes"),
        (121, "2 hours 1 minute"),
        (0, "0 minutes"),
    ],
)
def test_a_length_of_time_is_told_in_hours_and_minutes(minutes, told):
    assert times.time_needed(timedelta(minutes=minutes)) == told
