"""What can be done next with an appointment at the desk, and what it is called."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from appointments.states import Status
from offices.models import Host


class Step(NamedTuple):
    """One button: `name` is that of the address, `host` who calls or serves."""

    name: str
    label: str
    host: Host | None = None


def steps_of(appointment, *, now, host=None):
    """The steps that are possible now, the usual one first.

    `host` is where the person at this screen serves, if that is known. The operations
    look again, under their locks.
    """
    due = appointment.starts_at <= now
    match appointment.status:
        case Status.CONFIRMED:
            found = [Step("check-in", _("Check in"))]
            return found + [Step("no-show", _("Did not come"))] * due
        case Status.CHECKED_IN if appointment.called_at:
            return [
                Step("start", _("Start")),
                Step("call", _("Call again")),
                Step("no-show", _("Has left")),
                Step("undo", _("Back to the queue")),
            ]
        case Status.CHECKED_IN:
            serving = host or appointment.host
            return [
                Step("call", _("Call to %(place)s") % {"place": place(serving)}, host),
                Step("start", _("Start"), host),
                *[Step("no-show", _("Has left"))] * due,
                Step("undo", _("Undo check-in")),
            ]
        case Status.IN_PROGRESS:
            return [Step("complete", _("Complete")), Step("undo", _("Undo start"))]
        case Status.COMPLETED:
            return [Step("undo", _("Take back"))]
        case Status.NO_SHOW:
            return [Step("undo", _("Has come after all"))]
    return []


def place(host):
    """Where people are called to, for who works there."""
    return host.place or host.name
