"""What the page shows and an export holds: figures in words, from what was counted."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from appointments.states import Actor, Channel
from appointments.statistics import charts
from appointments.statistics.charts import Figure, Series
from appointments.statistics.counting import Counts, Times
from appointments.statistics.words import days, minutes, period_name, share, whole
from availability.models import Weekday

DAYTIME = range(8, 18)  # the hours that a heat map has at least

LATE = [
    gettext_lazy("Less than 24 hours before"),
    gettext_lazy("1 to 7 days before"),
    gettext_lazy("More than 7 days before"),
]


def figures(scope, counted, waits):
    """All Figures, in the order of the page."""
    starts = scope.starts()
    over_time = {
        "heading": str(scope.by.label),
        "labels": [period_name(start, scope.by) for start in starts],
    }
    return [
        _outcomes(starts, counted, over_time),
        _rates(starts, counted, over_time),
        _cancellations(counted),
        _desk(starts, counted, over_time),
        _lead(starts, counted, over_time),
        _free(starts, waits, over_time),
        _full(starts, waits, over_time),
        _hours(counted),
        _channels(counted),
    ]


def _outcomes(starts, counted, over_time):
    found = [counted.counts["period"].get(start, Counts()) for start in starts]
    return Figure(
        "outcomes",
        _("Appointments"),
        _("Booked for each period, by what became of them."),
        series=[
            Series(_("Completed"), [each.completed for each in found]),
            Series(_("Did not come"), [each.no_show for each in found]),
            Series(_("Cancelled"), [each.cancelled for each in found]),
            Series(pgettext("appointments", "Open"), [each.open for each in found]),
        ],
        draw=charts.bars,
        show=whole,
        **over_time,
    )


def _rates(starts, counted, over_time):
    found = [counted.counts["period"].get(start, Counts()) for start in starts]
    taken = counted.taken["period"]
    return Figure(
        "rates",
        _("No-shows and hours taken"),
        _("No-shows of the visits that are over; hours taken of the open ones."),
        series=[
            Series(_("No-show rate"), [each.no_show_rate for each in found]),
            Series(_("Hours taken"), [taken.get(start) for start in starts]),
        ],
        draw=charts.lines,
        show=share,
        least=0.1,
        **over_time,
    )


def _cancellations(counted):
    return Figure(
        "cancellations",
        _("Cancelled"),
        _("By whom, and how long before the appointment."),
        heading=_("How late"),
        labels=[str(late) for late in LATE],
        series=[
            Series(
                str(who.label),
                [counted.cancelled.get((who, late), 0) for late in range(len(LATE))],
            )
            for who in Actor
        ],
        draw=charts.bars,
        show=whole,
    )


def _desk(starts, counted, over_time):
    found = [counted.times.get(start, Times()) for start in starts]
    return Figure(
        "desk",
        _("Wait at the desk"),
        _("From check-in until the call: half wait longer than the median."),
        series=[
            Series(_("Median"), [each.waited for each in found]),
            Series(_("9 of 10 at most"), [each.waited_90 for each in found]),
        ],
        draw=charts.lines,
        show=minutes,
        **over_time,
    )


def _lead(starts, counted, over_time):
    found = [counted.times.get(start, Times()) for start in starts]
    return Figure(
        "lead",
        _("Booked ahead"),
        _("From booking until the visit, without walk-ins."),
        series=[Series(_("Median"), [each.lead for each in found])],
        draw=charts.lines,
        show=days,
        **over_time,
    )


def _free(starts, waits, over_time):
    note = _("It is written down every night; nothing has been so far.")
    if waits.since:
        since = {"day": date_format(waits.since, pgettext("date format", "j F Y"))}
        note = (
            _("Mean of all services, as written down every night since %(day)s.")
            % since
        )
    found = [waits.days.get(start) for start in starts]
    return Figure(
        "free",
        _("Days to the next free time"),
        note,
        series=[Series(_("Days"), [wait and wait[0] for wait in found])],
        draw=charts.lines,
        show=days,
        **over_time,
    )


def _full(starts, waits, over_time):
    found = [waits.days.get(start) for start in starts]
    return Figure(
        "full",
        _("Services without a free time"),
        _("The share that had nothing free as far ahead as the office books."),
        series=[Series(_("Share"), [wait and wait[1] for wait in found])],
        draw=charts.lines,
        show=share,
        least=0.1,
        **over_time,
    )


def _hours(counted):
    found = counted.hours
    hours = sorted({*DAYTIME, *(hour for _day, hour in found)})
    return Figure(
        "hours",
        _("Busiest hours"),
        _("Visits by weekday and hour of their start, on the office’s clock."),
        heading=_("Weekday"),
        labels=[str(day.label) for day in Weekday],
        series=[
            Series(f"{hour:02}", [found.get((day, hour), 0) for day in Weekday])
            for hour in range(hours[0], hours[-1] + 1)
        ],
        draw=charts.heat,
        show=whole,
    )


def _channels(counted):
    found = counted.counts["channel"]
    return Figure(
        "channels",
        _("How they were booked"),
        _("All that were booked, by the way they came."),
        heading=_("Way"),
        labels=[str(channel.label) for channel in Channel],
        series=[
            Series(
                _("Booked"),
                [found.get(channel, Counts()).booked for channel in Channel],
            )
        ],
        draw=charts.bars,
        show=whole,
    )
