"""The figures at the top of the page, and the tables of offices, hosts and services."""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext as _

from appointments.statistics.counting import ALL, Counts, Times
from appointments.statistics.words import days, known, minutes, share, whole


class Fact(NamedTuple):
    """One of the figures at the top: None where nothing was counted."""

    name: str
    value: float | None
    show: Callable = whole
    note: str = ""

    @property
    def told(self):
        return known(self.show, self.value)


class Part(NamedTuple):
    """One office, host or service beside the others; `taken` is None of a service."""

    name: str
    counts: Counts
    taken: float | None = None

    @property
    def cells(self):
        """What the table says of it, as numbers."""
        counts = self.counts
        return [
            counts.booked,
            counts.completed,
            counts.no_show,
            counts.cancelled,
            counts.no_show_rate,
            self.taken,
        ]

    @property
    def told(self):
        """The same as it is shown."""
        shows = [whole] * 4 + [share] * 2
        return [known(show, n) for show, n in zip(shows, self.cells, strict=True)]


class Breakdown(NamedTuple):
    """A table of parts, those with most appointments first."""

    title: str
    heading: str
    parts: list[Part]


def part_headings():
    return [
        _("Booked"),
        _("Completed"),
        _("Did not come"),
        _("Cancelled"),
        _("No-show rate"),
        _("Hours taken"),
    ]


def facts(counted):
    """The Facts at the top."""
    total, times = counted.total, counted.times.get(ALL, Times())
    taken = counted.taken["all"].get(ALL)
    return [
        Fact(
            _("Booked"),
            total.booked,
            note=_("for these days, whatever became of them"),
        ),
        Fact(_("Completed"), total.completed),
        Fact(
            _("No-show rate"),
            total.no_show_rate,
            share,
            _("of the visits that are over"),
        ),
        Fact(_("Cancelled"), total.cancelled),
        Fact(_("Requests denied"), total.denied),
        Fact(_("Walk-ins"), total.walk_in_share, share, _("of all appointments")),
        Fact(_("Hours taken"), taken, share, _("of the open hours, whatever for")),
        Fact(
            _("Wait at the desk"), times.waited, minutes, _("half of them wait longer")
        ),
        Fact(
            _("Longer wait at the desk"),
            times.waited_90,
            minutes,
            _("9 of 10 wait no longer"),
        ),
        Fact(
            _("Booked ahead"),
            times.lead,
            days,
            _("half of them book earlier; walk-ins left out"),
        ),
    ]


def breakdown(title, heading, dimension, counted, names):
    """The parts of a dimension; `names` are {id: name} of those to tell of."""
    counts, taken = counted.counts[dimension], counted.taken.get(dimension, {})
    parts = [
        Part(name, counts.get(pk, Counts()), taken.get(pk))
        for pk, name in names.items()
        if pk in counts or taken.get(pk) is not None
    ]
    return Breakdown(
        title, heading, sorted(parts, key=lambda part: -part.counts.booked)
    )
