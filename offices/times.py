"""Days and clock times in words, as an office's own calendar and clock show them.

How a language writes a date is part of its translation: the formats here are
messages, in the letters of Django's `date` filter.
"""

from datetime import timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

SAME_YEAR = timedelta(days=180)  # a day this near needs no year to be understood


def day_name(day, today):
    """A date seen from `today`: "Today", "Tomorrow", "Thu 26 November"."""
    if day == today:
        return _("Today")
    if day == today + timedelta(days=1):
        return _("Tomorrow")
    if day.year == today.year or abs(day - today) < SAME_YEAR:
        return date_format(day, pgettext("date format", "D j F"))
    return date_format(day, pgettext("date format", "D j F Y"))


def office_day(instant, office):
    """The office's day at an aware instant: "Tomorrow", "Thu 26 November"."""
    return day_name(office.local_day(instant), office.today())


def office_date(instant, office):
    """The same so that it stays true when read later: "Thursday 26 November 2026"."""
    return full_date(office.local_day(instant))


def full_date(day):
    """A date in full: "Thursday 26 November 2026"."""
    return date_format(day, pgettext("date format", "l j F Y"))


def office_time(instant, office):
    """What the office's clock shows: "09:15"."""
    return clock_time(instant.astimezone(office.zone).time())


def clock_time(time):
    """A time of day: "09:15"."""
    return date_format(time, pgettext("time format", "H:i"))


def office_when(instant, office):
    """Day and time: "Tomorrow, 09:15", "Thu 26 November, 09:15"."""
    return _("%(day)s, %(time)s") % {
        "day": office_day(instant, office),
        "time": office_time(instant, office),
    }
