"""What an office's own words have said before, read from the history of settings."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from notifications.models import MessageTemplate
from offices.models import ChangeKind, SettingChange

MOST = 50
LABEL = MessageTemplate._meta.label_lower
FIELDS = ("subject", "body")
PLACE = ("kind", "channel", "language")


class Version(NamedTuple):
    """The words as one change left them; of a deletion there are none (`is_gone`).

    `pk` is that of the change, `by` the User, None for the system.
    """

    pk: int
    at: datetime
    change: SettingChange
    subject: str
    body: str
    is_gone: bool
    is_current: bool


def versions(template):
    """The last Versions of a place's words, the newest first.

    `template` says which place; it may be unsaved. Words that were deleted and
    written anew are other rows, and the same story.
    """
    changes = list(_changes(template)[:MOST])
    found, words = [], {}
    for change in changes:  # from what holds now back to what held before
        if change.row not in words:
            words[change.row] = _last_of(template, change)
        then = words[change.row]
        if then is None:
            continue
        is_gone = change.kind == ChangeKind.DELETED
        is_current = change.row == template.pk and not any(v.is_current for v in found)
        told = {} if is_gone else then
        found.append(
            Version(
                change.pk,
                change.at,
                change,
                told.get("subject", ""),
                told.get("body", ""),
                is_gone,
                is_current,
            )
        )
        words[change.row] = _before(change, then)
    return found


def version(template, pk):
    """One of them by its number; None if it is none of this place's."""
    found = {each.pk: each for each in versions(template) if not each.is_gone}
    return found.get(pk)


def last_changes(office):
    """{pk: the last SettingChange} of an office's own words."""
    rows = SettingChange.objects.filter(office=office, model=LABEL)
    last = rows.order_by("row", "-at", "-pk").distinct("row").select_related("by")
    return {change.row: change for change in last}


def _changes(template):
    place = {name: getattr(template, name) for name in PLACE}
    here = SettingChange.objects.filter(office=template.office_id, model=LABEL)
    born_or_gone = here.filter(Q(after__contains=place) | Q(before__contains=place))
    rows = here.filter(Q(row__in=born_or_gone.values("row")) | Q(row=template.pk or 0))
    return rows.select_related("by", "office").order_by("-at", "-pk")


def _last_of(template, change):
    """The words that the newest change of a row has left; None if nothing says so."""
    if change.row == template.pk:
        stored = MessageTemplate.objects.get(pk=template.pk)
        return {name: getattr(stored, name) for name in FIELDS}
    return {} if change.kind == ChangeKind.DELETED else None


def _before(change, then):
    """The words before a change; what was empty is not kept in it."""
    touched = {*change.before, *change.after}
    return {
        name: change.before.get(name, "") if name in touched else then.get(name, "")
        for name in FIELDS
    }
