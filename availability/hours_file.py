"""The hours file: a CSV with one row for each host and weekly pattern.

Columns `office` (its id in the source), `host` (its name), `weekdays` (RFC 5545
codes, like "MO,TU"), `start_time` and `end_time` (HH:MM on the office's clock, on
a quarter of an hour; an end of 24:00 or 00:00 is midnight).

A file that is no CSV, or lacks a column, is broken. A row that is wrong is refused,
and with it all that the file says of its host, for half of a host's hours would be
wrong too.
"""

import csv
import io
import re
from datetime import time
from typing import NamedTuple

from availability import quarters
from offices.imports import BrokenFile, RowRefused, read_text

COLUMNS = ["office", "host", "weekdays", "start_time", "end_time"]
WEEKDAYS = {"MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6, "SU": 7}
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
LONGEST_NAME = 100


class Hours(NamedTuple):
    """A weekly pattern; comparable with those in the database."""

    weekdays: tuple[int, ...]
    start_time: time
    end_time: time

    def overlaps(self, other):
        return bool(
            set(self.weekdays) & set(other.weekdays)
            and quarters.wall_span(self.start_time, self.end_time)
            & quarters.wall_span(other.start_time, other.end_time)
        )


class Wanted(NamedTuple):
    """What the file says of one host: its hours by line, and what is wrong."""

    hours: dict[int, Hours]
    problems: list[str]


def read(path):
    """What a file says, as {(office id, host name): Wanted}. Raises BrokenFile."""
    found = {}
    for line, row in _rows(path):
        key = (_value(row, "office"), " ".join(_value(row, "host").split()))
        wanted = found.setdefault(key, Wanted({}, []))
        try:
            wanted.hours[line] = _hours_of(row, wanted.hours)
        except RowRefused as refusal:
            wanted.problems.append(f"line {line}: {refusal}")
    return found


def _rows(path):
    """The rows with the number of their last line."""
    reader = csv.DictReader(io.StringIO(read_text(path)), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        problem = f"not CSV after line {reader.line_num}: {error}. Check the quotes."
        raise BrokenFile(path, problem) from error
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if missing:
        raise BrokenFile(
            path,
            f"the first line names no column {', '.join(missing)}. "
            f"It must name {', '.join(COLUMNS)}, with commas between them.",
        )
    if not rows:
        raise BrokenFile(path, "the file has no rows. Export it anew.")
    return rows


def _value(row, column):
    return (row[column] or "").strip()


def _hours_of(row, earlier):
    if None in row:
        raise RowRefused("It has more values than columns. Put quotes around commas.")
    empty = [column for column in COLUMNS if not _value(row, column)]
    if empty:
        raise RowRefused(f"{', '.join(empty)} is empty.")
    if len(_value(row, "host")) > LONGEST_NAME:
        raise RowRefused(f"A host's name has at most {LONGEST_NAME} characters.")
    hours = Hours(
        _weekdays(_value(row, "weekdays")),
        _clock(row, "start_time"),
        _clock(row, "end_time"),
    )
    if hours.end_time != time() and hours.end_time <= hours.start_time:
        raise RowRefused("The hours must end after they start.")
    for line, other in earlier.items():
        if hours.overlaps(other):
            raise RowRefused(f"It overlaps line {line} of the same host.")
    return hours


def _weekdays(text):
    codes = [code.strip().upper() for code in text.split(",")]
    unknown = [code for code in codes if code not in WEEKDAYS]
    if unknown:
        raise RowRefused(
            f"“{', '.join(unknown)}” is no weekday. Use {', '.join(WEEKDAYS)}."
        )
    return tuple(sorted({WEEKDAYS[code] for code in codes}))


def _clock(row, column):
    text = _value(row, column)
    if column == "end_time" and text in ("24:00", "24:00:00"):
        return time()
    match = CLOCK.fullmatch(text)
    hour, minute = map(int, match.groups()) if match else (24, 0)
    if hour > 23 or minute > 59:
        raise RowRefused(f"{column} “{text}” is no time of day. Write it like 08:30.")
    if minute % 15:
        raise RowRefused(f"{column} “{text}” is not on a quarter of an hour.")
    return time(hour, minute)
