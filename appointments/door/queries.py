"""What the screen and the tablet ask: who was called where, and who is it."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from appointments import links, references
from appointments.desk import queue
from appointments.states import Status
from offices.html import UNSEEN

CALLS_SHOWN = 6
CALL_LASTS = timedelta(hours=1)

_LINK = re.compile(r"/appointments/([^/?#\s]+)")  # in what a QR code says


class Call(NamedTuple):
    """A ticket, and where to go with it."""

    ticket: int
    place: str


def last_calls(office):
    """The calls of the last hour, the newest first. One query."""
    called = office.appointments.filter(
        day=office.today(),
        ticket__isnull=False,
        called_at__gt=timezone.now() - CALL_LASTS,
    )
    rows = called.select_related("called_to", "host").order_by("-called_at", "-ticket")
    return [
        Call(row.ticket, place_of(row.called_to or row.host))
        for row in rows[:CALLS_SHOWN]
    ]


def place_of(host):
    """Where a host is to be found; a person is never named in public."""
    if host.place:
        return host.place
    return _("Please come in") if host.user_id else host.name


def by_reference(office, typed):
    """Today's appointment that a typed reference or a scanned link names; or None."""
    link = _LINK.search(typed)
    if not link:
        reference = references.read(typed)
        return _today(office).filter(reference=reference or "").first()
    try:
        found = links.appointment_for(link[1])
    except (links.BadLink, links.PurgedLink, links.StaleLink):
        return None
    return _today(office).filter(pk=found.pk).first()


def by_name(office, name, clock):
    """Today's only appointment at a time of day of a citizen of that name; or None.

    The name is to be whole; case and blanks do not matter.
    """
    start = datetime.combine(office.today(), clock, office.zone)
    twice = [start, start.replace(fold=1)]  # where clocks show the hour again
    rows = _today(office).filter(starts_at__in=twice)
    found = [row for row in rows if tidy(row.citizen.name) == tidy(name)]
    return found[0] if len(found) == 1 else None


def tidy(name):
    return " ".join(name.translate(UNSEEN).casefold().split())


def waiting_before(appointment):
    """How many are called before, as things are; 0 for who was called already."""
    waiting = queue.waiting_for(appointment.host).values_list("pk", flat=True)
    order = list(waiting)
    return order.index(appointment.pk) if appointment.pk in order else 0


def _today(office):
    """Today's, without those that will not be."""
    rows = office.appointments.filter(day=office.today())
    return rows.exclude(status__in=[Status.CANCELLED, Status.DENIED]).with_details()
