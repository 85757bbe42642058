"""The week of one host: days beside each other, with all that is on them in place."""

from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from appointments.week import links, rows
from appointments.week.days import OPEN, VISIT, Choices, Entry, closure_title, entries
from offices.times import weekday


class Day(NamedTuple):
    """One date of the week: how it is headed, and what is on it.

    `add` is where hours are added, if the person may; `hours` are its open stretches
    in words; `placed` are [(Entry, CSS classes of its place)]; `notes` are [(words,
    choices)] about the whole day.
    """

    day: date
    name: str
    date: str
    url: str
    is_today: bool
    is_over: bool
    is_chosen: bool
    add: str
    hours: list[str]
    placed: list[tuple[Entry, str]]
    notes: list[tuple[str, list]]


def heads(facts, chosen, *, host=None, may_change=False):
    """The Days of a week with their names and notes, and nothing on them."""
    return [
        Day(
            day,
            weekday(day),
            date_format(day, pgettext("date format", "j F")),
            links.week_with(facts.office, day, host),
            is_today=day == facts.today,
            is_over=day < facts.today,
            is_chosen=day == chosen,
            add=_add(facts, host, day) if may_change and day >= facts.today else "",
            hours=[],
            placed=[],
            notes=_notes(facts, host, number, may_change=may_change),
        )
        for number, day in enumerate(facts.days)
    ]


def host_week(facts, host, appointments, chosen, *, may_change):
    """The rows.Window of a host's week, and its seven Days."""
    found = [
        entries(
            facts,
            host,
            number,
            [each for each in appointments if each.day == day],
            may_change=may_change,
        )
        for number, day in enumerate(facts.days)
    ]
    window = rows.window_of(
        rows.scale_of(facts.local),
        [
            (entry.first, entry.count, local)
            for of_day, local in zip(found, facts.local, strict=True)
            for entry in of_day
            if entry.kind in (OPEN, VISIT)
        ],
    )
    days = heads(facts, chosen, host=host, may_change=may_change)
    return window, [
        day._replace(
            hours=[entry.times for entry in of_day if entry.kind == OPEN],
            placed=[(entry, _place(window, entry, local)) for entry in of_day],
        )
        for day, of_day, local in zip(days, found, facts.local, strict=True)
    ]


def _place(window, entry, local):
    """The classes that put an entry in its place (css/staff/calendar_rows.css)."""
    place = window.place(entry.first, entry.count, local)
    return "at-{} for-{}".format(*place) if place else "is-outside"


def _add(facts, host, day):
    """Where hours are added on a date."""
    about = {"host": host and host.pk, "day": day.isoformat()}
    return links.page(facts.office, "calendar_once", **about)


def _notes(facts, host, number, *, may_change):
    """Of the whole office's week, its closures; of a host's, holidays it opens on."""
    found = []
    choose = Choices(facts, host, facts.days[number])
    for closure, _taken in facts.closed(host, facts.local[number]):
        if closure.is_overridden:
            words = _("%(holiday)s: open all the same") % {"holiday": closure.reason}
        elif host is None:
            words = closure.reason or closure_title(closure)
        else:
            continue
        is_over = facts.days[number] < facts.today
        offered = may_change and not is_over
        found.append((words, choose.of_closure(closure) if offered else []))
    return found
