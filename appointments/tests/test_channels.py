"""The same verb has the same result, whichever way a person comes.

Each way in does the verb to an appointment of its own, in a world like the others';
then the worlds are compared: row, history, time taken, and what is owed to whom. What
makes an appointment is compared in test_channels_booking.py.
"""

from functools import wraps

import pytest

from appointments import operations
from appointments.states import EventKind, Status
from appointments.tests.channels import (
    NINE,
    NOW,
    TEN,
    TEN_TEXT,
    at_desk,
    by_api,
    by_api_as_staff,
    by_command,
    by_operation,
    by_patch,
    in_admin,
    on_own_page,
    on_page,
    outcome,
    world,
)

pytestmark = pytest.mark.django_db

STAFF = [by_operation, by_api, in_admin, by_command]
DESK = [*STAFF, at_desk]
CITIZEN = [by_operation, by_api, on_page]

# verb, how, the status before, when, where it leads, and the ways in.
VERBS = [
    ("approve", {}, Status.PENDING, NOW, Status.CONFIRMED, STAFF),
    ("deny", {"reason": "Full"}, Status.PENDING, NOW, Status.DENIED, STAFF),
    ("check_in", {}, Status.CONFIRMED, NINE, Status.CHECKED_IN, DESK),
    (
        "call",
        {},
        Status.CHECKED_IN,
        NINE,
        Status.CHECKED_IN,
        [by_operation, by_api, at_desk],
    ),
    ("start", {}, Status.CHECKED_IN, NINE, Status.IN_PROGRESS, DESK),
    ("complete", {}, Status.IN_PROGRESS, NINE, Status.COMPLETED, DESK),
    ("mark_no_show", {}, Status.CONFIRMED, NINE, Status.NO_SHOW, DESK),
    (
        "close_out",
        {"outcome": "no_show"},
        *(Status.CONFIRMED, TEN, Status.NO_SHOW, [by_operation, by_api]),
    ),
    ("undo", {}, Status.CHECKED_IN, NINE, Status.CONFIRMED, DESK),
    (
        "postpone",
        {"starts_at": TEN_TEXT, "reason": "Ill"},
        *(Status.CONFIRMED, NOW, Status.CONFIRMED),
        [by_operation, by_api, on_own_page, by_command],
    ),
    (
        "reassign",
        {"host": True, "reason": "Ill"},
        *(Status.CONFIRMED, NOW, Status.CONFIRMED),
        [by_operation, by_api, on_own_page],
    ),
    ("cancel", {"reason": "Ill"}, Status.CONFIRMED, NOW, Status.CANCELLED, CITIZEN),
    (
        "reschedule",
        {"starts_at": TEN_TEXT},
        *(Status.CONFIRMED, NOW, Status.CONFIRMED, [*CITIZEN, by_patch]),
    ),
]
every_verb = pytest.mark.parametrize(
    ("verb", "how", "before", "at", "after", "ways"),
    [pytest.param(*line, id=line[0]) for line in VERBS],
)


def results(ways, verb, how, before, at):
    told, left = [], []
    for way in ways:
        with world(before, at) as here:
            told.append(way(here, verb, **how))
            left.append(outcome(here))
            if way.__name__ == "by_command":
                left[-1]["history"] = as_of_manager(left[-1]["history"])
    return told, left


def as_of_manager(history):
    """What a command does the system has done; else it is what a manager would do."""
    first, *lines = history
    assert all(line[1:3] == ("system", None) for line in lines)
    return [first, *((line[0], "staff", "manager", *line[3:]) for line in lines)]


@every_verb
def test_every_way_in_does_the_same(verb, how, before, at, after, ways):
    if verb in ("reschedule", "postpone"):  # else it could be any of the hosts
        ways = [one_counter(way) for way in ways]

    told, left = results(ways, verb, how, before, at)

    assert told == [None] * len(ways)
    assert left[0]["rows"][0][0] == after
    assert len(left[0]["history"]) == 2
    assert left == left[:1] * len(ways)


def one_counter(way):
    @wraps(way)
    def alone(here, verb, **how):
        type(here.second).objects.filter(pk=here.second.pk).update(is_active=False)
        return way(here, verb, **how)

    return alone


@every_verb
def test_every_way_in_refuses_alike(verb, how, before, at, after, ways):
    """What is denied is over: nothing can be done with it."""
    told, left = results(ways, verb, how, Status.DENIED, at)

    assert told[0]
    assert all(told[0] in sentence for sentence in told)
    assert len(left[0]["history"]) == 1
    assert left == left[:1] * len(ways)


def test_staff_cancel_alike():
    ways = [by_api_as_staff, in_admin, by_command]

    told, left = results(ways, "cancel", {"reason": "Ill"}, Status.CONFIRMED, NOW)

    assert told == [None] * 3
    assert left[0]["history"][-1][:4] == (
        EventKind.CANCELLED,
        "staff",
        "manager",
        "Ill",
    )
    assert left == left[:1] * 3


def test_a_request_is_granted_at_another_time_alike():
    how = {"starts_at": TEN_TEXT, "reason": "Full"}
    ways = [one_counter(way) for way in (by_operation, by_api)]

    told, left = results(ways, "grant_at", how, Status.PENDING, NOW)

    assert told == [None] * 2
    kinds = [line[0] for line in left[0]["history"]]
    assert kinds == [EventKind.BOOKED, EventKind.APPROVED, EventKind.POSTPONED]
    assert left == left[:1] * 2


def test_no_operation_is_forgotten():
    compared = {verb for verb, *_ in VERBS}
    compared |= {"book", "walk_in", "call_next", "grant_at"}
    no_verbs_of_their_own = {
        "book_once",  # is book, sent twice
        "change",  # is reschedule, and words; see by_patch
        "change_hours",  # for the page that shows whom a change of hours hurts
        "own_citizen",
        "offered_of",
        "check_cancellable",
        "check_movable",
        "check_in_at_door",  # is check_in, by whoever is at the door
        "mark_missed",  # is mark_no_show, by an office's rule
        "make_tablet_key",
        "revoke_tablet_key",
    }

    assert compared | no_verbs_of_their_own == set(operations.__all__)
