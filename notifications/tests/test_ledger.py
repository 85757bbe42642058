"""The proof: whatever happens, what is owed goes out once, and nothing else does.

A town lives through random days (ledger_town) while processes are killed at random
statements and providers come and go; each message is judged when it is sent, and the
ledger in the end, by rules that are written down apart from the code (ledger_rules).

LEDGER_APPOINTMENTS says how many appointments it is, LEDGER_SEED which dice; both are
in the output. What is not in the dice is the jitter of the pauses.
"""

import logging
import os
import random
import time as clocks
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from config.celery import app
from notifications import sms
from notifications.models import Block, Message
from notifications.tests.ledger_post import PROVIDERS, Fate, Texter
from notifications.tests.ledger_town import Town, identity_of, week_before_clocks_change

BATCH = 500
BUSIEST = 12  # things that happen at one moment
SIZE = os.environ.get("LEDGER_APPOINTMENTS")
SEED = int(os.environ.get("LEDGER_SEED", "1"))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def providers(settings, monkeypatch):
    """Ours are behind the boundaries where real ones would be."""
    mailer = {"BACKEND": "notifications.tests.ledger_post.Mailer"}
    settings.MAILERS = {"default": mailer}
    settings.SMS_ENABLED, settings.SMS_PROVIDER = True, "texter"
    settings.MESSAGES_PER_SECOND = {"mail": 20, "sms": 5}
    monkeypatch.setitem(sms.PROVIDERS, "texter", Texter)
    PROVIDERS.reset()
    logging.disable(logging.ERROR)  # tens of thousands of lines
    yield PROVIDERS
    logging.disable(logging.NOTSET)
    app.conf.task_always_eager = False
    app.control.purge()


def live(size, seed, start):
    """A town with `size` appointments, from their booking until all is over."""
    dice, fate = random.Random(seed), Fate()
    cache.clear()
    Block.objects.all().delete()  # of towns before it, where others had the address
    with (
        time_machine.travel(start, tick=False) as clock,
        connection.execute_wrapper(fate),
    ):
        town = Town(dice, clock, fate)
        while len(town.rules.visits) < size or town.alive:
            step(town, size)
        for channel in PROVIDERS.moods:
            town.set_mood(channel, "takes")
        settle(town)
        town.wrong += compare(town)
    town.counts["kills"] = fate.kills
    return town


def step(town, size):
    dice = town.dice
    pass_time(town)
    for _ in range(dice.randrange(BUSIEST)):
        if len(town.rules.visits) < size and (dice.random() < 0.6 or not town.alive):
            town.book()
        elif town.alive:
            town.act()
    if dice.random() < 0.1:
        town.bounce()
    if dice.random() < 0.7:
        town.sweep_and_check()


def pass_time(town):
    """Some minutes, some hours, a day; providers go down and come back."""
    dice = town.dice
    longest = dice.choices([30, 120, 400, 2000], weights=[50, 40, 9, 1])[0]
    town.clock.shift(timedelta(minutes=dice.randint(1, longest)))
    for channel, mood in PROVIDERS.moods.items():
        if mood == "takes" and dice.random() < 0.01:
            town.set_mood(channel, dice.choice(["busy", "down"]))
        elif mood != "takes" and dice.random() < 0.1:
            town.set_mood(channel, "takes")


def settle(town):
    """Sweep on, with kills, until everything is over and everybody was asked.

    And until nothing waits any more: what a kill has left, or the quiet hours.
    """
    for _ in range(20):
        town.clock.shift(timedelta(hours=6))
        town.sweep_and_check()
    for _ in range(40):
        if not Message.objects.queued().exists():
            return
        town.clock.shift(timedelta(hours=6))
        town.sweep()


def compare(town):
    """What is wrong in the ledger, by the rules: [(what, case)]."""
    rows = Message.objects.filter(appointment__in=list(town.rules.visits))
    ledger = {identity_of(row): row for row in rows}
    owed = {each.identity: each for each in town.rules.owed}
    wrong = [("owed, not in the ledger", owed[key]) for key in owed.keys() - ledger]
    wrong += [("in the ledger, not owed", ledger[k]) for k in ledger.keys() - owed]
    if len(owed) != len(town.rules.owed) or len(ledger) != len(rows):
        wrong.append(("owed twice", None))
    for key in owed.keys() & ledger.keys():
        row, each = ledger[key], owed[key]
        if not has_fitting_outcome(row, each, town.rules):
            wrong.append((f"is {row.status} {row.dropped_because}", each))
        town.counts[row.status] += 1
    return wrong


def has_fitting_outcome(row, each, rules):
    """Whether a row says what became of it, and that was right."""
    now = timezone.now()
    told = sum(not killed for _when, killed in each.sent)
    match row.status:
        case "sent":
            return told == 1
        case "failed":
            return told == 0 and (each.refused or rules.may_be_given_up(each, now))
        case "dropped":
            right = {
                "changed": each.closed,
                "over": each.was_useless or rules.is_useless(each, now),
                "blocked": (each.channel, each.to.lower()) in rules.blocked,
            }
            return told == 0 and bool(right[row.dropped_because])
    return False


def figures(towns):
    """What was lived through, for whoever reads the output."""
    owed = [each for town in towns for each in town.rules.owed]
    total = dict(sum((town.counts for town in towns), Counter()))
    total |= {
        "appointments": sum(len(town.rules.visits) for town in towns),
        "owed": len(owed),
        "owed to new hosts": len(
            [each for each in owed if (each.kind, each.who) == ("reassigned", "host")]
        ),
        "owed to former hosts": len([each for each in owed if each.who == "former"]),
        "taken, and killed before we noted it": sum(
            killed for each in owed for _when, killed in each.sent
        ),
        "sent again because of that": sum(max(len(e.sent) - 1, 0) for e in owed),
    }
    return dict(sorted(total.items()))


def prove(size):
    """Live through it; returns the figures, and all that was wrong."""
    began, towns, wrong = clocks.perf_counter(), [], []
    for number, first in enumerate(range(0, size, BATCH)):
        start = week_before_clocks_change(number)
        town = live(min(BATCH, size - first), SEED * 1000 + number, start)
        wrong += town.wrong
        towns.append(town)
        seconds = clocks.perf_counter() - began
        print(f"\nLEDGER_SEED={SEED}, {seconds:.0f} s: {figures(towns)}")  # noqa: T201
        print(*(f"WRONG {each}" for each in town.wrong), sep="\n")  # noqa: T201
    return figures(towns), wrong


def check(lived, wrong, size):
    assert wrong == []
    assert lived["appointments"] == size
    assert (
        lived["sent again because of that"]
        <= (lived["taken, and killed before we noted it"])
    )


def test_what_is_owed_goes_out_once_and_nothing_else_does():
    size = int(SIZE or 40)

    lived, wrong = prove(size)

    check(lived, wrong, size)


@pytest.mark.faults
def test_what_is_owed_goes_out_once_ten_thousand_times():
    size = int(SIZE or 10_000)

    lived, wrong = prove(size)

    check(lived, wrong, size)
