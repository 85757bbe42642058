from datetime import date, time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.tests.factories import UserFactory
from availability import operations
from availability.models import AvailabilityException, AvailabilityRule, HostDay
from offices.models import Closure, Host
from offices.tests.factories import HostFactory, OfficeFactory

pytestmark = pytest.mark.django_db

HEADER = "office,host,weekdays,start_time,end_time"
MORNINGS = '10,Counter 1,"MO,TU",08:00,12:00'
AFTERNOON = "10,Counter 1,TU,14:00,18:00"


@pytest.fixture
def office():
    return OfficeFactory(source="dldb", source_id="10", country="IE")


@pytest.fixture
def run(tmp_path):
    """Import a file of these lines; returns the output's lines, also when refused."""

    def run(*rows, options=(), header=HEADER, encoding="utf-8"):
        path = tmp_path / "hours.csv"
        path.write_text("\n".join([header, *rows]), encoding)
        out = StringIO()
        try:
            call_command("import_hours", str(path), *options, stdout=out)
        finally:
            run.lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
        return run.lines

    return run


def hours(host):
    rules = host.rules.order_by("start_time", "weekdays")
    return [(r.weekdays, f"{r.start_time:%H:%M}", f"{r.end_time:%H:%M}") for r in rules]


def everything():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Host, AvailabilityRule, AvailabilityException, HostDay, Closure)
    ]


def test_import_makes_hosts_their_hours_and_their_slots(office, run):
    lines = run(MORNINGS, AFTERNOON, '10,Counter 2,"SA,SU",20:00,24:00')

    assert lines == [
        "created host 10 Counter 1",
        "created host 10 Counter 2",
        "host: 2 created",
    ]
    first, second = office.hosts.order_by("name")
    assert hours(first) == [([1, 2], "08:00", "12:00"), ([2], "14:00", "18:00")]
    assert hours(second) == [([6, 7], "20:00", "00:00")]
    assert first.days.exclude(open=0).exists()
    assert office.closures.holidays().exists()


def test_importing_again_changes_nothing(office, run):
    run(MORNINGS, AFTERNOON)
    before = everything()

    lines = run(AFTERNOON, '10, Counter 1 ,"tu, mo",8:00,12:00:00')

    assert lines == ["unchanged host 10 Counter 1", "host: 1 unchanged"]
    assert everything() == before


def test_hours_become_those_of_the_file(office, run):
    run(MORNINGS, AFTERNOON, "10,Counter 2,FR,08:00,12:00")
    kept = AvailabilityRule.objects.get(start_time=time(8), weekdays=[1, 2])

    lines = run(MORNINGS, "10,Counter 1,WE,14:00,18:00")

    assert lines[0] == "changed host 10 Counter 1: 1 hours new, 1 gone"
    first, second = office.hosts.order_by("name")
    assert hours(first) == [([1, 2], "08:00", "12:00"), ([3], "14:00", "18:00")]
    assert kept in first.rules.all()
    assert hours(second) == [([5], "08:00", "12:00")]


def test_what_the_file_cannot_say_stays(office, run):
    run(MORNINGS)
    host = office.hosts.get()
    summer = AvailabilityRule(
        weekdays=[3],
        start_time=time(8),
        end_time=time(9),
        valid_from=date(2030, 6, 1),
        valid_until=date(2030, 8, 31),
    )
    once = AvailabilityRule(day=date(2030, 6, 1), start_time=time(8), end_time=time(9))
    away = AvailabilityException(kind="away", day=date(2030, 6, 3))
    operations.set_hours(host, save=[summer, once, away], by=None)
    before = everything()

    lines = run(MORNINGS)

    assert lines == ["unchanged host 10 Counter 1", "host: 1 unchanged"]
    assert everything() == before


def test_a_dry_run_says_the_same_and_writes_nothing(office, run):
    lines = run(MORNINGS, options=["--dry-run"])

    assert lines == [
        "created host 10 Counter 1",
        "host: 1 created",
        "Dry run: nothing was written.",
    ]
    assert everything() == [[], [], [], [], []]


