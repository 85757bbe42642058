"""Erasing what is kept of one person, who has asked for it. Operations."""

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from accounts import erasing
from accounts.models import User
from appointments.exceptions import NothingKept, StillMember, StillOpen
from appointments.models import AccessKind, Appointment, CalendarFeed, Citizen, Export
from appointments.privacy import purging, subjects
from appointments.privacy.forgetting import forget
from appointments.privacy.telling import addresses, note_access
from appointments.signals import person_forgotten
from appointments.states import OPEN
from config.models import IdempotencyKey
from offices.models import ApiKey, Invitation

logger = structlog.get_logger(__name__)


@transaction.atomic
def erase(subject, *, by, page=""):
    """Forget a Subject, and owe the one mail that says so; returns how many visits.

    What can be counted stays. An account that has worked at an office leaves its
    number, which the office's logs name; any other goes altogether. Raises
    PermissionDenied, NothingKept, StillMember, and StillOpen while one is to come.
    """
    if subject.user is not None:
        User.objects.select_for_update().get(pk=subject.user.pk)
    visits = list(_locked(subject))
    if not subjects.may_ask(by, subject):
        raise PermissionDenied
    if subject.user is None and not visits:
        raise NothingKept
    _check_over(visits)
    if subject.user is not None:
        _check_no_role(subject.user)
    note_access(AccessKind.ERASED, visits, subject, by=by, page=page)
    if subject.email:
        erasing.owe_word(
            subject.email,
            subject.language,
            appointments=len(visits),
            account=subject.user is not None,
        )
    found = addresses(subject, visits)
    forget([visit.pk for visit in visits])
    _forget_answers(visits, subject)
    if subject.is_whole:
        _forget_whole(subject, found)
    logger.info("person_erased", appointments=len(visits), whole=subject.is_whole)
    return len(visits)


def check_erasable(subject):
    """Raise the refusal that erasing it now would meet, if any; pages ask too."""
    _check_over(subject.appointments)
    if subject.user is not None:
        _check_no_role(subject.user)


def erase_inactive():
    """Forget the accounts that nobody has used for too long; returns how many."""
    users = list(purging.inactive_accounts())
    for user in users:
        erase(subjects.of_account(user), by=None, page="inactive")
    return len(users)


def _locked(subject):
    """Its appointments, locked and read anew, in the order that all take."""
    rows = subject.appointments.order_by("pk")
    pks = list(rows.select_for_update(of=["self"], no_key=True).values_list("pk"))
    return rows.filter(pk__in=[pk for (pk,) in pks])


def _check_over(visits):
    still_open = [
        visit
        for visit in visits
        if visit.status in OPEN and visit.day >= visit.office.today()
    ]
    if still_open:
        raise StillOpen(min(still_open, key=lambda visit: visit.starts_at))


def _check_no_role(user):
    if user.is_superuser or user.memberships.current().exists():
        raise StillMember


def _forget_answers(visits, subject):
    """Answers of the API that are kept for a day."""
    told = Q(pk__in=[])
    for visit in visits:
        told |= Q(body__contains=str(visit.pk))
    if subject.user is not None:
        told |= Q(caller=f"user {subject.user.pk}")
    IdempotencyKey.objects.filter(told).delete()


def _forget_whole(subject, found):
    user = subject.user
    erasing.forget_address(subject.email)
    Invitation.objects.filter(email=subject.email).delete()
    if user is not None:
        _forget_account(user)
    person_forgotten.send(sender=Appointment, addresses=found)


def _forget_account(user):
    erasing.end_sign_ins(user)
    erasing.forget_names(user)
    Citizen.objects.filter(user=user).delete()
    CalendarFeed.objects.filter(user=user).delete()
    Invitation.objects.filter(invited_by=user).delete()
    ApiKey.objects.filter(created_by=user).update(created_by=None)
    if not _has_worked(user):
        User.objects.filter(pk=user.pk).delete()
        return
    user.memberships.update(position="")
    user.hosts.update(user=None)
    erasing.empty(User.objects.get(pk=user.pk))


def _has_worked(user):
    """Whether an office's figures or logs name it."""
    return (
        user.memberships.exists()
        or Appointment.objects.filter(person=user).exists()
        or Export.objects.filter(user=user).exists()
    )
