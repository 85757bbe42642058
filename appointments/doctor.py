"""Appointments: never two at a time, and each where it says it is."""

from django.db.models import F

from appointments import invariants
from appointments.models import Appointment, Citizen
from availability.models import HostDay
from config.doctor import check


@check("No host and no person has two appointments at one time.")
def overlaps():
    return [f"{one} and {other}" for one, other in invariants.overlapping()]


@check("What is claimed of each host's day is what appointments and holds take.")
def claims():
    return [
        f"host {host} on {day}: {_told(kept, due)}"
        for host, day, kept, due in invariants.misclaimed()
    ]


def _told(kept, due):
    if kept == due:
        return "two that take time share a quarter-hour; one must go by hand"
    return f"claimed {kept or 'nothing'}, due {due or 'nothing'}"


@claims.mends
def reclaim():
    invariants.reclaim()


@check("Each appointment and hold takes the quarter-hours of its own time.")
def places():
    return [str(claim.pk) for claim in invariants.misplaced()]


@check("What is written of an appointment at the desk fits how far it has got.")
def desk_times():
    return [appointment.reference for appointment in invariants.untimely()]


@check("Appointments and host days are at the office of their host.")
def offices():
    return [
        *[
            f"appointment {reference}"
            for reference in Appointment.objects.exclude(office=F("host__office"))
            .order_by("reference")
            .values_list("reference", flat=True)
        ],
        *[
            f"host {host} on {day}"
            for host, day in HostDay.objects.exclude(office=F("host__office"))
            .order_by("host", "day")
            .values_list("host", "day")
        ],
    ]


@check("Nobody's name is kept who has no appointment and no account.")
def citizens():
    return [f"citizen {pk}" for pk in _orphans().values_list("pk", flat=True)]


def _orphans():
    """Guests whose appointments are gone. One is being booked in one transaction."""
    return Citizen.objects.filter(user=None, appointments=None).order_by("pk")


@citizens.mends
def forget():
    _orphans().delete()
