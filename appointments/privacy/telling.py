"""Giving people what is kept about them, for them and for other programs to read."""

import json
from collections import defaultdict

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from accounts.models import AccountMail, Registration
from appointments.access import record_access
from appointments.models import AccessKind, Appointment, Citizen, Export
from appointments.privacy.subjects import may_ask
from appointments.signals import person_exported
from offices.models import Invitation

CITIZEN = ["name", "email", "phone", "language", "created_at"]
VISIT = [
    *("id", "reference", "starts_at", "ends_at", "quantity", "status", "channel"),
    *("purpose", "access_needs", "note", "language", "ticket", "created_at"),
    *("checked_in_at", "called_at", "started_at", "completed_at"),
]
EVENT = ["kind", "actor_kind", "reason", "override", "previous_start", "created_at"]
ACCOUNT = [
    *("id", "email", "name", "phone", "language", "is_active", "is_staff"),
    *("email_verified_at", "date_joined", "last_login"),
]


@transaction.atomic
def tell(subject, *, by, page=""):
    """All that is kept of a Subject: a dict that `as_json` can write. It is logged.

    Raises PermissionDenied.
    """
    if not may_ask(by, subject):
        raise PermissionDenied
    visits = list(subject.appointments.prefetch_related("events").order_by("starts_at"))
    note_access(AccessKind.EXPORTED, visits, subject, by=by, page=page)
    told = {
        "about": {
            "site": settings.SITE_NAME,
            "address": settings.FRONTEND_HOST,
            "written_at": timezone.now(),
            "e_mail_address": subject.email,
            "is_all_that_is_kept": subject.is_whole,
        },
        "account": subject.user and _account(subject.user),
        "appointments": [_visit(visit) for visit in visits],
    }
    about = {
        "pks": [visit.pk for visit in visits],
        "addresses": addresses(subject, visits),
        "is_whole": subject.is_whole,
    }
    for _receiver, found in person_exported.send(sender=Appointment, **about):
        told.update(found)
    return told


def as_json(told):
    """Text that people can read and programs can take in."""
    return json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2) + "\n"


def addresses(subject, visits):
    """How the person is or was reached, each once."""
    found = {subject.email}
    for visit in visits:
        found |= {visit.citizen.email, visit.citizen.phone}
    if subject.user is not None:
        found.add(subject.user.phone)
    return sorted(found - {""})


def note_access(kind, visits, subject, *, by, page):
    """Keep in the log of access that somebody else had the data, office by office."""
    if isinstance(by, Citizen) or (by is not None and by == subject.user):
        return
    by_office = defaultdict(set)
    for visit in visits:
        by_office[visit.office].add(visit.citizen_id)
    for office, citizens in by_office.items():
        record_access(by, kind, citizens, office=office, page=page)


def _visit(visit):
    return {
        **_only(visit, VISIT),
        "office": visit.office.name,
        "service": visit.service.name,
        "host": visit.host.name,
        "time_zone": visit.office.time_zone,
        "citizen": _only(visit.citizen, CITIZEN),
        "history": [_only(event, EVENT) for event in visit.events.all()],
    }


def _account(user):
    mails = AccountMail.objects.filter(email=user.email)
    kinds = ["kind", "status", "language", "created_at"]
    exports = Export.objects.filter(user=user)
    return {
        **_only(user, ACCOUNT),
        "sign_ins": _values(user.sign_ins, "created_at", "expires_at", "ended_at"),
        "memberships": _values(
            user.memberships,
            *("office__name", "role", "position", "started_at", "ended_at"),
        ),
        "hosts": _values(user.hosts, "office__name", "name", "is_active"),
        "calendar_feeds": _values(
            user.calendar_feeds, "office__name", "host__name", "created_at"
        ),
        "invitations": _values(
            Invitation.objects.filter(email=user.email),
            *("office__name", "name", "role", "position", "created_at", "accepted_at"),
        ),
        "registrations": _values(
            Registration.objects.filter(email=user.email),
            *("name", "phone", "language", "created_at"),
        ),
        "mails_about_the_account": _values(mails, *kinds),
        "files_taken": _values(
            exports, "office__name", "content", "first", "last", "created_at"
        ),
    }


def _values(rows, *names):
    return list(rows.order_by("pk").values(*names))


def _only(row, names):
    return {name: getattr(row, name) for name in names}
