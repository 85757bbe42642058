"""Who may ask what by API: every operation, every role, in one table.

The table is tests/api_matrix.txt, for people to read. Every operation of the OpenAPI
document is asked as everybody, each in a world as it was before, and the answers must
be the table. An operation that somebody adds is asked by itself: without a line in the
table the test fails, and shows the line; read it before you copy it.
"""

from pathlib import Path

import pytest
import time_machine
from django.db import transaction

from config.api.schema import document
from offices.tests.callers import API
from tests.api_world import BEFORE, CALLERS, NOW, World

TABLE = Path(__file__).with_name("api_matrix.txt")
METHODS = ["get", "post", "put", "patch", "delete"]
# The same address once more, with another body.
MORE = ["POST appointments (for oneself)", "PATCH appointments/{id} (note)"]


def operations():
    """Every operation, by name, as "GET offices/{office}"."""
    found = list(MORE)
    for path, item in document()["paths"].items():
        address = path.removeprefix(f"{API}/").replace("_id}", "}")
        found += [f"{m.upper()} {address}" for m in METHODS if m in item]
    return sorted(found, key=order)


def order(name):
    method, _, address = name.partition(" ")
    return address.partition(" (")[0].split("/"), METHODS.index(method.lower()), name


WIDTH = max(len(name) for name in operations()) + 3


def line(name, groups):
    method, _, address = name.partition(" ")
    cells = " | ".join(" ".join(group) for group in groups)
    return f"{method:6} {address}".ljust(WIDTH) + f"| {cells}"


def head():
    """The lines with the names of the columns."""
    groups = [" ".join([" " * 3] * len(whos)) for whos in CALLERS.values()]
    titles = [f"{name:{len(g)}}" for name, g in zip(CALLERS, groups, strict=True)]
    return [
        line("", [[title] for title in titles]).rstrip(),
        line("", CALLERS.values()),
    ]


def asked(world, name):
    """The line of an operation: the status that it answers to each caller."""
    method, _, address = name.partition(" ")
    address = address.partition(" (")[0]
    with transaction.atomic():
        world.prepare(BEFORE.get(name))
        url = f"{API}/{address}".format(**world.ids(address))
        sent = world.sent(name)
        answers = [
            [status(world.clients[group, who], method, url, sent) for who in whos]
            for group, whos in CALLERS.items()
        ]
        transaction.set_rollback(True)
    return line(name, answers)


def status(client, method, url, sent):
    """What is answered to one caller; what it does is undone."""
    with transaction.atomic():
        response = getattr(client, method.lower())(url, sent)
        transaction.set_rollback(True)
    return str(response.status_code)


def section(name):
    return name.split()[1].partition("/")[0]


@pytest.mark.django_db
@pytest.mark.parametrize("about", sorted({section(name) for name in operations()}))
def test_who_may_what(about):
    with time_machine.travel(NOW, tick=False):
        world = World()

        told = [asked(world, name) for name in operations() if section(name) == about]

    _titles, _columns, *lines = TABLE.read_text().splitlines()
    assert told == [line for line in lines if section(line) == about]


def test_the_table_has_a_line_for_each_operation_and_no_other():
    lines = TABLE.read_text().splitlines()

    assert lines[:2] == head()
    assert [line(name, []).rstrip("| ") for name in operations()] == [
        told[:WIDTH].rstrip() for told in lines[2:]
    ]
