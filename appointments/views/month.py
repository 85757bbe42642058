"""A month of days with their free times, as components/calendar.html takes it."""

import calendar
from datetime import date, timedelta

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import pgettext

from offices.times import full_date

WEEKS = calendar.Calendar(calendar.MONDAY)
ONE_DAY = timedelta(days=1)


def read_month(text, bounds):
    """The first day of the month that "2030-03" names; None for what cannot be.

    A month outside `bounds` (availability.slots.Window) becomes the nearest in it.
    """
    try:
        wanted = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return min(max(wanted, first_of(bounds.first_day)), first_of(bounds.last_day))


def first_of(day):
    return day.replace(day=1)


def last_of(month):
    return first_of(month + 31 * ONE_DAY) - ONE_DAY


def month_name(month):
    return date_format(month, pgettext("date format", "F Y"))


def grid(month, choice, *, counts, open_days, bounds):
    """The context of the calendar of `month`, its first day.

    `counts` are the free times of days that have any, `open_days` those with hours.
    Weeks that are over are left out: on a phone they push the others off the screen.
    """
    today = choice.offered.office.today()

    def cell(day):
        if day.month != month.month:
            return None
        shown = {
            "number": day.day,
            "label": full_date(day),
            "is_today": day == today,
            "state": _state(day, counts, open_days, bounds),
        }
        if shown["state"] == "free":
            shown |= {"free": counts[day], "url": choice.times_url(day)}
        return shown

    weeks = WEEKS.monthdatescalendar(month.year, month.month)
    return {
        "title": month_name(month),
        "weekdays": [
            {"short": WEEKDAYS_ABBR[n], "long": WEEKDAYS[n]} for n in range(7)
        ],
        "weeks": [
            [cell(day) for day in week]
            for week in weeks
            if week[-1] >= bounds.first_day
        ],
        **_turn("previous", month - ONE_DAY, choice, bounds),
        **_turn("next", last_of(month) + ONE_DAY, choice, bounds),
    }


def _state(day, counts, open_days, bounds):
    if day < bounds.first_day:
        return "past"
    if day in counts:
        return "free"
    return "full" if day in open_days else "closed"


def _turn(side, day, choice, bounds):
    """The link to the month before or after, where it has days that can be booked."""
    month = first_of(day)
    if not first_of(bounds.first_day) <= month <= bounds.last_day:
        return {}
    name = month_name(month)
    return {f"{side}_url": choice.days_url(month), f"{side}_title": name}
