"""People at the desk of the Town Hall, at whatever time the demo is made.

They come by the operations; then the clock is put back for some, who have waited.
"""

from contextlib import suppress
from datetime import datetime, time, timedelta

from django.db.models import F
from django.utils import timezone

from appointments import operations
from appointments.models import Appointment, AppointmentEvent, Citizen
from appointments.states import Status
from availability.exceptions import SlotTaken
from availability.models import AvailabilityException, ExceptionKind
from availability.operations import set_hours

# Who has come how many minutes ago, for what.
PEOPLE = [
    ("Halvard Pennywhistle", 47, "register-address"),
    ("Ngozi Strandgaard", 38, "dog-licence"),
    ("Amélie Whitcombe", 34, "passport"),
    ("Teodoro Blackwater", 17, "residence-certificate"),
    ("Ruta Featherstone", 6, "parking-permit"),
]
COUNTERS = ["Counter 1", "Counter 2", "Counter 3"]
OPEN_FOR = timedelta(hours=2)


def open_now(office, clerk):
    """Open some counters for the next two hours, with people who wait there.

    The first is being served, the second has been called.
    """
    hosts = list(office.hosts.filter(name__in=COUNTERS).order_by("name"))
    for host in hosts:
        set_hours(host, save=[_extra(office)], by=None)
    offered = {each.service.source_id: each for each in office.offered.with_details()}
    came = []
    for name, minutes, code in PEOPLE:
        with suppress(SlotTaken):  # so late in the day
            citizen = Citizen(name=name, language="en")
            visit = operations.walk_in(offered[code], citizen=citizen, by=clerk)
            came.append((visit, timedelta(minutes=minutes)))
    served = office.appointments.filter(status=Status.IN_PROGRESS)
    busy = set(served.values_list("called_to", flat=True))
    free = [host for host in hosts if host.pk not in busy]
    for (visit, _), host in zip(came[:2], free, strict=False):
        operations.call(visit, host=host, by=clerk)
    for visit, _ in came[:1]:
        operations.start(visit, by=clerk)
    for visit, ago in came:
        _put_back(visit, ago)


def _extra(office):
    """From the running quarter-hour on, within the day."""
    now = timezone.now().astimezone(office.zone)
    start = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    ends_at = start + OPEN_FOR
    return AvailabilityException(
        kind=ExceptionKind.EXTRA,
        day=now.date(),
        start_time=start.time(),
        end_time=ends_at.time() if ends_at.date() == start.date() else time(),
        reason="More people than usual",
    )


def _put_back(visit, ago):
    """Have them come some minutes ago, not before midnight; what followed, lately."""
    since_midnight = timezone.now() - datetime.combine(
        visit.day, time(), visit.office.zone
    )
    ago = min(ago, since_midnight)
    row = Appointment.objects.filter(pk=visit.pk)
    row.update(created_at=F("created_at") - ago, checked_in_at=F("checked_in_at") - ago)
    events = AppointmentEvent.objects.filter(appointment=visit)
    events.filter(kind__in=["booked", "checked_in"]).update(
        created_at=F("created_at") - ago
    )
