"""The list of the day in the office's mailbox before it opens. Operations.

What is owed is one row an office and day. It is planned from the time that the
office has named until its last hours end, so that a standstill is caught up with;
it is tried until the day is over.
"""

from datetime import timedelta
from functools import reduce
from operator import or_
from urllib.parse import urlencode, urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts import phones
from appointments.daylist import day_list
from availability import quarters
from availability.models import HostDay
from notifications import outcomes
from notifications.channels.errors import DeliveryError, Refused
from notifications.channels.mail import hand_over
from notifications.exceptions import NoLongerHolds, NotFailed
from notifications.models import DayList
from notifications.states import Status
from offices.models import Office
from offices.permissions import require
from offices.roles import Permission
from offices.times import full_date, office_time

PAUSE = timedelta(minutes=5)

logger = structlog.get_logger(__name__)


def plan():
    """Owe each office its list of today, if it is time and none is owed yet.

    In four queries. Whoever runs it at the same time adds nothing.
    """
    due = {office.pk: office for office in _wanting() if _is_time(office)}
    days = {office.today() for office in due.values()}
    owed = set(DayList.objects.filter(day__in=days).values_list("office", "day"))
    hours = _hours(due, days)
    DayList.objects.bulk_create(
        [
            DayList(office=office, day=office.today(), recipient=office.email)
            for office in due.values()
            if (office.pk, office.today()) not in owed
            and _still_open(office, hours.get((office.pk, office.today()), []))
        ],
        ignore_conflicts=True,
    )


def deliver(pk):
    """Send one that is due, unless somebody else is sending it.

    In no transaction: whatever dies in between leaves a row that comes due again.
    """
    row = DayList.objects.select_related("office").claim(pk)
    if row is None or row.status != Status.QUEUED:
        return
    if row.day < row.office.today():
        _update(row, status=Status.DROPPED)
        return
    try:
        hand_over(_mail(row))
    except Refused as error:
        _update(row, status=Status.FAILED, last_error=str(error))
    except DeliveryError as error:
        _update(row, due_at=timezone.now() + PAUSE, last_error=str(error))
    else:
        _update(row, status=Status.SENT, sent_at=timezone.now(), last_error="")


@transaction.atomic
def send_again(row, *, by):
    """Queue a list that failed for another try, while its day is not over.

    Raises PermissionDenied, NotFailed, NoLongerHolds.
    """
    require(by, Permission.BOOK_APPOINTMENTS, row.office)
    row = DayList.objects.select_for_update(of=["self"]).get(pk=row.pk)
    if row.status != Status.FAILED:
        raise NotFailed
    if row.day < row.office.today():
        raise NoLongerHolds
    row.status, row.attempts, row.due_at = Status.QUEUED, 0, timezone.now()
    row.save(update_fields=["status", "attempts", "due_at"])
    return row


def _wanting():
    """The offices that want their list mailed."""
    rows = Office.objects.exclude(status="closed").exclude(email="")
    return rows.filter(day_list_at__isnull=False)


def _is_time(office):
    now = timezone.now().astimezone(office.zone)
    return now.time() >= office.day_list_at


def _hours(offices, days):
    """{(office id, day): the quarters that each of its hosts is open}."""
    found = {}
    rows = HostDay.objects.filter(office__in=offices, day__in=days)
    for office, day, opened in rows.values_list("office", "day", "open"):
        found.setdefault((office, day), []).append(opened)
    return found


def _still_open(office, opened):
    """Whether any of the hours of today are still to come, or going on."""
    day = quarters.local_day(office.today(), office.time_zone)
    running = timezone.now() - quarters.QUARTER + timedelta.resolution
    return bool(reduce(or_, opened, 0) & quarters.not_before(running, day))


def _mail(row):
    """The mail in the language of the office."""
    with translation.override(row.office.language):
        facts = _facts(row)
        text = render_to_string("notifications/day_list.txt", facts)
        html = render_to_string("notifications/day_list.html", facts)
    host = urlsplit(settings.FRONTEND_HOST).hostname
    mail = EmailMultiAlternatives(
        facts["subject"],
        text.strip() + "\n",
        to=[row.recipient],
        headers={
            "Message-ID": f"<day-list.{row.pk}@{host}>",
            "Content-Language": row.office.language,
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _facts(row):
    office, date = row.office, full_date(row.day)
    about = urlencode({"office": office.slug, "day": row.day.isoformat()})
    subject = translation.gettext("%(office)s: appointments of %(date)s")
    return {
        "subject": " ".join((subject % {"office": office, "date": date}).split()),
        "office": office,
        "date": date,
        "url": f"{settings.FRONTEND_HOST}{reverse('admin:day_list')}?{about}",
        "groups": [
            {"host": group.host, "rows": [_line(row, office) for row in group.rows]}
            for group in day_list(office, row.day)
        ],
    }


def _line(visit, office):
    return {
        "visit": visit,
        "start": office_time(visit.starts_at, office),
        "end": office_time(visit.ends_at, office),
        "phone": phones.words(visit.citizen.phone),
    }


def _update(row, **fields):
    """Write the outcome, unless the lease has passed to another sender."""
    lent = DayList.objects.queued().filter(pk=row.pk, attempts=row.attempts)
    if outcomes.note(lent, **fields):
        outcome = fields.get("status", Status.QUEUED)
        logger.info("day_list", pk=row.pk, outcome=outcome, **_why(fields))


def _why(fields):
    return {"error": fields["last_error"]} if fields.get("last_error") else {}