def test_offices_are_those_of_the_source(office, run):
    other = OfficeFactory(source="other", source_id="10")

    run(MORNINGS, options=["--source=other"])

    assert list(Host.objects.values_list("office", flat=True)) == [other.pk]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("10,Counter 1,XX,08:00,12:00", "“XX” is no weekday. Use MO, TU,"),
        ("10,Counter 1,1,08:00,12:00", "“1” is no weekday."),
        ("10,Counter 1,FR,12:00,08:00", "The hours must end after they start."),
        ("10,Counter 1,FR,08:00,08:00", "The hours must end after they start."),
        ("10,Counter 1,FR,08:10,12:00", "start_time “08:10” is not on a quarter of"),
        ("10,Counter 1,FR,08:00,12:00:30", "end_time “12:00:30” is no time of day."),
        ("10,Counter 1,FR,24:00,12:00", "start_time “24:00” is no time of day."),
        ("10,Counter 1,FR,8h,12:00", "start_time “8h” is no time of day."),
        ('10,Counter 1,"TU,WE",10:00,13:00', "It overlaps line 2 of the same host."),
        (MORNINGS, "It overlaps line 2 of the same host."),
        ("10,Counter 1,FR,08:00", "end_time is empty."),
        ("10,Counter 1,MO,TU,08:00,12:00", "It has more values than columns."),
    ],
)
def test_a_host_with_a_refused_row_stays_as_it_is(office, run, row, said):
    run("10,Counter 1,MO,09:00,10:00")

    with pytest.raises(CommandError, match="1 refused"):
        run(MORNINGS, row, "10,Counter 2,MO,09:00,10:00")

    refused = run.lines[0]
    assert refused.startswith(f"refused host 10 Counter 1: line 3: {said}")
    assert refused.endswith("The host stays as it is.")
    host = office.hosts.get(name="Counter 1")
    assert hours(host) == [([1], "09:00", "10:00")]
    assert office.hosts.filter(name="Counter 2").exists()


def test_a_host_of_an_unknown_office_is_refused(office, run):
    with pytest.raises(CommandError, match="1 refused"):
        run("99,Counter 1,MO,08:00,12:00", MORNINGS, options=["-v0"])

    assert run.lines == [
        "refused host 99 Counter 1: There is no such office. Import it first, or "
        "correct its id. The host stays as it is.",
        "host: 1 created, 1 refused",
    ]


def test_a_person_who_is_at_another_office_then_is_refused(office, run):
    person = UserFactory()
    HostFactory(office=office, name="Ada", user=person)
    elsewhere = HostFactory(user=person)
    rule = AvailabilityRule(weekdays=[1], start_time=time(9), end_time=time(10))
    operations.set_hours(elsewhere, save=[rule], by=None)

    with pytest.raises(CommandError, match="1 refused"):
        run("10,Ada,MO,08:00,12:00", MORNINGS)

    assert "This person already has hours at another office" in run.lines[0]
    assert hours(office.hosts.get(name="Ada")) == []
    assert hours(office.hosts.get(name="Counter 1")) == [([1, 2], "08:00", "12:00")]


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        ("office;host;weekdays", [], "names no column office, host, weekdays, start_"),
        (HEADER.replace(",host", ""), [MORNINGS], "names no column host. It must name"),
        (HEADER, [], "the file has no rows."),
        (HEADER, ['10,"Counter 1,MO,08:00,12:00'], "not CSV after line 1"),
        ("", [], "the file is empty."),
    ],
)
def test_a_broken_file_changes_nothing(office, run, header, rows, said):
    with pytest.raises(CommandError, match=said) as caught:
        run(*rows, header=header)

    assert "hours.csv: " in str(caught.value)
    assert str(caught.value).endswith("Nothing was imported.")
    assert everything() == [[], [], [], [], []]


def test_a_byte_order_mark_is_no_matter(office, run):
    assert run(MORNINGS, encoding="utf-8-sig")[-1] == "host: 1 created"
