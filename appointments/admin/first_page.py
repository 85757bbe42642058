"""The admin's first page: the person's own day, above the lists of rows."""

from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext as _

from appointments.statistics import today
from offices.admin_base import reach_of
from offices.models import Office
from offices.roles import Permission
from offices.times import office_when, time_needed

# What apps above this one find left to do: each asks (offices, reach) and answers
# {office id: [Number]}, in as many statements for any number of offices.
MORE_TO_DO = []

MOST_OFFICES = 30  # an admin of a whole city chooses the others on the pages


class Number(NamedTuple):
    """A count, where it leads ("" for nowhere), and what more there is to say."""

    name: str
    count: int
    url: str
    note: str = ""


class OfficeDay(NamedTuple):
    """An office: its `day` in numbers, and what is left `to_do`, if anything."""

    office: Office
    day: list[Number]
    to_do: list[Number]


class Own(NamedTuple):
    """One of the person's own next appointments."""

    when: str
    what: str
    who: str
    url: str


def first_page(request):
    """What templates/admin/index.html shows besides Django's list."""
    reach = reach_of(request)
    rows = Office.objects.visible_to(request.user).order_by("name", "pk")
    offices = list(rows[: MOST_OFFICES + 1])
    shown = today.days(offices[:MOST_OFFICES], reach.may)
    more = [ask(offices[:MOST_OFFICES], reach) for ask in MORE_TO_DO]
    return {
        "office_days": [_in_words(day, reach, more) for day in shown],
        "more_offices": len(offices) > MOST_OFFICES,
        "own": [_own(each) for each in today.next_of(request.user)],
    }


def _in_words(day, reach, more):
    office = day.office
    runs_desk = reach.may(Permission.RUN_DESK, office.pk)
    desk = address("desk" if runs_desk else "calendar", office)
    waited = day.waited and _("the first for %(time)s") % {
        "time": time_needed(day.waited)
    }
    numbers = [
        Number(_("Expected"), day.expected, desk),
        Number(_("Waiting"), day.waiting, desk, waited or ""),
        Number(_("Being served"), day.served, desk),
        Number(_("Done"), day.completed, desk),
        Number(_("Did not come"), day.no_show, desk),
    ]
    to_do = [
        (_("Requests to decide"), day.requests, "requests"),
        (_("Appointments without hours"), day.unsupported, "impact"),
        (_("Not closed"), day.unclosed, "closing"),
    ]
    left = [Number(name, n, address(page, office)) for name, n, page in to_do if n]
    for found in more:
        left += found.get(office.pk, [])
    return OfficeDay(office, numbers, left)


def address(page, office):
    return f"{reverse(f'admin:{page}')}?{urlencode({'office': office.slug})}"


def _own(appointment):
    return Own(
        office_when(appointment.starts_at, appointment.office),
        str(appointment.service),
        str(appointment.citizen),
        reverse("admin:appointments_appointment_change", args=[appointment.pk]),
    )


admin.site.first_page = first_page
