"""The DLDB format, in which Munich and Berlin publish what their offices offer.

Two JSON files, `{"data": [row, …]}`: locations (our offices, each with links to the
services it offers) and services. Berlin's have no durations and tell less.

A file is *broken* when it is no such JSON, or a row lacks a key that every row must
have: `id`, `name`, a location's `services`, a link's `service`; and `duration`,
which all rows have or none. Any other wrong value refuses its row alone
(offices.dldb_fields).

Left aside: `meta.datacount` (Munich's is wrong), a service's `locations` (the links
once more), and what only Munich's own booking page knows: `combinable`, `prio`,
`slots`, `showOnStartPage`, `sharedBookingOfficeIds`, `allowDisabledServicesMix`.
"""

import json
from collections import Counter
from contextlib import suppress

from offices.dldb_fields import possible_names
from offices.imports import BrokenFile, RowRefused, read_text

ANEW = "Export the file anew, or correct it."


def read_services(path):
    """The rows of a services file. Raises BrokenFile."""
    rows = _read(path)
    places = _demand(path, _numbered(rows), ["id", "name"])
    _demand_of_all_or_none(path, places, "duration")
    return rows


def read_locations(path):
    """The rows of a locations file. Raises BrokenFile."""
    rows = _read(path)
    places = _demand(path, _numbered(rows), ["id", "name", "services"])
    links = {}
    for place, row in places.items():
        if not isinstance(row["services"], list):
            raise BrokenFile(path, f'"services" of {place} is not a list. {ANEW}')
        for number, link in enumerate(row["services"], 1):
            links[f"link {number} of {place}"] = link
    _demand(path, links, ["service"])
    _demand_of_all_or_none(path, links, "duration")
    return rows


def key_of(row, key="id"):
    """The source's id in a row; JSON numbers count as their digits."""
    return str(row[key]).strip()


def names_of(locations):
    """What to call each office, by its id, so that citizens can tell them apart.

    The first of its possible names that no other row could have; with the id
    behind it if there is none. A row whose name is wrong gets none.
    """
    choices = {}
    for row in locations:
        with suppress(RowRefused):
            choices.setdefault(key_of(row), possible_names(row))
    counts = Counter(name for names in choices.values() for name in set(names))
    return {
        key: next((n for n in names if counts[n] == 1), f"{names[-1]} ({key})")
        for key, names in choices.items()
    }


def _read(path):
    try:
        content = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BrokenFile(path, f"not JSON: {error.msg} at {where}. {ANEW}") from error
    except RecursionError as error:
        raise BrokenFile(path, f"nested too deeply. {ANEW}") from error
    if not isinstance(content, dict) or "data" not in content:
        raise BrokenFile(path, f'the top of the file has no "data". {ANEW}')
    if not isinstance(content["data"], list):
        raise BrokenFile(path, f'"data" is not a list of rows. {ANEW}')
    if not content["data"]:
        raise BrokenFile(path, f'"data" has no rows. {ANEW}')
    return content["data"]


def _numbered(rows):
    return {f"row {number}": row for number, row in enumerate(rows, 1)}


def _demand(path, places, keys):
    """Raise BrokenFile unless each row has the keys, and ids to know it by.

    `places` says where each row is; returned with the ids of the rows added.
    """
    named = {}
    for place, row in places.items():
        if not isinstance(row, dict):
            raise BrokenFile(path, f"{place} is not an object. {ANEW}")
        if "id" in row:
            place = f"{place} (id {row['id']})"
        for key in keys:
            if key not in row:
                raise BrokenFile(path, f'{place} has no "{key}". {ANEW}')
            if key in ("id", "service") and not _is_id(row[key]):
                problem = f'"{key}" of {place} is neither text nor a number. {ANEW}'
                raise BrokenFile(path, problem)
        named[place] = row
    return named


def _is_id(value):
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    return 0 < len(str(value).strip()) <= 64


def _demand_of_all_or_none(path, places, key):
    """Raise BrokenFile when some rows have a key and others do not."""
    without = [place for place, row in places.items() if key not in row]
    if without and len(without) < len(places):
        problem = f'{without[0]} has no "{key}", which other rows have. {ANEW}'
        raise BrokenFile(path, problem)
