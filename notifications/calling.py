"""Whom somebody has to call: citizens whose messages did not arrive, or would not.

Only of appointments to come: who was to be told of one that is over needs no call.
"""

from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from appointments.models import Appointment
from appointments.states import MOVABLE, Actor
from notifications.exceptions import NothingToTell
from notifications.models import Block, Message
from notifications.models.message import LOST
from notifications.states import Audience, Channel, Kind, Receipt, Status
from offices.permissions import require
from offices.roles import Permission

MOST = 200


class Call(NamedTuple):
    """A person to call; `lost` is the newest message that did not arrive."""

    appointment: Appointment
    lost: Message


def unheard(offices):
    """The lost messages (a queryset) that nothing since has made good for.

    A message makes good for those of the same event and of earlier ones. Who has
    cancelled need not hear of it.
    """
    citizens = Message.objects.filter(audience=Audience.CITIZEN)
    heard = citizens.filter(
        appointment=OuterRef("appointment"),
        event__gte=OuterRef("event"),
        status=Status.SENT,
    ).exclude(receipt=Receipt.BOUNCED)
    return citizens.filter(
        LOST,
        ~Exists(heard),
        appointment__office__in=offices,
        appointment__starts_at__gt=timezone.now(),
        called_at=None,
    ).exclude(event__actor_kind=Actor.CITIZEN, kind=Kind.CANCELLED)


def calls(office):
    """The Calls of an office, the soonest appointment first."""
    newest = (
        unheard([office]).order_by("appointment_id", "-pk").distinct("appointment_id")
    ).values("pk")
    lost = Message.objects.filter(pk__in=newest).with_details()
    soonest = lost.order_by("appointment__starts_at", "pk")
    return [Call(message.appointment, message) for message in soonest[:MOST]]


def count_calls(offices):
    """{office id: how many people are to be called}, in one statement."""
    rows = unheard(offices).order_by().values_list("appointment__office")
    return dict(rows.annotate(Count("appointment", distinct=True)))


def unreachable(office):
    """Appointments to come that nobody could be written to about, each with `cause`.

    Those who are to be called already are not among them.
    """
    by_mail = _standing(Channel.MAIL, "citizen__email")
    by_phone = _standing(Channel.SMS, "citizen__phone")
    cut_off = Q(Exists(by_mail)) | Q(Exists(by_phone), citizen__email="")
    rows = Appointment.objects.filter(
        cut_off,
        office=office,
        status__in=MOVABLE,
        starts_at__gt=timezone.now(),
    ).exclude(pk__in=unheard([office]).values("appointment"))
    return rows.with_details().order_by("starts_at", "pk")[:MOST]


def _standing(channel, field):
    blocks = Block.objects.standing().filter(channel=channel)
    return blocks.filter(address=Lower(OuterRef(field)))


@transaction.atomic
def told_by_phone(appointment, *, by):
    """Keep that the citizen has been told what no message has.

    Raises PermissionDenied, and NothingToTell when nothing is left to tell.
    """
    require(by, Permission.BOOK_APPOINTMENTS, appointment.office)
    left = unheard([appointment.office]).filter(appointment=appointment)
    pks = list(left.values_list("pk", flat=True))
    told = Message.objects.filter(pk__in=pks, called_at=None)
    if not told.update(called_at=timezone.now(), called_by=by):
        raise NothingToTell
