"""Free times as buttons, in the groups that components/slots.html takes.

A day can have dozens: each label is a look-up, not a date filter.
"""

from datetime import time
from functools import lru_cache
from itertools import groupby

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from offices.times import clock_time, day_name

NOON = 12
EVENING = 17


def by_part_of_day(starts, office):
    """The times of one day, as morning, afternoon and evening."""
    local_starts = [start.astimezone(office.zone) for start in starts]
    return [
        {"label": label, "slots": [_button(local) for local in group]}
        for label, group in groupby(local_starts, _part_of_day)
    ]


def nearest(starts, office):
    """Some times of different days as one group, if there are any."""
    today = office.today()
    local_starts = [start.astimezone(office.zone) for start in starts]
    buttons = [
        _button(local) | {"note": day_name(local.date(), today)}
        for local in local_starts
    ]
    return [{"label": _("The nearest free times"), "slots": buttons}] if starts else []


def _part_of_day(local):
    if local.hour < NOON:
        return _("Morning")
    return _("Afternoon") if local.hour < EVENING else _("Evening")


def _button(local):
    return {"value": local.isoformat(timespec="minutes"), "label": clock(local)}


def clock(local):
    """What the clock shows: "09:15"; "02:15 CET" in an hour that it shows twice."""
    shown = _clock(get_language(), local.hour, local.minute)
    if local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
        return shown
    return f"{shown} {local.tzname()}"


@lru_cache(maxsize=1024)
def _clock(language, hour, minute):
    """One of the few times of day that there are, as `language` writes it."""
    return clock_time(time(hour, minute))
