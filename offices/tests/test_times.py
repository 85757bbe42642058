from datetime import UTC, date, datetime

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
