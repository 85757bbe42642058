"""What somebody wants to change of an office's hours, before it is saved."""

import json
from collections import defaultdict
from copy import copy
from dataclasses import dataclass, field

from django.contrib import messages
from django.core import serializers, signing
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from appointments.impact import showing
from appointments.impact.exceptions import ChangeStale
from appointments.operations import change_hours
from availability import locks
from availability import operations as availability
from config.admin import REFUSALS, sentence
from offices.models import Closure, Host, Office, OfficeStatus

SALT = "appointments.impact"
MAX_AGE = 60 * 60  # seconds for which the page of a change can be sent

WRITE = {
    Closure: (availability.save_closure, availability.reopen),
    Host: (availability.save_host, None),
    Office: (availability.save_office, None),
}


@dataclass
class HoursChange:
    """What somebody wants to change of an office's hours; not saved yet.

    `save` and `delete` are AvailabilityRules, AvailabilityExceptions and Closures of
    this office, unsaved or changed; `save` also the office itself, or a host of it,
    as when it is closed for good or made inactive. `summary` is a sentence for people,
    like "Closed on 3 March, 09:00 – 12:00." Without rows it is about what has lost its
    hours already. `back` is the path to go to when it is done.
    """

    office: Office
    summary: str
    save: list = field(default_factory=list)
    delete: list = field(default_factory=list)
    back: str = ""

    @property
    def is_empty(self):
        return not self.save and not self.delete

    @property
    def why_closed(self):
        """Why the whole office closes, "" without a reason; None if it does not."""
        for row in self.save:
            match row:
                case Closure(host_id=None):
                    return row.reason
                case Office(status=OfficeStatus.CLOSED):
                    return ""
        return None

    def apply(self, *, by):
        """Write it through the operations; the rows themselves stay as they are.

        Raises what set_hours, save_closure, reopen, save_host and save_office raise.
        """
        of_hosts, others = self._parts()
        if len(of_hosts) + len(others) > 1:
            locks.lock_all(self.office)
        for host, (save, delete) in of_hosts:
            availability.set_hours(host, save=save, delete=delete, by=by)
        for write, row in others:
            write(row, by=by)

    def _parts(self):
        """Copies of the rows: [(host, (saved, deleted))] and [(operation, row)].

        Operations give what they save a key, also where all is taken back again.
        """
        by_host = defaultdict(lambda: ([], []))
        others = []
        for place, rows in enumerate([self.save, self.delete]):
            for row in map(copy, rows):
                if type(row) in WRITE:
                    others.append((WRITE[type(row)][place], row))
                else:
                    by_host[row.host_id][place].append(row)
        hosts = self.office.hosts.in_bulk(by_host)
        elsewhere = {_office_of(row) for _write, row in others} - {self.office.pk}
        if elsewhere or hosts.keys() != by_host.keys():
            raise PermissionDenied
        return [(hosts[pk], by_host[pk]) for pk in sorted(by_host)], others

    def dumps(self, *, user):
        """The change as text that nobody can alter and only `user` can send back."""
        told = {
            "office": self.office.pk,
            "summary": str(self.summary),
            "save": [_told(row) for row in self.save],
            "delete": [_told(row) for row in self.delete],
            "back": self.back,
        }
        return signing.dumps(told, salt=f"{SALT}:{user.pk}", compress=True)

    @classmethod
    def loads(cls, text, *, user):
        """The change that `dumps` has made for `user`, within the hour.

        Raises ChangeStale for any other text, and where a row has gone meanwhile.
        """
        try:
            told = signing.loads(text, salt=f"{SALT}:{user.pk}", max_age=MAX_AGE)
        except signing.BadSignature as error:
            raise ChangeStale from error
        office = Office.objects.visible_to(user).filter(pk=told["office"]).first()
        if office is None:
            raise ChangeStale
        return cls(
            office=office,
            summary=told["summary"],
            save=_rows(told["save"]),
            delete=_rows(told["delete"]),
            back=told["back"],
        )


def _office_of(row):
    return row.pk if isinstance(row, Office) else row.office_id


def _told(row):
    """A row as JSON; of an office or a host only what is to be another.

    Their page has much more than hours, which others may change meanwhile.
    """
    names = None
    if isinstance(row, Office | Host):
        kept = type(row).objects.get(pk=row.pk)
        names = [
            each.name
            for each in row._meta.concrete_fields
            if getattr(row, each.attname) != getattr(kept, each.attname)
        ]
    return serializers.serialize("json", [row], fields=names)


def _rows(texts):
    """The rows as they were told, on top of what the database has of them."""
    found = []
    for text in texts:
        [told], [raw] = serializers.deserialize("json", text), json.loads(text)
        row = told.object
        if row.pk is not None:
            kept = type(row).objects.filter(pk=row.pk).first()
            if kept is None:
                raise ChangeStale
            for each in row._meta.concrete_fields:
                if each.name in raw["fields"]:
                    setattr(kept, each.attname, getattr(row, each.attname))
            row = kept
        found.append(row)
    return found


def respond(page, change, *, back, refused=None):
    """Save a change that hurts nobody; else show whom it hurts, and save nothing.

    `page` is the OfficePage (anything with a `request`) that asks, `back` the path to
    go to when all is done. What is refused is said there, unless `refused` answers:
    a function of the refusal, for a page that shows its form again.
    """
    change.back = back
    return answer(page.request, change, refused=refused)


def answer(request, change, *, refused=None):
    """The response to a change that knows its way back."""
    try:
        rows = showing.hurt_by(change, by=request.user)
        if rows:
            return showing.page(request, change, rows)
        change_hours(change, {}, by=request.user)
    except REFUSALS as refusal:
        if refused is not None:
            return refused(refusal)
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("Saved: %(change)s") % {"change": change.summary})
    return HttpResponseRedirect(change.back)
