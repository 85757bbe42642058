"""Reading from the history whom the office has moved or called off, and how told."""

from collections import Counter
from typing import NamedTuple

from django.db.models import Max
from django.utils import timezone

from appointments.impact.decisions import Fate
from appointments.models import AppointmentEvent
from appointments.states import Actor, EventKind

FATES = {
    EventKind.POSTPONED: Fate.MOVE,
    EventKind.REASSIGNED: Fate.GIVE,
    EventKind.CANCELLED: Fate.CANCEL,
}
MUST_HEAR = [EventKind.POSTPONED, EventKind.CANCELLED]


class Told(NamedTuple):
    """What one operation has done: how many met which fate, and who was told."""

    moved: int
    given: int
    cancelled: int
    mailed: int
    to_call: int


def told_by(user, office, *, since, until):
    """What `user` did to the appointments of an office between two aware instants."""
    events = AppointmentEvent.objects.filter(
        actor=user,
        appointment__office=office,
        appointment__day__gte=office.local_day(since),
        created_at__range=(since, until),
        kind__in=FATES,
    )
    fates, mailed, to_call = Counter(), 0, 0
    for kind, email in events.values_list("kind", "appointment__citizen__email"):
        fates[FATES[EventKind(kind)]] += 1
        if kind in MUST_HEAR:
            mailed += bool(email)
            to_call += not email
    return Told(fates[Fate.MOVE], fates[Fate.GIVE], fates[Fate.CANCEL], mailed, to_call)


def calls(office, *, since):
    """Whom somebody has to call: the soonest of the old times first, then what is over.

    The last event of each appointment of an office that the office has moved or
    called off since an aware instant, where the citizen has no e-mail address.
    """
    # What is moved or called off is still to come: so its day says how old it can be.
    events = AppointmentEvent.objects.filter(
        appointment__office=office,
        appointment__day__gte=office.local_day(since),
        appointment__citizen__email="",
        created_at__gte=since,
        kind__in=MUST_HEAR,
    ).exclude(actor_kind=Actor.CITIZEN)
    last = events.order_by().values("appointment").annotate(last=Max("pk"))
    details = ["office", "citizen", "service", "host"]
    found = AppointmentEvent.objects.filter(pk__in=last.values("last")).select_related(
        "actor", *(f"appointment__{name}" for name in details)
    )
    now = timezone.now()
    return sorted(found, key=lambda event: (old_start(event) < now, old_start(event)))


def old_start(event):
    """When the appointment was to be, before the event."""
    return event.previous_start or event.appointment.starts_at
