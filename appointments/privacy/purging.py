"""What is deleted by itself when its time is over. Operations, by the system."""

from datetime import timedelta

import structlog
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import SignIn, User
from appointments.models import Appointment
from appointments.privacy.forgetting import forget
from offices.models import Membership

AT_ONCE = 500  # appointments in one transaction
ADMIN_LOG_KEPT = timedelta(days=365)
WRONG_PASSWORDS_KEPT = timedelta(days=1)

logger = structlog.get_logger(__name__)


def due(office):
    """The appointments of an office whose time is over: so long after their day.

    However they ended, and also if nobody ever said how. None of them is to come:
    the least that an office can choose is a week.
    """
    last = office.today() - timedelta(days=office.retention_days + 1)
    return Appointment.objects.unpurged().filter(office=office, day__lte=last)


@transaction.atomic
def purge_some(office, *, most=AT_ONCE):
    """Take the people out of some that are due; returns how many. 0: none is left.

    What somebody else has locked at this moment is left to the next time.
    """
    rows = due(office).order_by("day", "pk").select_for_update(skip_locked=True)
    pks = list(rows.values_list("pk", flat=True)[:most])
    if pks:
        forget(pks)
    return len(pks)


def purge(office, *, advanced=lambda number: None):
    """Purge all that is due at an office; returns how many appointments.

    A batch is a transaction of its own: killed half-way, it goes on where it was.
    `advanced` is called with the size of each.
    """
    total = 0
    while done := purge_some(office):
        total += done
        advanced(done)
    if total:
        logger.info("personal_data_purged", office=office.pk, appointments=total)
    return total


def old_traces():
    """{what: rows} that the libraries we use would keep for ever."""
    now = timezone.now()
    tried = {"attempt_time__lt": now - WRONG_PASSWORDS_KEPT}
    return {
        "sessions": Session.objects.filter(expire_date__lt=now),
        "wrong passwords": AccessAttempt.objects.filter(**tried),
        "failed sign-ins": AccessFailureLog.objects.filter(**tried),
        "sign-ins": AccessLog.objects.filter(**tried),
        "lines of the admin's log": LogEntry.objects.filter(
            action_time__lt=now - ADMIN_LOG_KEPT
        ),
    }


def purge_traces():
    """Delete them; returns {what: how many}."""
    return {what: rows.delete()[0] for what, rows in old_traces().items()}


def inactive_accounts():
    """Accounts of citizens that nobody has used for so long; none if it is for ever.

    Used is: signed in, on the pages or by API, or had an appointment of which
    something is still kept.
    """
    if not settings.INACTIVE_ACCOUNT_DAYS:
        return User.objects.none()
    since = timezone.now() - timedelta(days=settings.INACTIVE_ACCOUNT_DAYS)
    kept = Appointment.objects.filter(citizen__user=OuterRef("pk"))
    worked = Membership.objects.filter(user=OuterRef("pk"))
    used = SignIn.objects.filter(user=OuterRef("pk"), created_at__gte=since)
    people = User.objects.people().filter(is_staff=False, is_superuser=False)
    return people.filter(
        Q(last_login=None) | Q(last_login__lt=since),
        ~Exists(kept),
        ~Exists(worked),
        ~Exists(used),
        date_joined__lt=since,
    )
