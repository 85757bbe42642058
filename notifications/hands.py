"""Appointments that change hands: whose they were, and to whom that is still news."""

from django.db.models import Q

from appointments.states import EventKind
from notifications.states import Audience
from offices.models import Host, Membership

# Events that can give an appointment to another host. An approval gives it to nobody:
# where it is for another time, the move that follows says whose it is.
CHANGES = {EventKind.REASSIGNED, EventKind.RESCHEDULED, EventKind.POSTPONED}


def former_host(event):
    """Whose it was, where an event has given it to another Host; else None."""
    earlier = event.appointment.events.filter(pk__lt=event.pk)
    earlier = earlier.exclude(kind=EventKind.APPROVED).select_related("host__user")
    before = earlier.order_by("pk").last()
    host = before and before.host
    return host if host and host.pk != event.host_id else None


def works_there(host):
    """Whether a host is a person who still works at the office."""
    memberships = Membership.objects.current().filter(office=host.office_id)
    user = host.user
    return bool(user) and user.is_active and memberships.filter(user=user).exists()


def has_it_again(event):
    """A condition on messages: they say that it is no more his whose it now is.

    Without a join, so that an UPDATE still finds it in rows that it had to wait for.
    """
    address = Host.objects.filter(pk=event.host_id).values("user__email")[:1]
    return Q(audience=Audience.FORMER, recipient=address)
