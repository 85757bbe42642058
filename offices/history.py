"""Writing the history of settings: who changed what, from what to what.

An operation that changes a setting does so inside `recorded()`, in its transaction.
What is kept is what people write (the fields that a form may show), never a secret.
"""

from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import ForeignKey
from django.utils import timezone

from offices.models import ApiKey, ChangeKind, Office, SettingChange

SECRET = {"digest", "secret", "old_secret", "tablet_key", "password"}
ELSEWHERE = {"office", "offices"}  # the line has it; a key's other offices are theirs
FORGETTING = "offices.forgetting"  # what the trigger asks for before it lets one go

# What has a history, by label. It is written by the operations of these apps.
SETTINGS = {
    "availability.availabilityexception",
    "availability.availabilityrule",
    "notifications.messagepolicy",
    "notifications.messagetemplate",
    "notifications.notice",
    "notifications.webhookendpoint",
    "offices.apikey",
    "offices.closure",
    "offices.host",
    "offices.membership",
    "offices.office",
    "offices.officeservice",
    "offices.service",
}


@contextmanager
def recorded(row, *, by):
    """Keep what the block does to `row`: adds, changes or deletes it.

    Nothing is kept of a block that leaves it as it was. Call it in a transaction.
    """
    pk, before = row.pk, stored(row, lock=True)
    then, offices = facts(before), _offices_of(before)
    yield
    after = stored(row, pk=pk)
    now = facts(after)
    names = [name for name in then | now if then.get(name) != now.get(name)]
    if names:
        _write(
            before if after is None else after,
            _kind(before, after),
            by,
            offices or _offices_of(after),
            before=_only(then, names),
            after=_only(now, names),
        )


def added(row, *, by):
    """Keep that `row` is new, once all of it has been written."""
    row = stored(row)
    now = facts(row)
    _write(row, ChangeKind.ADDED, by, _offices_of(row), after=_only(now, now))


def renewed(row, *, by):
    """Keep that the secret of `row` is another, or none; not which."""
    _write(row, ChangeKind.RENEWED, by, _offices_of(row))


def record_import(rows, before):
    """Keep, in one statement, what an import changed: {pk: {field: old value}}."""
    lines = []
    for row in rows:
        then = before[row.pk]
        now = {name: getattr(row, name) for name in then}
        about = {"before": _only(then, then), "after": _only(now, now)}
        for office in _offices_of(row):
            lines.append(_line(row, ChangeKind.CHANGED, None, office, **about))
    SettingChange.objects.bulk_create(lines, batch_size=500)


@transaction.atomic
def forget(*, before):
    """Delete the lines older than an aware instant; returns how many.

    The one way to do so: the trigger asks for it, until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [FORGETTING])
        gone, _by_model = SettingChange.objects.filter(at__lt=before).delete()
        cursor.execute("SELECT set_config(%s, '', true)", [FORGETTING])
    return gone


def stored(row, *, pk=None, lock=False):
    """A row as the database has it, with what it refers to; None if it has not.

    `pk`: of a row that may have been deleted. With `lock` nobody else changes it
    until the transaction ends.
    """
    pk = pk or row.pk
    if not pk:
        return None
    related = [f.name for f in row._meta.fields if isinstance(f, ForeignKey)]
    rows = type(row)._base_manager.filter(pk=pk)
    rows = rows.select_related(*related) if related else rows
    if lock:
        rows = rows.select_for_update(of=["self"], no_key=True)
    return rows.first()


def facts(row):
    """What is kept of a stored row: {field name: value, or the names it refers to}."""
    if row is None:
        return {}
    fields = {f.name: _value(row, f) for f in row._meta.fields if is_kept(f)}
    many = {
        field.name: sorted(str(related) for related in getattr(row, field.name).all())
        for field in row._meta.many_to_many
        if is_kept(field)
    }
    return fields | many


def is_kept(field):
    """Whether it is something that people write, and nothing secret."""
    of_row = field.primary_key or field.name in ELSEWHERE
    of_through = (
        field.many_to_many and not field.remote_field.through._meta.auto_created
    )
    return field.editable and not of_row and not of_through and field.name not in SECRET


def _value(row, field):
    if isinstance(field, ForeignKey):
        related = getattr(row, field.name)
        return None if related is None else str(related)
    value = getattr(row, field.attname)
    # A browser sends other line breaks than it was given; nobody has written them.
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _only(found, names):
    """Of these fields, those that say something."""
    return {
        name: found[name] for name in names if found.get(name) not in (None, "", [], {})
    }


def _kind(before, after):
    if before is None:
        return ChangeKind.ADDED
    return ChangeKind.DELETED if after is None else ChangeKind.CHANGED


def _offices_of(row):
    """Where a setting belongs; [None] for one of all offices, [] for no row."""
    if row is None:
        return []
    if isinstance(row, Office):
        return [row.pk]
    if isinstance(row, ApiKey):
        return list(row.offices.values_list("pk", flat=True))
    for holder in (row, getattr(row, "host", None)):
        if hasattr(holder, "office_id"):
            return [holder.office_id]
    return [None]


def _line(row, kind, by, office, **about):
    return SettingChange(
        office_id=office,
        model=row._meta.label_lower,
        row=row.pk,
        name=str(row)[:300],
        kind=kind,
        by_id=by and by.pk,
        **about,
    )


def _write(row, kind, by, offices, **about):
    at = timezone.now()
    for office in offices:
        _line(row, kind, by, office, at=at, **about).save()
