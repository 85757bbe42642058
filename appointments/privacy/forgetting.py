"""Taking the person out of an appointment. What can be counted stays.

Nothing here asks whether it may: `purging` and `erasing` do.
"""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from appointments.models import Appointment, AppointmentEvent, Citizen
from appointments.signals import appointments_forgotten


def forget(pks):
    """Have appointments, whose rows the caller has locked, say no more who came.

    They become those of nobody; a guest's row goes with the last appointment of it,
    an account's stays. Who of the staff did what with them goes, too.
    """
    rows = Appointment.objects.filter(pk__in=pks)
    guests = list(
        rows.filter(citizen__user=None, citizen__is_nobody=False).values_list(
            "citizen", flat=True
        )
    )
    now = timezone.now()
    rows.update(
        citizen=Citizen.objects.nobody(),
        purpose="",
        access_needs="",
        note="",
        language="",
        purged_at=now,
        updated_at=now,
    )
    events = AppointmentEvent.objects.filter(appointment__in=pks)
    events.update(reason="", override="", actor=None)
    appointments_forgotten.send(sender=Appointment, pks=pks)
    _delete_unused(guests)


def _delete_unused(citizens):
    """In one statement: that no appointment is theirs has just been asked."""
    left = Appointment.objects.filter(citizen=OuterRef("pk"))
    unused = Citizen.objects.filter(~Exists(left), pk__in=citizens)
    unused._raw_delete(unused.db)
