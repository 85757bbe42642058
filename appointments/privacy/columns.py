"""Reads columns.txt: what every column of the database is."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("columns.txt")

PLAIN = ["figure", "setting", "derived"]
OF_PEOPLE = ["link", "personal", "secret"]
FATES = ["kept", "emptied", "nobody", "row"]
FAKES = ["name", "email", "phone", "recipient", "sentence", "counter", "password"]

TABLE = re.compile(r"([a-z_0-9]+): \S.*")
LINE = re.compile(
    r"(?P<what>[a-z]+): (?P<columns>[a-z_0-9 ]+?)"
    r"(?: = (?P<fates>[a-z]+, [a-z]+, [a-z]+))?(?: \| (?P<why>.+))?"
)


class Column(NamedTuple):
    """One line's word on one column. Of PLAIN ones the fates are "kept"."""

    table: str
    name: str
    what: str
    by_itself: str
    on_request: str
    staging: str
    why: str

    @property
    def is_of_people(self):
        return self.what in OF_PEOPLE


@cache
def columns():
    """{(table, column): Column}. Raises ValueError, which names the line."""
    found = {}
    _preface, *tables = FILE.read_text().split("\n\n")
    for block in tables:
        head, *lines = block.strip().splitlines()
        if TABLE.fullmatch(head) and lines and LINE.fullmatch(lines[0]):
            table = head.partition(":")[0]
            for line in lines:
                for column in _read(table, line):
                    if (table, column.name) in found:
                        raise ValueError(f"{table}.{column.name} is there twice.")
                    found[table, column.name] = column
    return found


def of_table(table):
    return [column for column in columns().values() if column.table == table]


def _read(table, line):
    said = LINE.fullmatch(line)
    if said is None:
        raise ValueError(f"{FILE.name}, {table}: cannot read “{line}”.")
    what, why = said["what"], said["why"] or ""
    fates = said["fates"].split(", ") if said["fates"] else ["kept"] * 3
    *of_rows, staging = fates
    known = what in [*PLAIN, *OF_PEOPLE] and set(of_rows) <= {*FATES}
    if not known or staging not in {*FATES, *FAKES}:
        raise ValueError(f"{FILE.name}, {table}: unknown word in “{line}”.")
    if (what in OF_PEOPLE) != bool(said["fates"]):
        raise ValueError(f"{FILE.name}, {table}: what becomes of it? “{line}”")
    if what in OF_PEOPLE and "kept" in fates and not why:
        raise ValueError(f"{FILE.name}, {table}: kept, and why? “{line}”")
    names = said["columns"].split()
    return [Column(table, name, what, *fates, why) for name in names]
