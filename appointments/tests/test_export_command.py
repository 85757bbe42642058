"""An operator takes appointments away as a file: who may read it, what is kept."""

import csv
import json
import stat
import zipfile
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from appointments.models import Export
from appointments.tests.factories import AppointmentFactory, CitizenFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    return AppointmentFactory(citizen=CitizenFactory(name="=cmd()"))


def run(visit, path, **options):
    about = {"office": [visit.office.slug], "first": visit.day, "last": visit.day}
    told = StringIO()
    options = {**about, "output": str(path), **options}
    call_command("export_appointments", stdout=told, **options)
    return told.getvalue()


def test_a_day_that_is_none_is_said_to_be_so():
    days = {"--from": "x", "--to": "2027-01-11"}
    arguments = [f"{name}={day}" for name, day in days.items()]

    with pytest.raises(CommandError) as error:
        call_command("export_appointments", "--office=town-hall", *arguments)

    told = "Error: argument --from: x is no date; say 2027-03-31."
    assert str(error.value) == told


def test_csv_that_no_spreadsheet_runs(visit, tmp_path):
    path = tmp_path / "visits.csv"

    assert run(visit, path) == f"Written to {path}.\n"

    [header, row] = csv.reader(path.read_text("utf-8-sig").splitlines())
    assert dict(zip(header, row, strict=True))["Name"] == "'=cmd()"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_json(visit, tmp_path):
    path = tmp_path / "visits.json"

    run(visit, path, format="json")

    [row] = json.loads(path.read_text())
    assert (row["Reference"], row["Name"]) == (visit.reference, "=cmd()")


def test_xlsx(visit, tmp_path):
    path = tmp_path / "visits.xlsx"

    run(visit, path, format="xlsx")

    assert zipfile.ZipFile(path).testzip() is None


def test_it_is_written_down(visit, tmp_path):
    run(visit, tmp_path / "visits.json", format="json")

    [line] = Export.objects.values("office", "user", "file_format", "rows")
    assert line == {
        "office": visit.office_id,
        "user": None,
        "file_format": "json",
        "rows": 1,
    }


def test_nothing_is_written_over(visit, tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text("mine")

    with pytest.raises(CommandError, match="File exists"):
        run(visit, path)

    assert path.read_text() == "mine"


def test_what_makes_no_sense_is_refused(visit, tmp_path):
    with pytest.raises(CommandError, match="No office is called nowhere"):
        run(visit, tmp_path / "a", office=["nowhere"])
    with pytest.raises(CommandError, match="--to is before --from"):
        run(visit, tmp_path / "a", last=visit.day.replace(year=2020))
