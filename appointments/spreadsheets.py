"""Tables as files: for spreadsheets as CSV, as it is read, or XLSX; or as JSON.

Values are None, text, numbers, dates, and datetimes without a zone (a column says
which zone). Text that a spreadsheet would run as a formula stays text.
"""

import csv
import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from io import BytesIO
from typing import NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.formats import get_format
from xlsxwriter import Workbook

BOM = "\ufeff"  # by which Excel knows UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHEET_NAME = 31  # letters at most
WIDTH = 18


class Table(NamedTuple):
    title: str
    header: list[str]
    rows: Iterable[list]


class _Echo:
    """A file that gives back what is written, for csv to write lines to."""

    def write(self, text):
        return text


def csv_lines(tables):
    """The file, line by line. Several tables have their titles and a line between.

    As the person's language writes numbers: with a decimal comma, the columns are
    parted by semicolons, which is how such a spreadsheet reads a file.
    """
    comma = get_format("DECIMAL_SEPARATOR") == ","
    writer = csv.writer(_Echo(), delimiter=";" if comma else ",")
    return _csv_lines(tables, writer, comma)


def _csv_lines(tables, writer, comma):
    yield BOM
    for number, table in enumerate(tables):
        if number:
            yield writer.writerow([])
        if len(tables) > 1:
            yield writer.writerow([harmless(table.title)])
        yield writer.writerow([harmless(each) for each in table.header])
        for row in table.rows:
            yield writer.writerow([_csv_cell(each, comma) for each in row])


def json_lines(tables):
    """The file, row by row: a list of objects, named as the columns of their table."""
    yield "["
    follows = ""
    for table in tables:
        for row in table.rows:
            told = dict(zip(table.header, row, strict=True))
            text = json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False)
            yield f"{follows}\n{text}"
            follows = ","
    yield "\n]\n"


def _csv_cell(value, comma):
    if isinstance(value, float):
        told = f"{value:.4f}".rstrip("0").rstrip(".")
        return told.replace(".", ",") if comma else told
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return harmless(value) if isinstance(value, str) else value


def harmless(text):
    """The text, with an apostrophe before what would be a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def xlsx_file(tables):
    """A file in memory, open at its start, with a sheet for each table."""
    file = BytesIO()
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with Workbook(file, options) as book:
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        quoted = book.add_format({"quote_prefix": True})
        bold = book.add_format({"bold": True})
        for number, table in enumerate(tables, start=1):
            sheet = book.add_worksheet(_sheet_name(table.title, number))
            sheet.set_column(0, len(table.header), WIDTH)
            sheet.freeze_panes(1, 0)
            for column, name in enumerate(table.header):
                sheet.write_string(0, column, name, bold)
            for line, row in enumerate(table.rows, start=1):
                for column, value in enumerate(row):
                    _write_cell(sheet, line, column, value, moment, quoted)
    file.seek(0)
    return file


def _write_cell(sheet, line, column, value, moment, quoted):
    if isinstance(value, str):
        risky = value.startswith(FORMULA)
        sheet.write_string(line, column, value, quoted if risky else None)
    elif isinstance(value, datetime):
        sheet.write_datetime(line, column, value, moment)
    elif isinstance(value, date):
        sheet.write_datetime(line, column, value)
    elif value is not None:
        sheet.write_number(line, column, value)


def _sheet_name(title, number):
    """What Excel takes for a name, and unlike all others."""
    allowed = re.sub(r"[\[\]:*?/\\']", " ", title)
    return f"{number} {allowed}"[:SHEET_NAME]
