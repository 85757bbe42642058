"""What is counted, against the same counted one by one in Python."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import translation

from appointments.models import Appointment, AppointmentEvent, NextFreeDay
from appointments.states import Actor, Channel, EventKind, Status
from appointments.statistics import Period, charts, counting, page, waits
from appointments.statistics.charts import Figure, Series
from appointments.statistics.scope import Scope
from appointments.statistics.words import whole
from appointments.tasks import record_office_waits
from appointments.tests.factories import AppointmentFactory, CitizenFactory, local
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import HostFactory, OfficeFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2027, 3, 22), date(2027, 4, 4)  # clocks change on March 28


@pytest.fixture(autouse=True)
def a_spring_morning():
    with time_machine.travel(datetime(2027, 3, 25, 5, tzinfo=UTC), tick=False):
        yield


class World:
    """Two offices in two time zones, and visits of which everything is known."""

    def __init__(self, seed, many=80):
        self.random = random.Random(seed)
        zones = ["Europe/Berlin", "America/New_York"]
        self.offices = [OfficeFactory(time_zone=zone) for zone in zones]
        self.offers = [OfficeServiceFactory(office=o) for o in self.offices * 2]
        self.hosts = {
            o.pk: [OpenHostFactory(office=o) for _ in "ab"] for o in self.offices
        }
        self.citizen = CitizenFactory()
        self.rows = [self._visit() for _ in range(many)]
        Appointment.objects.bulk_create(self.rows)
        for row in self.rows:
            Appointment.objects.filter(pk=row.pk).update(created_at=row.booked_at)
        self.cancelled = [r for r in self.rows if r.status == Status.CANCELLED]
        for row in self.cancelled:
            row.who = self.random.choice(Actor.values)
            row.before = timedelta(hours=self.random.choice([1, 23, 25, 100, 200]))
            line = AppointmentEvent.objects.create(
                appointment=row, kind=EventKind.CANCELLED, actor_kind=row.who
            )
            at = row.starts_at - row.before
            AppointmentEvent.objects.filter(pk=line.pk).update(created_at=at)

    def _visit(self):
        pick = self.random
        offered = pick.choice(self.offers)
        office = offered.office
        # Statuses of which many may be at one time, so that hosts never collide.
        status = pick.choice([Status.CANCELLED, Status.DENIED, Status.NO_SHOW, "done"])
        day = FIRST + timedelta(days=pick.randrange(-2, 18))
        starts = local(office, day, time(pick.randrange(7, 19), 15 * pick.randrange(4)))
        row = Appointment(
            office=office,
            service=offered.service,
            host=pick.choice(self.hosts[office.pk]),
            citizen=self.citizen,
            day=day,
            quarters=1 << pick.randrange(96),
            starts_at=starts,
            ends_at=starts + timedelta(minutes=15),
            busy_until=starts + timedelta(minutes=15),
            status=status,
            channel=pick.choice(Channel.values),
        )
        row.booked_at = starts - timedelta(hours=pick.randrange(0, 400))
        if status == "done":
            row.status = Status.COMPLETED
            self._be_seen(row)
        return row

    def _be_seen(self, row):
        """By a host of its own: the others never are at two visits at once."""
        row.host = HostFactory(office=row.office)
        row.checked_in_at = row.starts_at - timedelta(minutes=10)
        waited = timedelta(minutes=self.random.randrange(30))
        row.called_at = row.checked_in_at + waited

    def within(self, **wanted):
        """The rows of the days, of one office, host or service if named."""
        return [
            row
            for row in self.rows
            if FIRST <= row.day <= LAST
            and all(getattr(row, name) == value for name, value in wanted.items())
        ]


def counts(rows):
    """The same as counting.Counts, one by one."""
    status = Counter(row.status for row in rows)
    booked = len(rows) - status["denied"]
    walk_in = sum(r.channel == "walk_in" and r.status != "denied" for r in rows)
    return (
        booked,
        status["completed"],
        status["no_show"],
        status["cancelled"],
        status["denied"],
        walk_in,
    )


def by(rows, key):
    found = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return {name: counts(group) for name, group in found.items()}


@pytest.fixture(params=[1, 2, 3])
def world(request):
    return World(request.param)


def monday(row):
    return row.day - timedelta(days=row.day.weekday())


def test_counts_are_what_counting_one_by_one_gives(world):
    scope = Scope(world.offices, FIRST, LAST, Period.WEEK)

    found = counting.count(scope).counts

    rows = world.within()
    assert found == {
        "all": {None: counts(rows)},
        "period": by(rows, monday),
        "office": by(rows, lambda row: row.office_id),
        "host": by(rows, lambda row: row.host_id),
        "service": by(rows, lambda row: row.service_id),
        "channel": by(rows, lambda row: row.channel),
    }


def test_one_office_host_or_service_is_counted_alone(world):
    office, offered = world.offices[0], world.offers[0]
    host = world.hosts[office.pk][0]

    def total(**only):
        return counting.count(Scope([office], FIRST, LAST, **only)).total

    assert total() == counts(world.within(office=office))
    assert total(host=host) == counts(world.within(host=host))
    assert total(service=offered.service) == counts(
        world.within(office=office, service=offered.service)
    )


def test_waits_and_leads_are_medians(world):
    times = counting.count(Scope(world.offices, FIRST, LAST)).times[None]

    rows = world.within()
    waited = sorted(
        (r.called_at - r.checked_in_at) / timedelta(minutes=1)
        for r in rows
        if r.called_at
    )
    leads = [
        (r.starts_at - r.booked_at) / timedelta(days=1)
        for r in rows
        if r.channel != "walk_in" and r.status != "denied"
    ]
    at = (len(waited) - 1) * 0.9
    low, part = int(at), at - int(at)
    most = waited[low] + part * (waited[min(low + 1, len(waited) - 1)] - waited[low])
    assert times.waits == len(waited)
    assert (times.waited, times.waited_90, times.lead) == pytest.approx(
        (median(waited), most, median(leads))
    )


def test_cancellations_are_told_by_whom_and_how_late(world):
    found = counting.count(Scope(world.offices, FIRST, LAST)).cancelled

    def band(row):
        return 0 if row.before < timedelta(1) else 1 if row.before < timedelta(7) else 2

    within = [row for row in world.cancelled if FIRST <= row.day <= LAST]
    assert found == Counter((row.who, band(row)) for row in within)


def test_hours_are_those_of_each_office_s_clock_when_clocks_change(world):
    found = counting.count(Scope(world.offices, FIRST, LAST)).hours

    def hour(row):
        clock = row.starts_at.astimezone(ZoneInfo(row.office.time_zone))
        return clock.isoweekday(), clock.hour

    rows = [r for r in world.within() if r.status not in ("cancelled", "denied")]
    assert found == Counter(map(hour, rows))


def test_utilisation_is_the_taken_share_of_open_hours():
    offered = OfficeServiceFactory()
    host = OpenHostFactory(office=offered.office, hours=(time(8), time(10)))
    OpenHostFactory(office=offered.office, hours=(time(8), time(9)))
    nine = local(offered.office, date(2027, 3, 29), time(8))
    AppointmentFactory(offered=offered, host=host, starts_at=nine)
    monday = date(2027, 3, 29)

    taken = counting.count(Scope([offered.office], monday, monday)).taken
    of_host = counting.count(Scope([offered.office], monday, monday, host=host)).taken

    assert taken["all"] == {None: 1 / 12}
    assert of_host["all"] == {None: 1 / 8}


@pytest.mark.parametrize(
    ("by", "starts"),
    [
        ("day", [date(2027, 1, 31), date(2027, 2, 1), date(2027, 2, 2)]),
        ("month", [date(2027, 1, 1), date(2027, 2, 1)]),
        ("week", [date(2027, 1, 25), date(2027, 2, 1)]),
    ],
)
def test_periods_are_all_there(by, starts):
    scope = Scope([], date(2027, 1, 31), date(2027, 2, 2), Period(by))

    assert scope.starts() == starts


# --- the wait for a free time, written down ---


def test_waits_are_written_once_a_day_and_read_by_period():
    offered = OfficeServiceFactory()
    office = offered.office
    OpenHostFactory(office=office, hours=(time(8), time(10)))
    never = OfficeServiceFactory(office=office, own_duration=timedelta(hours=3))

    record_office_waits(office.pk)
    record_office_waits(office.pk)

    rows = NextFreeDay.objects.values_list("service", "day", "days")
    assert sorted(rows, key=str) == sorted(
        [
            (offered.service_id, date(2027, 3, 25), 0),
            (never.service_id, date(2027, 3, 25), None),
        ],
        key=str,
    )
    found = waits.over_time(Scope([office], FIRST, LAST, Period.WEEK))
    assert found == (date(2027, 3, 25), {date(2027, 3, 22): [0.0, 0.5]})


def test_before_anything_is_written_the_page_says_so():
    office = OfficeFactory()

    shown = page.page(Scope([office], FIRST, LAST))

    (free,) = [each for each in shown.figures if each.key == "free"]
    assert str(free.note) == "It is written down every night; nothing has been so far."


# --- charts ---


def drawn(figure):
    """What the marks of a chart say, without its own title."""
    svg = ET.fromstring(figure.svg)  # noqa: S314 (our own)
    own = svg.find("title")
    return [title.text for title in svg.iter("title") if title is not own]


def listed(figure):
    """The same, from the cells of the table."""
    names = [series.name for series in figure.series]
    return [
        f"{label} – {name}: {value}"
        for label, values in figure.table
        for name, value in zip(names, values, strict=True)
    ]


@pytest.mark.parametrize("language", ["de", "en"])
def test_charts_say_the_same_numbers_as_their_tables(language):
    world = World(1)

    with translation.override(language):
        shown = page.page(Scope(world.offices, FIRST, LAST, Period.WEEK))
        drawings = [each for each in shown.figures if not each.is_empty]
        marks = {each.key: set(drawn(each)) for each in drawings}
        # What is nothing is not drawn.
        cells = {
            each.key: {c for c in listed(each) if each.draw is charts.heat or seen(c)}
            for each in drawings
        }

    assert marks == cells
    assert len(marks) >= 6


def seen(cell):
    return not cell.endswith((": 0", ": –"))


def figure(draw, labels, *series):
    return Figure("key", "Title", "Note.", "Label", labels, series, draw, whole)


def test_a_chart_is_safe_and_named():
    svg = charts.bars(figure(charts.bars, ["<b>&"], Series('"><script>', [3])))

    tree = ET.fromstring(svg)  # noqa: S314 (our own)
    assert "<script>" not in svg
    assert "style=" not in svg
    assert tree.get("role") == "img"
    assert [child.tag for child in tree][:2] == ["title", "desc"]
    assert tree.get("aria-labelledby") == "key-title key-desc"


def test_a_line_breaks_where_there_is_no_number():
    labels = ["a", "b", "c", "d"]

    svg = charts.lines(figure(charts.lines, labels, Series("S", [1, None, 2, 3])))

    tree = ET.fromstring(svg)  # noqa: S314 (our own)
    _legend, *stretches = tree.findall("polyline")
    assert [len(line.get("points").split()) for line in stretches] == [1, 2]


@pytest.mark.parametrize(
    ("draw", "values", "empty"),
    [
        (charts.bars, [0, 0], True),
        (charts.bars, [0, 1], False),
        (charts.lines, [None, None], True),
        (charts.lines, [0, None], False),
    ],
    ids=["bars of zero", "bars", "lines of none", "line at zero"],
)
def test_nothing_to_draw_is_known(draw, values, empty):
    assert figure(draw, ["a", "b"], Series("S", values)).is_empty == empty
