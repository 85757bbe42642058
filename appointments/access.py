"""The log of access: who was shown, took or erased whose personal data.

Only ever added to: a trigger refuses the rest, and lets go of what is too old when
`forget` asks. Pages of staff and the API are recorded by appointments.middleware;
whatever else gives data away calls `record_access`.
"""

from collections import defaultdict

from django.db import connection, transaction
from django.utils import timezone

from appointments.models import Access, AccessKind, Appointment

FEW = 10  # people of one office: more in one answer are a list, and one line
FORGETTING = "appointments.forgetting"  # what the trigger asks for


def record_access(by, kind, citizens, *, office=None, page=""):
    """Keep that `by` (a User; None: an operator) has had data of `citizens`.

    `citizens` are keys of Citizens or the rows; `kind` an AccessKind; `page` says
    where, in one word. Each is kept once a day: one line for each person, or one
    with their number when they are more than FEW. One statement.
    """
    keys = {getattr(citizen, "pk", citizen) for citizen in citizens}
    _write(_lines(by, kind, keys, office and office.pk, page))


def record_seen(seen, *, by, page):
    """Keep what a request of the user `by` has read (appointments.seen.Seen).

    What people read about themselves is nobody's business.
    """
    if not by.is_authenticated:
        return
    keys = {key for key, account in seen.accounts.items() if account != by.pk}
    by_office = defaultdict(set)
    for key, offices in _offices(keys, seen, by).items():
        for office in offices:
            by_office[office].add(key)
    _write(
        line
        for office, found in by_office.items()
        for line in _lines(by, AccessKind.SEEN, found, office, page)
    )


@transaction.atomic
def forget(*, before):
    """Delete the lines older than an aware instant; returns how many.

    The trigger lets none go that is not older than thirty days, whoever asks.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [FORGETTING])
        gone, _by_model = Access.objects.filter(at__lt=before).delete()
        cursor.execute("SELECT set_config(%s, '', true)", [FORGETTING])
    return gone


def _offices(keys, seen, by):
    """{key of a citizen: keys of the offices that it is about, or None for all}."""
    found = {key: seen.offices[key] for key in keys if key in seen.offices}
    unknown = keys - found.keys()
    if unknown:  # only lists of citizens name no appointment
        rows = Appointment.objects.visible_to(by).filter(citizen__in=unknown)
        pairs = rows.order_by().values_list("citizen", "office").distinct()
        for key, office in pairs:
            found.setdefault(key, set()).add(office)
    return {key: found.get(key, {None}) for key in keys}


def _lines(by, kind, keys, office, page):
    at = timezone.now()
    told = {
        "at": at,
        "day": at.date(),
        "by": by,
        "kind": kind,
        "page": page,
        "office_id": office,
    }
    if len(keys) > FEW:
        return [Access(people=len(keys), **told)]
    return [Access(citizen_id=key, people=1, **told) for key in sorted(keys)]


def _write(lines):
    Access.objects.bulk_create(lines, ignore_conflicts=True)
