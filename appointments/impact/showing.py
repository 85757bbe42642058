"""The page on which somebody decides what becomes of each appointment."""

from datetime import timedelta

from django.contrib import admin
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from appointments.impact.decisions import Fate
from appointments.impact.proposals import FreeTime, Row, propose
from appointments.previews import keys_without_hours, tried, without_hours
from availability import operations as availability
from offices.times import office_time, office_when

KEPT_FOR = timedelta(minutes=20)  # how long the proposed times are kept


def holder_of(user):
    """Whose the proposed times are: one page at once for each person."""
    return f"impact:{user.pk}"


def hurt_by(change, *, by):
    """Whom a change would hurt and what could become of them; nothing is saved.

    The times that are proposed are kept for `by`, instead of those of an earlier
    page. Returns a list of proposals.Row. Raises what `change.apply` raises.
    """
    availability.release(holder=holder_of(by))
    office = change.office
    without = None if change.is_empty else keys_without_hours(office)
    with tried(lambda: change.apply(by=by)):
        found = list(without_hours(office, but=without))
        free_time = FreeTime(office)
    rows = propose(found, free_time)
    _keep(rows, by)
    return rows


def _keep(rows, by):
    """Keep the times that are proposed; what somebody has just taken is no option."""
    wanted = [
        (option.host.pk, option.slot, row.appointment)
        for row in rows
        for option in row.options
        if option.slot
    ]
    kept = availability.keep_all(
        [
            (host, slot, appointment.service_id, appointment.quantity)
            for host, slot, appointment in wanted
        ],
        holder=holder_of(by),
        until=timezone.now() + KEPT_FOR,
    )
    for row in rows:
        row.options = [
            option
            for option in row.options
            if option.slot is None or (option.host.pk, option.slot.starts_at) in kept
        ]


def lost_at(office):
    """What has lost its hours already, as a template shows it."""
    return [_shown(Row(appointment)) for appointment in without_hours(office)]


def alike(rows, wish):
    """Decide all rows alike: {appointment id: Decision}.

    `wish` is a Fate or "best"; where there is no such choice, the best there is.
    """
    return {row.appointment.pk: row.first(wish) or row.best for row in rows}


def page(request, change, rows, *, chosen=None, reason=None, error="", status=200):
    """The page on `rows`, with what was `chosen` so far: {appointment id: Decision}."""
    office = change.office
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,  # the width is for the work
        "title": _("Who is affected"),
        "office": office,
        "change": change,
        "signed": change.dumps(user=request.user),
        "rows": [_shown(row, (chosen or {}).get(row.appointment.pk)) for row in rows],
        "reason": neutral_reason(change) if reason is None else reason,
        "kept_until": office_time(timezone.now() + KEPT_FOR, office),
        "error": error,
    }
    return TemplateResponse(request, "admin/impact/impact.html", context, status=status)


def neutral_reason(change):
    """What citizens are told, unless staff write something else.

    They may read why an office closes, but not why somebody is away.
    """
    if change.why_closed is None:
        return _("Our opening hours have changed.")
    if not change.why_closed:
        return _("The office is closed at that time.")
    return _("The office is closed at that time: %(why)s") % {"why": change.why_closed}


def _shown(row, chosen=None):
    """A row as a template shows it."""
    decisions = [option.decision for option in row.options]
    selected = chosen if chosen in decisions else next(iter(decisions), None)
    appointment = row.appointment
    return {
        "appointment": appointment,
        "when": office_when(appointment.starts_at, appointment.office),
        "options": [
            {
                "value": str(option.decision),
                "label": label(option, appointment),
                "selected": option.decision == selected,
            }
            for option in row.options
        ],
    }


def label(option, appointment):
    """What an option is called."""
    match option.decision.fate:
        case Fate.GIVE:
            return _("Give to %(host)s, same time") % {"host": option.host}
        case Fate.MOVE:
            when = office_when(option.slot.starts_at, appointment.office)
            if option.host.pk == appointment.host_id:
                return _("Move to %(when)s") % {"when": when}
            told = {"when": when, "host": option.host}
            return _("Move to %(when)s, %(host)s") % told
        case Fate.CANCEL:
            return _("Cancel and tell")
    return _("Leave as it is, without hours")
