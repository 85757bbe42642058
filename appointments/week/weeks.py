"""Weeks by their names, as ISO 8601 writes them: "2026-W48". They begin on Monday."""

import re
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from offices.times import YEARS

NAME = re.compile(r"(\d{4})-W(\d{2})")
WEEK = timedelta(days=7)


def monday_of(day):
    return day - timedelta(days=day.weekday())


def name_of(day):
    """The name of the week that a date is in."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def read(name):
    """The Monday of the week of that name; None if there is none, or it is too far."""
    found = NAME.fullmatch(name)
    if not found or int(found[1]) not in YEARS:
        return None
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        return None


def days_of(monday):
    return [monday + timedelta(days=n) for n in range(7)]


def title(monday):
    """The week in words: "Week 48: 23 November – 29 November 2026"."""
    sunday = monday + timedelta(days=6)
    return _("Week %(number)d: %(first)s – %(last)s") % {
        "number": monday.isocalendar().week,
        "first": date_format(monday, pgettext("date format", "j F")),
        "last": date_format(sunday, pgettext("date format", "j F Y")),
    }
