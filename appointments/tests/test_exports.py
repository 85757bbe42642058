"""Who may take what away, that it is written down, and what the files say."""

import csv
import zipfile
from datetime import UTC, date, datetime, time
from io import BytesIO, StringIO

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.tests.factories import AdminFactory
from appointments import exports
from appointments.exceptions import TooManyForExcel
from appointments.models import Appointment, Content, Export, FileFormat
from appointments.spreadsheets import Table, csv_lines, xlsx_file
from appointments.statistics.scope import Scope
from appointments.tests.factories import AppointmentFactory, CitizenFactory, local
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeServiceFactory

pytestmark = pytest.mark.django_db

SUNDAY = date(2027, 3, 28)  # clocks go forward at two in Berlin


@pytest.fixture(autouse=True)
def the_day_before():
    with time_machine.travel(datetime(2027, 3, 27, 5, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def booked():
    citizen = CitizenFactory(name="=cmd()", email="a@example.org", phone="+49301")
    offered = OfficeServiceFactory(office__name="@Office")
    return AppointmentFactory(
        offered=offered,
        citizen=citizen,
        starts_at=local(offered.office, SUNDAY, time(9)),
    )


def scope(appointment, **kwargs):
    return Scope([appointment.office], SUNDAY, SUNDAY, **kwargs)


def take(booked, content=Content.APPOINTMENTS, file_format=FileFormat.CSV, by=None):
    return exports.export(
        scope(booked), content=content, file_format=file_format, by=by
    )


def table(file):
    text = "".join(file.content)
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def test_the_list_has_local_times_and_names_the_zone(booked):
    file = take(booked)

    assert file.name == "appointments-2027-03-28-2027-03-28.csv"
    (row,) = table(file)
    assert (row["Reference"], row["Starts"], row["Ends"], row["Time zone"]) == (
        booked.reference,
        "2027-03-28 09:00",
        "2027-03-28 09:15",
        "Europe/Berlin",
    )
    assert row["Booked"] == "2027-03-27 06:00"


def test_nothing_in_a_csv_file_is_a_formula(booked):
    (row,) = table(take(booked))

    assert (row["Office"], row["Name"], row["Phone"]) == (
        "'@Office",
        "'=cmd()",
        "'+49301",
    )


@pytest.mark.parametrize("start", ["\t", "\r", "+", "-", "=", "@"], ids=repr)
def test_each_sign_of_a_formula_is_quoted(start):
    text = "".join(csv_lines([Table("", ["a"], [[f"{start}1"], ["1"], [-1]])]))

    assert text.startswith("\ufeffa\r\n")
    rows = list(csv.reader(StringIO(text[1:], newline="")))
    assert rows == [["a"], [f"'{start}1"], ["1"], ["-1"]]


def test_numbers_and_columns_are_what_the_language_s_spreadsheets_read():
    tables = [Table("", ["a", "b"], [[0.25, None]])]

    with translation.override("de"):
        german = "".join(csv_lines(tables))
    with translation.override("en"):
        english = "".join(csv_lines(tables))

    assert (german, english) == ("\ufeffa;b\r\n0,25;\r\n", "\ufeffa,b\r\n0.25,\r\n")


def part(file, name):
    return zipfile.ZipFile(BytesIO(file.read())).read(name).decode()


def test_nothing_in_an_excel_file_is_a_formula():
    risky = Table("A [b]: c", ["w", "x"], [["=1+1", "https://example.org"]])

    sheet = part(xlsx_file([risky]), "xl/worksheets/sheet1.xml")

    assert "=1+1" in sheet
    assert ("<f>" in sheet, "hyperlink" in sheet) == (False, False)


def test_the_figures_are_a_sheet_each(booked):
    file = take(booked, Content.FIGURES, FileFormat.XLSX)

    book = part(file.content, "xl/workbook.xml")

    assert 'name="1 Statistics"' in book
    assert 'name="2 Appointments"' in book


def test_the_figures_as_csv_are_tables_one_below_the_other(booked):
    rows = list(csv.reader(StringIO("".join(take(booked, Content.FIGURES).content))))

    assert ["Appointments"] in rows
    assert ["28 Mar 2027", "0", "0", "0", "1"] in rows


@pytest.mark.parametrize("content", Content, ids=str)
@pytest.mark.parametrize("file_format", FileFormat, ids=str)
def test_every_export_is_written_down(content, file_format, booked):
    manager = MembershipFactory(office=booked.office, role=Role.MANAGER).user

    exports.export(
        scope(booked, host=booked.host, service=booked.service),
        content=content,
        file_format=file_format,
        by=manager,
    )

    line = Export.objects.values().get()
    del line["id"]
    assert line == {
        "office_id": booked.office_id,
        "user_id": manager.pk,
        "content": content,
        "file_format": file_format,
        "first": SUNDAY,
        "last": SUNDAY,
        "host_id": booked.host_id,
        "service_id": booked.service_id,
        "rows": 1,
        "created_at": datetime(2027, 3, 27, 5, tzinfo=UTC),
    }


def test_an_export_of_two_offices_is_a_line_for_each(booked):
    other = OfficeServiceFactory().office
    both = Scope([booked.office, other], SUNDAY, SUNDAY)

    exports.export(
        both, content=Content.FIGURES, file_format=FileFormat.CSV, by=AdminFactory()
    )

    lines = Export.objects.order_by("pk").values_list("office", "rows")
    assert list(lines) == [(booked.office_id, 1), (other.pk, 0)]


@pytest.mark.parametrize("role", [Role.HOST, Role.RECEPTION, Role.SECRETARY])
def test_who_may_not_export_takes_nothing(role, booked):
    member = MembershipFactory(office=booked.office, role=role).user

    with pytest.raises(PermissionDenied):
        take(booked, by=member)

    assert not Export.objects.exists()


def test_a_manager_takes_nothing_of_another_office_along(booked):
    manager = MembershipFactory(role=Role.MANAGER)

    with pytest.raises(PermissionDenied):
        exports.export(
            Scope([manager.office, booked.office], SUNDAY, SUNDAY),
            content=Content.APPOINTMENTS,
            file_format=FileFormat.CSV,
            by=manager.user,
        )

    assert not Export.objects.exists()


def test_too_many_for_excel_are_refused_and_not_logged(booked, monkeypatch):
    monkeypatch.setattr(exports, "MOST_IN_EXCEL", 0)

    with pytest.raises(TooManyForExcel):
        take(booked, file_format=FileFormat.XLSX)

    assert not Export.objects.exists()


@pytest.mark.parametrize("many", [1, 30])
def test_an_export_asks_as_much_for_one_as_for_thirty(
    many, booked, django_assert_num_queries
):
    for _ in range(many - 1):
        clone(booked)

    with django_assert_num_queries(5):
        list(take(booked).content)


def clone(appointment):
    """A cancelled copy: it takes no time."""
    same = ["office", "service", "host", "day", "quarters", "channel"]
    times = ["starts_at", "ends_at", "busy_until"]
    fields = {name: getattr(appointment, name) for name in [*same, *times]}
    Appointment.objects.create(citizen=CitizenFactory(), status="cancelled", **fields)
