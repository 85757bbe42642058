"""Days and clock times in words, as an office's own calendar and clock show them.

How a language writes a date is part of its translation: the formats here are
messages, in the letters of Django's `date` filter.
"""

from datetime import date, time, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

MIDNIGHT = time()
YEARS = range(2000, 2200)  # of the days that an office can have to do with
SAME_YEAR = timedelta(days=180)  # a day this near needs no year to be understood


def read_day(text):
    """The date that is written like "2026-11-30"; None for any other text.

    Also for one outside YEARS, which no clock can be asked about.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


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


def weekday(day):
    """The weekday of a date: "Thursday"."""
    return date_format(day, "l")


def full_date(day):
    """A date in full: "Thursday 26 November 2026"."""
    return date_format(day, pgettext("date format", "l j F Y"))


def office_time(instant, office):
    """What the office's clock shows: "09:15"."""
    return clock_time(instant.astimezone(office.zone).time())


def clock_time(time_of_day):
    """A time of day: "09:15"."""
    return date_format(time_of_day, pgettext("time format", "H:i"))


def clock_span(start, end):
    """Two times of day: "08:00 – 12:00"; an end of midnight is 24:00."""
    until = clock_time(end) if end != MIDNIGHT else _("24:00")
    return f"{clock_time(start)} – {until}"


def office_when(instant, office):
    """Day and time: "Tomorrow, 09:15", "Thu 26 November, 09:15"."""
    return _day_and_time(office_day(instant, office), office_time(instant, office))


def stretch(starts_at, ends_at, office):
    """From one instant until another: whole days by their names, else with times."""
    start, end = (each.astimezone(office.zone) for each in (starts_at, ends_at))
    last = office.local_day(ends_at - timedelta.resolution)
    first_day = day_name(start.date(), office.today())
    if start.time() == end.time() == MIDNIGHT:
        last_day = day_name(last, office.today())
        return first_day if last == start.date() else f"{first_day} – {last_day}"
    if last == start.date():
        return _day_and_time(first_day, clock_span(start.time(), end.time()))
    return f"{office_when(starts_at, office)} – {office_when(ends_at, office)}"


def _day_and_time(day, time_of_day):
    return _("%(day)s, %(time)s") % {"day": day, "time": time_of_day}


def time_needed(duration):
    """A length of time: "20 minutes", "1 hour 30 minutes"."""
    hours, minutes = divmod(round(duration.total_seconds() / 60), 60)
    in_hours = ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    rest = ngettext("%(count)d minute", "%(count)d minutes", minutes)
    in_minutes = rest % {"count": minutes}
    if not hours:
        return in_minutes
    return f"{in_hours} {in_minutes}" if minutes else in_hours
