"""Numbers and periods in the person's language."""

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from appointments.statistics.periods import Period

NONE = "–"


def whole(value):
    return number_format(round(value), force_grouping=True)


def decimal(value):
    return number_format(value, decimal_pos=1, force_grouping=True)


def share(value):
    return _("%(number)s %%") % {"number": number_format(value * 100, decimal_pos=1)}


def known(show, value):
    return NONE if value is None else show(value)


def minutes(value):
    return _("%(number)s min") % {"number": decimal(value)}


def days(value):
    return _("%(number)s days") % {"number": decimal(value)}


def period_name(start, by):
    """A day, "from" the Monday of a week, or a month, in words."""
    if by == Period.MONTH:
        return date_format(start, pgettext("month format", "M Y"))
    return date_format(start, pgettext("date format", "j M Y"))
