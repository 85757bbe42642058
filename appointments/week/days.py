"""A host's week as it is shown: seven days, each a list of what is on it, in order."""

from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from appointments.states import MOVABLE
from appointments.week import links, rows
from appointments.week.hours import wall_of
from availability import quarters
from availability.models import AvailabilityException, ExceptionKind
from availability.opening_hours import spans
from offices.models import ClosureKind
from offices.times import clock_span, clock_time

OPEN, AWAY, CLOSED, VISIT = "open", "away", "closed", "visit"
ORDER = [CLOSED, OPEN, AWAY, VISIT]  # of what begins at the same time


class Entry(NamedTuple):
    """A stretch of a day: `count` quarters from `first` on, what it is, what to do.

    `choices` are [(words, address)]; `about` is the appointment or row itself.
    """

    kind: str
    first: int
    count: int
    times: str
    title: str = ""
    note: str = ""
    choices: tuple = ()
    about: object = None


def entries(facts, host, number, appointments, *, may_change):
    """What is on one day of the facts' week, in order of time."""
    day, local = facts.days[number], facts.local[number]
    choose = Choices(facts, host, day) if may_change and day >= facts.today else None
    found = [
        *_open(facts, host, day, local, choose),
        *_away(facts.hours(host, day), local, choose),
        *_closed(facts, host, local, choose),
        *_visits(facts, host, day, local, appointments),
    ]
    return sorted(found, key=lambda e: (e.first, ORDER.index(e.kind), -e.count))


def _open(facts, host, day, local, choose):
    if day < facts.today or not host.is_active:
        for first, count in rows.stretches(facts.open(host, day, local)):
            yield Entry(OPEN, first, count, times_of(facts, local, first, count))
        return
    shut = facts.shut(host, local)
    for row, offered in facts.hours(host, day).blocks():
        for start, end in spans(offered):
            block = quarters.elapsed(quarters.wall_span(start, end), local)
            for first, count in rows.stretches(block & ~shut):
                yield Entry(
                    OPEN,
                    first,
                    count,
                    times_of(facts, local, first, count),
                    title=_what(row),
                    choices=choose.of_hours(row, start) if choose else (),
                    about=row,
                )


def _what(row):
    """What hours are that do not come every week."""
    if isinstance(row, AvailabilityException):
        return _("Extra hours")
    return _("Once") if row.day else ""


def _away(hours, local, choose):
    for row in hours.of_kind(ExceptionKind.AWAY):
        taken = quarters.elapsed(wall_of(row), local)
        for first, count in rows.stretches(taken):
            yield Entry(
                AWAY,
                first,
                count,
                _whole_day(count, local) or clock_span(row.start_time, row.end_time),
                title=_("Away"),
                note=row.reason,
                choices=choose.of_exception(row) if choose else (),
                about=row,
            )


def _closed(facts, host, local, choose):
    for closure, taken in facts.closed(host, local):
        if closure.is_overridden:
            continue
        for first, count in rows.stretches(taken):
            yield Entry(
                CLOSED,
                first,
                count,
                _whole_day(count, local) or times_of(facts, local, first, count),
                title=closure_title(closure),
                note=closure.reason,
                choices=choose.of_closure(closure) if choose else (),
                about=closure,
            )


def _visits(facts, host, day, local, appointments):
    open_ = facts.open(host, day, local)
    for appointment in appointments:
        first = next(quarters.numbers(appointment.quarters))
        length = appointment.ends_at - appointment.starts_at
        to_come = appointment.starts_at > timezone.now()
        lost = appointment.quarters & ~open_ and appointment.status in MOVABLE
        yield Entry(
            VISIT,
            first,
            min(quarters.needed(length), appointment.quarters.bit_count()),
            clock_time(appointment.local_start.time()),
            title=appointment.get_status_display(),
            note=_("Outside the hours") if lost and to_come else "",
            about=appointment,
        )


def closure_title(closure):
    if closure.kind == ClosureKind.HOLIDAY:
        return _("Public holiday")
    return _("Time off") if closure.host_id else _("Office closed")


def times_of(facts, local, first, count):
    """A stretch of elapsed quarters on the office's clock."""
    start, end = (
        quarters.start_of(n, local).astimezone(facts.office.zone).time()
        for n in (first, first + count)
    )
    return clock_span(start, end)


def _whole_day(count, local):
    return _("All day") if count == local.length else ""


class Choices:
    """What may be done with what is on a host's day: [(words, address)]."""

    def __init__(self, facts, host, day):
        self.office, self.host, self.day = facts.office, host, day

    def of_hours(self, row, start):
        """Of hours that a rule or extra time offers from `start` on that day."""
        if isinstance(row, AvailabilityException):
            return self.of_exception(row)
        since = {"day": self.day.isoformat()}
        at = {**since, "from": start.strftime("%H:%M")}
        if row.day:
            return [
                (_("Change"), self._page("calendar_day", row.pk, **at)),
                (_("Drop"), self._page("calendar_drop_day", row.pk, **at)),
            ]
        return [
            (_("Change this day only"), self._page("calendar_day", row.pk, **at)),
            (_("Change the series"), self._page("calendar_series", row.pk, **since)),
            (_("Drop this day"), self._page("calendar_drop_day", row.pk, **at)),
            (_("Drop the series"), self._page("calendar_end_series", row.pk, **since)),
        ]

    def of_exception(self, row):
        drop = _("Drop") if row.kind == ExceptionKind.EXTRA else _("Take back")
        return [
            (_("Change"), self._page("calendar_exception", row.pk)),
            (drop, self._page("calendar_drop_exception", row.pk)),
        ]

    def of_closure(self, closure):
        day = {"day": self.day.isoformat(), "host": self.host and self.host.pk}
        if closure.kind == ClosureKind.HOLIDAY:
            opens = not closure.is_overridden
            words = _("Open on this holiday") if opens else _("Close after all")
            return [(words, self._page("calendar_holiday", closure.pk, **day))]
        if closure.ends_at <= timezone.now():
            return []
        end = _("Reopen") if closure.host_id is None else _("End the time off")
        return [
            (_("Change"), self._page("calendar_closure", closure.pk, **day)),
            (end, self._page("calendar_end_closure", closure.pk, **day)),
        ]

    def _page(self, name, *args, **query):
        return links.page(self.office, name, *args, **query)
