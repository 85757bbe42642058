"""Filling the diaries of Larkhaven's hosts, two weeks back and two weeks ahead."""

from contextlib import suppress
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from appointments import operations
from appointments.demo import desk, history, plan, town
from appointments.demo.cast import Cast
from appointments.models import Appointment
from appointments.states import Channel, Status
from availability import queries
from availability.operations import generate, set_hours
from config.exceptions import DomainError
from offices.models import Host, Office, OfficeStatus

# Below these fates a visit to come was cancelled, postponed, given to another host.
CANCELLED, POSTPONED, REASSIGNED = 0.08, 0.12, 0.16
# Of the requests: denied, or approved; the others still wait.
DENIED, APPROVED = 0.26, 0.6
EMPTIED = timedelta(days=4)  # how long a suspended office has had no visitors


@transaction.atomic
def make(*, progress):
    """Build the town if need be, and fill it; returns how many appointments it has."""
    is_new = town.build()
    _fill(is_new, progress)
    return Appointment.objects.filter(office__source=town.SOURCE).count()


def _fill(is_new, progress):
    """Write and book the visits that are missing.

    In a town just built, the past days are precomputed first, the desk has left
    something open, and somebody falls ill.
    """
    offices = {
        each.source_id: each for each in Office.objects.filter(source=town.SOURCE)
    }
    todays = {key: office.today() for key, office in offices.items()}
    if is_new:
        first = min(todays.values()) - timedelta(days=plan.DAYS)
        generate(offices.values(), since=first)
    cast, now = Cast(), timezone.now()
    past, future = _missing(cast, todays, now)
    history.write(past, cast, now, leave_open=is_new)
    for visit in progress(future):
        with suppress(DomainError, PermissionDenied):
            _and_then(_book(visit, cast), visit, cast)
    if is_new:
        _fall_ill()
        desk.open_now(offices["town-hall"], cast.clerks["town-hall"])


def _missing(cast, todays, now):
    """The planned visits that no appointment is of: those over, those to come."""
    planned = [visit for visit in plan.visits(todays) if cast.knows(visit)]
    there = Appointment.objects.in_bulk([visit.id for visit in planned])
    past, future = [], []
    for visit in planned:
        office = cast.offer(visit).office
        if visit.id in there or not _receives(office, visit):
            continue
        nearest = now + office.lead_time
        (past if visit.starts_at <= nearest else future).append(visit)
    return past, future


def _receives(office, visit):
    emptied = office.today() - EMPTIED
    return office.status == OfficeStatus.OPEN or visit.starts_at.date() < emptied


def _book(visit, cast):
    """By the citizen where a request is wanted or an address known; else by phone."""
    offered, clerk = cast.offer(visit), cast.clerk(visit)
    citizen = cast.citizen(visit)
    alone = citizen.email or (offered.office.approval_required and visit.lot(3))
    alone = alone and offered.is_public
    return operations.book(
        offered,
        visit.starts_at,
        citizen=citizen,
        by=citizen if alone else clerk,
        channel=Channel.WEB if alone else Channel.STAFF,
        quantity=visit.quantity,
        host=cast.host(visit),
        id=visit.id,
        purpose=visit.purpose,
        access_needs=visit.access_needs,
        language=citizen.language,
    )


def _and_then(appointment, visit, cast):
    """What happened to it since, for some."""
    clerk, fate = cast.clerk(visit), visit.fate
    if fate < CANCELLED:
        operations.cancel(appointment, by=clerk, reason="The citizen has called.")
    elif fate < POSTPONED:
        starts_at = _another_time(appointment, visit, cast)
        operations.postpone(appointment, starts_at, by=clerk, reason="Staff meeting.")
    elif fate < REASSIGNED:
        _give_away(appointment, visit, cast)
    elif appointment.status == Status.PENDING and fate < DENIED:
        operations.deny(appointment, by=clerk, reason="Please send us the plans first.")
    elif appointment.status == Status.PENDING and fate < APPROVED:
        operations.approve(appointment, by=clerk)
    elif appointment.channel == Channel.WEB and visit.lot(2):
        starts_at = _another_time(appointment, visit, cast)
        operations.reschedule(appointment, starts_at, by=appointment.citizen)


def _another_time(appointment, visit, cast):
    """Near the same time of the next day, with the same host."""
    found = queries.nearest(
        cast.offer(visit),
        appointment.starts_at + timedelta(days=1),
        quantity=visit.quantity,
        host=cast.host(visit),
    )
    later = (each for each in found if each > appointment.starts_at)
    return next(later, appointment.starts_at)


def _give_away(appointment, visit, cast):
    """To the first other host who can serve it then."""
    others = Host.objects.serving(appointment.service_id).filter(
        office=appointment.office
    )
    for other in others.exclude(pk=appointment.host_id):
        with suppress(DomainError):
            operations.reassign(appointment, other, by=cast.clerk(visit))
            return


def _fall_ill():
    """Take a day off somebody with visits then, which staff see as unsupported."""
    now = timezone.now()
    booked = Appointment.objects.filter(
        office__source=town.SOURCE,
        office__approval_required=False,
        status=Status.CONFIRMED,
        starts_at__gt=now + timedelta(days=2),
    )
    unlucky = booked.order_by("starts_at", "pk").select_related("host__office").first()
    if unlucky:
        set_hours(unlucky.host, save=[town.away(unlucky.day, "Ill")], by=None)
