from django.db import transaction

from appointments import permissions
from appointments.exceptions import Changed
from appointments.models import Citizen
from appointments.operations import steps
from appointments.operations.move import reschedule
from appointments.signals import citizen_changed


@transaction.atomic
def change(appointment, *, by, starts_at=None, host=None, note=None, **details):
    """Move an appointment, or change what is written on it; what is None stays.

    `details`: purpose and access_needs, which are the citizen's; and with a move what
    `reschedule` takes. `note` is the office's own. A change of words is no event: the
    time is not affected, and nobody is told.

    Raises PermissionDenied, and with a move what reschedule raises; Changed when only
    the host is to be another and the time is no longer the one the caller saw.
    """
    words = {
        name: details.pop(name)
        for name in ("purpose", "access_needs")
        if details.get(name) is not None
    }
    if words:
        steps.allow(permissions.can_change, by, appointment)
    if note is not None:
        steps.allow(permissions.can_run_desk, by, appointment)
        words["note"] = note
    if starts_at or host:
        seen = appointment.starts_at
        appointment = reschedule(
            appointment, starts_at or seen, by=by, host=host, **details
        )
        if starts_at is None and appointment.events.last().previous_start != seen:
            raise Changed  # an old copy must not take it back to its old time
    appointment = steps.lock(appointment)
    for name, text in words.items():
        setattr(appointment, name, text)
    if words:
        appointment.save(update_fields=[*words, "updated_at"])
    return appointment


@transaction.atomic
def own_citizen(user, **details):
    """The Citizen that a user is, as the account says unless `details` say otherwise.

    `details`: name, phone, language; what is empty stays. The e-mail address is that
    of the account, which has been confirmed.
    """
    about = {"name": user.name, "phone": user.phone, "language": user.language}
    citizen, _made = Citizen.objects.get_or_create(
        user=user, defaults={**about, "email": user.email}
    )
    fresh = {"email": user.email, **{k: v for k, v in details.items() if v}}
    stale = {k: v for k, v in fresh.items() if getattr(citizen, k) != v}
    if stale:
        for name, value in stale.items():
            setattr(citizen, name, value)
        citizen.save(update_fields=list(stale))
        citizen_changed.send(sender=Citizen, citizen=citizen)
    return citizen
