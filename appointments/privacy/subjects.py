"""Whose data it is about, and how much of it is the business of who asks.

Who asks is `by`: the person, by the account or (a Citizen) by the link of one visit;
a manager, for the offices where he may export; an admin, or None, an operator.
"""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet, Value

from accounts.models import User
from appointments.finding import by_reference
from appointments.models import Appointment
from appointments.permissions import is_own
from offices.functions import Fold
from offices.querysets import offices_of
from offices.roles import Permission


class Subject(NamedTuple):
    """`user` is the account, None where there is none or where it is not asked about.

    `appointments` are looked up anew each time; those already emptied are not among
    them. `email` may be empty, `is_whole` says whether it is all that is kept.
    """

    email: str
    user: User | None
    appointments: QuerySet
    is_whole: bool

    @property
    def language(self):
        """In which to write to the person."""
        if self.user is not None:
            return self.user.language
        latest = self.appointments.order_by("-created_at").first()
        return latest.language if latest else ""

    @property
    def is_empty(self):
        return self.user is None and not self.appointments.exists()


def of_account(user):
    """All about an account, and about its address once it is known to be its own."""
    own = Q(citizen__user=user)
    if user.email_verified_at:
        own |= _of_guests(user.email)
    return Subject(user.email, user, _rows(own), is_whole=True)


def of_visit(appointment):
    """What one appointment says: of who has its link, and knows no more than that."""
    email = appointment.citizen.email
    return Subject(email, None, _rows(Q(pk=appointment.pk)), is_whole=False)


def of_email(email, *, by):
    """All under an address that is `by`'s business. Raises PermissionDenied."""
    email = User.objects.normalize_email(email)
    rows = _rows(Q(citizen__user__email=email) | _of_guests(email))
    user = User.objects.people().filter(email=email).first()
    return _as_far_as(by, Subject(email, user, rows, is_whole=True))


def of_reference(reference, *, by):
    """The person of one appointment, None if `by` knows none of this reference.

    Of a guest, whose bookings are not known to be of one person, it is that row alone.
    Raises PermissionDenied.
    """
    visit = by_reference(_rows(Q()), reference)
    if visit is None:
        return None
    user, email = visit.citizen.user, visit.citizen.email
    if user is not None:
        email = user.email
    rows = _rows(Q(citizen=visit.citizen))
    subject = _as_far_as(by, Subject(email, user, rows, is_whole=user is not None))
    return subject if subject.appointments.filter(pk=visit.pk).exists() else None


def may_ask(by, subject):
    """Whether all of a subject is the business of `by`; asked by operations."""
    if by is None or getattr(by, "is_superuser", False):
        return True
    if by == subject.user:
        return True
    if subject.user is not None:
        return False
    offices = set() if not isinstance(by, User) else set(_offices(by))
    return all(
        row.office_id in offices or is_own(by, row.citizen)
        for row in subject.appointments
    )


def _as_far_as(by, subject):
    if by is None or by.is_superuser:
        return subject
    offices = _offices(by)
    if not offices:
        raise PermissionDenied
    rows = subject.appointments.filter(office__in=offices)
    return subject._replace(user=None, appointments=rows, is_whole=False)


def _offices(by):
    return list(offices_of(by, Permission.EXPORT_DATA).values_list("pk", flat=True))


def _rows(found):
    return Appointment.objects.unpurged().with_details().filter(found)


def _of_guests(email):
    """Guests who gave an address, however written; by the index of the search."""
    spelt = Fold(Value(f" {email} "))
    return Q(
        citizen__user=None,
        citizen__email__iexact=email,
        citizen__search_text__contains=spelt,
    )
