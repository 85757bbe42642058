"""Who is told what, and by which channel: what an office has chosen, else DEFAULTS
(notifications.states)."""

from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from notifications.models import MessagePolicy, Notice
from notifications.states import DEFAULTS, Audience, Channel, Kind
from offices.history import recorded
from offices.permissions import require
from offices.roles import Permission


class Recipient(NamedTuple):
    audience: Audience
    channel: Channel
    address: str
    instead: bool = False  # of mail, which cannot reach them


def recipients(appointment, *kinds, by=None):
    """Whom an office writes to about one of its appointments: {kind: [Recipient]}.

    Nobody is told by mail what he has just done himself (`by`). A citizen without an
    e-mail address is told by text message what he would have been told by mail.
    """
    chosen = _chosen(appointment.office_id, kinds)
    found = {kind: [] for kind in kinds}
    for audience in Audience:
        if not any(choice[1] == audience for choice in chosen):
            continue
        addresses = _addresses(appointment, audience, by)
        for kind in kinds:
            channels = {c for c in Channel if (kind, audience, c) in chosen}
            instead = Channel.MAIL in channels and Channel.MAIL not in addresses
            instead = instead and audience == Audience.CITIZEN
            if instead:
                channels.add(Channel.SMS)
            found[kind] += [
                Recipient(audience, channel, addresses[channel], instead)
                for channel in Channel
                if channel in channels and channel in addresses
            ]
    return found


def policy_of(office):
    """The office's MessagePolicy, or an unsaved one with the defaults."""
    saved = MessagePolicy.objects.filter(office=office).first()
    return saved or MessagePolicy(office=office)


@transaction.atomic
def save(row, *, by):
    """Write a MessagePolicy or a Notice. Raises PermissionDenied, ValidationError."""
    require(by, Permission.MANAGE_OFFICE, row.office)
    row.full_clean()
    with recorded(row, by=by):
        row.save()
    return row


@transaction.atomic
def delete(row, *, by):
    """Go back to what holds at every office. Raises PermissionDenied."""
    require(by, Permission.MANAGE_OFFICE, row.office)
    with recorded(row, by=by):
        row.delete()


def _chosen(office_id, kinds):
    """What of CHOICES holds at an office, for some kinds."""
    chosen = {choice for choice in DEFAULTS if choice[0] in kinds}
    for notice in Notice.objects.filter(office=office_id, kind__in=kinds):
        choice = (Kind(notice.kind), Audience(notice.audience), Channel(notice.channel))
        (chosen.add if notice.is_sent else chosen.discard)(choice)
    return chosen


def _addresses(appointment, audience, by):
    """{channel: address} of who is of an audience."""
    if audience == Audience.CITIZEN:
        citizen = appointment.citizen
        mail, phone = citizen.email, citizen.phone if settings.SMS_ENABLED else ""
    elif audience == Audience.HOST:
        user = appointment.host.user
        mail, phone = (user.email if user and user != by else ""), ""
    else:
        mail, phone = appointment.office.email, ""
    given = {Channel.MAIL: mail, Channel.SMS: phone}
    return {channel: address for channel, address in given.items() if address}
