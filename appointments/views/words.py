"""What the pages say of a choice and of an appointment, as components take it."""

from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import phones
from appointments.states import Actor, EventKind
from appointments.views.buttons import clock
from offices.times import full_date, time_needed
from offices.translated import marked, text_of

EVENTS = {
    EventKind.REQUESTED: gettext_lazy("Requested"),
    EventKind.BOOKED: gettext_lazy("Booked"),
    EventKind.APPROVED: gettext_lazy("Confirmed"),
    EventKind.DENIED: gettext_lazy("Not approved"),
    EventKind.RESCHEDULED: gettext_lazy("Moved from %(before)s"),
    EventKind.POSTPONED: gettext_lazy("Moved from %(before)s"),
    EventKind.REASSIGNED: gettext_lazy("Given to another host"),
    EventKind.CHECKED_IN: gettext_lazy("Arrived"),
    EventKind.CALLED: gettext_lazy("Called"),
    EventKind.STARTED: gettext_lazy("Begun"),
    EventKind.COMPLETED: gettext_lazy("Completed"),
    EventKind.CANCELLED: gettext_lazy("Cancelled"),
    EventKind.NO_SHOW: gettext_lazy("Nobody came"),
    EventKind.UNDONE: gettext_lazy("Last step taken back"),
}
ACTORS = {
    Actor.CITIZEN: gettext_lazy("by you"),
    Actor.STAFF: gettext_lazy("by the office"),
    Actor.SYSTEM: gettext_lazy("automatically"),
}
# Of these events a citizen is told the reason; other notes are the office's own.
REASON_TOLD = {EventKind.CANCELLED, EventKind.DENIED, EventKind.POSTPONED}


def when(instant, office):
    """A time so that it stays true: "Thursday 26 November 2026, 09:15"."""
    local = instant.astimezone(office.zone)
    return _("%(day)s, %(time)s") % {
        "day": full_date(local.date()),
        "time": clock(local),
    }


def clock_at(instant, office):
    """What the office's clock shows then: "09:15"."""
    return clock(instant.astimezone(office.zone))


def of_choice(choice):
    """What has been chosen so far."""
    offered = choice.offered
    length = time_needed(offered.duration * choice.quantity)
    service = text_of(offered.service, "name", office=offered.office)
    rows = [
        {"key": _("Service"), "value": service, "note": length},
        {
            "key": _("Office"),
            "value": text_of(offered.office, "name"),
            "note": ", ".join(offered.office.address),
        },
    ]
    if choice.quantity > 1:
        rows.append({"key": _("How many"), "value": choice.quantity})
    if choice.host:
        rows.append({"key": _("With"), "value": choice.host.name})
    return rows


def in_short(appointment):
    """One line of a list: when, what, where, and what became of it."""
    return {
        "when": when(appointment.starts_at, appointment.office),
        "what": appointment.service.name,
        "where": appointment.office.name,
        "status": appointment.status,
        "label": appointment.get_status_display(),
    }


def of_visit(appointment):
    """When and where an appointment is, and what for."""
    office = appointment.office
    service = text_of(appointment.service, "name", office=office)
    length = time_needed(appointment.ends_at - appointment.starts_at)
    rows = [
        {
            "key": _("When"),
            "value": when(appointment.starts_at, office),
            "note": length,
        },
        {"key": _("Where"), "value": _where(office)},
        {"key": _("With"), "value": appointment.host.name},
        {"key": _("Service"), "value": service},
    ]
    if appointment.quantity > 1:
        rows.append({"key": _("How many"), "value": appointment.quantity})
    return rows


def _where(office):
    lines = [marked(text_of(office, "name")), *office.address]
    # Each runs its own way: a street may not follow the name of its office.
    return format_html_join("\n", "<bdi>{}</bdi>", ((line,) for line in lines))


def of_citizen(appointment):
    """What the citizen told us."""
    citizen = appointment.citizen
    rows = [
        (_("Name"), citizen.name),
        (_("E-mail address"), citizen.email),
        (_("Phone number"), phones.words(citizen.phone)),
        (_("What it is about"), appointment.purpose),
        (_("What you need"), appointment.access_needs),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]


def history(appointment):
    """What happened, the newest first; without the names of staff."""
    office = appointment.office
    return [
        {
            "title": _title(event, office),
            "when": when(event.created_at, office),
            "by": ACTORS[event.actor_kind],
            "note": event.reason if event.kind in REASON_TOLD else "",
        }
        for event in reversed(appointment.events.all())
    ]


def _title(event, office):
    before = event.previous_start and when(event.previous_start, office)
    return EVENTS[event.kind] % {"before": before}
