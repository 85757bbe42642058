"""Who is told what, and by which channel: what an office has chosen, else DEFAULTS
(notifications.states)."""

from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from availability.operations import save_office
from notifications import hands
from notifications.languages import language_for
from notifications.models import MessagePolicy, Notice
from notifications.states import CHOICES, DEFAULTS, OF_HANDS, Audience, Channel, Kind
from offices.history import recorded
from offices.models import Office
from offices.permissions import require
from offices.roles import Permission


class Recipient(NamedTuple):
    audience: Audience
    channel: Channel
    address: str
    language: str
    instead: bool = False  # of mail, which cannot reach them


def recipients(appointment, *kinds, by=None, event=None):
    """Whom an office writes to about one of its appointments: {kind: [Recipient]}.

    Nobody is told by mail what he has just done himself (`by`). A citizen without an
    e-mail address is told by text message what he would have been told by mail.
    For Kind.REASSIGNED `event` is needed, which may have given it to another host.
    """
    chosen = _chosen(appointment.office_id, kinds)
    former = hands.former_host(event) if OF_HANDS in chosen else None
    if OF_HANDS in chosen:
        chosen = _of_hands(chosen, former, kinds)
    found = {kind: [] for kind in kinds}
    for audience in Audience:
        if not any(choice[1] == audience for choice in chosen):
            continue
        host = former if audience == Audience.FORMER else appointment.host
        addresses = _addresses(appointment, audience, by, host)
        if not addresses:
            continue
        language = language_for(appointment, audience, host=host)
        for kind in kinds:
            channels = {c for c in Channel if (kind, audience, c) in chosen}
            instead = Channel.MAIL in channels and Channel.MAIL not in addresses
            instead = instead and audience == Audience.CITIZEN
            if instead:
                channels.add(Channel.SMS)
            found[kind] += [
                Recipient(audience, channel, addresses[channel], language, instead)
                for channel in Channel
                if channel in channels and channel in addresses
            ]
    return found


def policy_of(office):
    """The office's MessagePolicy, or an unsaved one with the defaults."""
    saved = MessagePolicy.objects.filter(office=office).first()
    return saved or MessagePolicy(office=office)


def chosen(office):
    """All of CHOICES that an office sends."""
    return _chosen(office.pk, list(Kind))


@transaction.atomic
def change(office, *, sent, reminder_hours, policy, by):
    """Have an office write as it wants to: `sent` are all of CHOICES that it sends.

    `reminder_hours` are those by mail; `policy` is its MessagePolicy, perhaps new.
    Raises PermissionDenied, ValidationError.
    """
    office = Office.objects.select_for_update(no_key=True).get(pk=office.pk)
    if office.reminder_hours != reminder_hours:
        office.reminder_hours = reminder_hours
        save_office(office, by=by)
    choose(office, sent, by=by)
    save(policy, by=by)


@transaction.atomic
def choose(office, sent, *, by):
    """Send these of CHOICES and no others; what is as usual needs no Notice.

    Raises PermissionDenied.
    """
    require(by, Permission.MANAGE_OFFICE, office)
    notices = {
        (notice.kind, notice.audience, notice.channel): notice
        for notice in Notice.objects.filter(office=office)
    }
    for choice in sorted(CHOICES):
        notice, is_sent = notices.get(choice), choice in sent
        if is_sent != (choice in DEFAULTS):
            notice = notice or Notice(office=office, **_named(choice))
            notice.is_sent = is_sent
            save(notice, by=by)
        elif notice:
            delete(notice, by=by)


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


def _named(choice):
    return dict(zip(["kind", "audience", "channel"], choice, strict=True))


def _chosen(office_id, kinds):
    """What of CHOICES holds at an office, for some kinds."""
    chosen = {choice for choice in DEFAULTS if choice[0] in kinds}
    for notice in Notice.objects.filter(office=office_id, kind__in=kinds):
        choice = (Kind(notice.kind), Audience(notice.audience), Channel(notice.channel))
        (chosen.add if notice.is_sent else chosen.discard)(choice)
    return chosen


def _of_hands(chosen, former, kinds):
    """What is chosen, by what has become of the hands it is in.

    Where they are the same, there is nothing to tell. Where they are not, the new host
    is told once: by what hosts are told of a move, if it was one and that is chosen.
    """
    news = {(kind, Audience.HOST, Channel.MAIL) for kind in kinds} - {OF_HANDS}
    if former is None or news & chosen:
        chosen = chosen - {OF_HANDS}
    if former is not None and hands.works_there(former):
        chosen = chosen | {(Kind.REASSIGNED, Audience.FORMER, Channel.MAIL)}
    return chosen


def _addresses(appointment, audience, by, host):
    """{channel: address} of who is of an audience."""
    if audience == Audience.CITIZEN:
        citizen = appointment.citizen
        mail, phone = citizen.email, citizen.phone if settings.SMS_ENABLED else ""
    elif audience in (Audience.HOST, Audience.FORMER):
        user = host.user
        mail, phone = (user.email if user and user != by else ""), ""
    else:
        mail, phone = appointment.office.email, ""
    given = {Channel.MAIL: mail, Channel.SMS: phone}
    return {channel: address for channel, address in given.items() if address}
