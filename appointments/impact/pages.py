"""The pages: whom a change hurts, what was done about it, and whom to call."""

import uuid
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.impact import showing, told
from appointments.impact.changes import HoursChange
from appointments.impact.decisions import Decision, Fate
from appointments.impact.exceptions import ChangeStale
from appointments.operations import change_hours
from appointments.states import MOVABLE
from availability import operations as availability
from config.admin import REFUSALS, sentence
from offices.roles import Permission
from offices.staff import OfficePage
from offices.times import YEARS, office_when

CHOICE = "choice-"
CALLS_OF = timedelta(days=7)  # how far back the call list goes unless asked


def address(name, office, **query):
    """The path of a page of the admin about an office."""
    return f"{reverse(f'admin:{name}')}?{urlencode({'office': office.slug, **query})}"


class Impact(OfficePage):
    """Appointments without hours; and, posted to, what becomes of whom a change hurts.

    `do` says what is asked: to look (nothing), to set `all` rows alike, to "apply" the
    decisions, or to "stop".
    """

    permission = Permission.BOOK_APPOINTMENTS
    title = gettext_lazy("Appointments without hours")
    template_name = "admin/impact/lost.html"

    def get_context_data(self, **kwargs):
        lost = showing.lost_at(self.office)
        return {**super().get_context_data(**kwargs), "lost": lost}

    def post(self, request):
        try:
            change = self.asked()
        except ChangeStale as refusal:
            messages.error(request, sentence(refusal))
            return HttpResponseRedirect(reverse("admin:impact"))
        match request.POST.get("do"):
            case "apply":
                return self.apply(change)
            case "stop":
                availability.release(holder=showing.holder_of(request.user))
                return HttpResponseRedirect(change.back)
        return self.show(change, chosen=self.decisions())

    def asked(self):
        """The change that the form is about; none for what has lost its hours already.

        Raises ChangeStale.
        """
        if "change" in self.request.POST:
            return HoursChange.loads(
                self.request.POST["change"], user=self.request.user
            )
        back = address("impact", self.office)
        return HoursChange(self.office, str(self.title), back=back)

    def decisions(self):
        """{appointment id: Decision} as the form has sent them."""
        try:
            return {
                uuid.UUID(name.removeprefix(CHOICE)): Decision.read(value)
                for name, value in self.request.POST.items()
                if name.startswith(CHOICE)
            }
        except ValueError as error:
            raise BadRequest from error

    def apply(self, change):
        decisions, holder = self.decisions(), showing.holder_of(self.request.user)
        reason = self.request.POST.get("reason", "").strip()
        try:
            outcome = change_hours(
                change, decisions, by=self.request.user, reason=reason, holder=holder
            )
        except REFUSALS as refusal:
            error = sentence(refusal)
            return self.show(change, chosen=decisions, error=error, status=409)
        availability.release(holder=holder)
        change.office.refresh_from_db(fields=["slug"])  # it may have got another
        return HttpResponseRedirect(
            address(
                "impact_result",
                change.office,
                since=outcome.since.isoformat(),
                until=outcome.until.isoformat(),
                left=outcome.counts[Fate.LEAVE],
                back=change.back,
            )
        )

    def show(self, change, *, chosen, **how):
        """The page again, with what was chosen where that can still be chosen."""
        request = self.request
        try:
            rows = showing.hurt_by(change, by=request.user)
        except REFUSALS as refusal:
            messages.error(request, sentence(refusal))
            return HttpResponseRedirect(change.back)
        if "all" in request.POST:
            chosen = showing.alike(rows, request.POST["all"])
        return showing.page(
            request,
            change,
            rows,
            chosen=chosen,
            reason=request.POST.get("reason"),
            **how,
        )


class Result(OfficePage):
    """What was done about those whom a change hurt; read from their history."""

    permission = Permission.BOOK_APPOINTMENTS
    title = gettext_lazy("Done")
    template_name = "admin/impact/result.html"

    def get_context_data(self, **kwargs):
        since, until = self.instant("since"), self.instant("until")
        done = told.told_by(self.request.user, self.office, since=since, until=until)
        left = self.request.GET.get("left", "")[:6]
        return {
            **super().get_context_data(**kwargs),
            "done": done,
            "left": int(left) if left.isdecimal() else 0,
            "calls": _calls(self.office, since) if done.to_call else [],
            "since": since.isoformat(),
            "back": self.back(),
        }

    def instant(self, name):
        """An aware instant of the address."""
        return read_instant(self.request.GET.get(name, ""), self.office)

    def back(self):
        """Where the change was made: a path of this site, or nothing."""
        asked = self.request.GET.get("back", "")
        known = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
        return asked if known else ""


class CallList(OfficePage):
    """Those without e-mail whose appointment the office has moved or called off."""

    permission = Permission.BOOK_APPOINTMENTS
    title = gettext_lazy("Call list")
    template_name = "admin/impact/calls.html"

    def get_context_data(self, **kwargs):
        asked = self.request.GET.get("since")
        week_ago = timezone.now() - CALLS_OF
        since = read_instant(asked, self.office) if asked else week_ago
        return {
            **super().get_context_data(**kwargs),
            "since": self.office.local_day(since),
            "calls": _calls(self.office, since),
        }


def read_instant(text, office):
    """An aware instant, or the beginning of a day on the office's clock.

    Raises BadRequest for any other text, and far from any appointment.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequest from error
    if instant.year not in YEARS:
        raise BadRequest
    return instant if instant.tzinfo else instant.replace(tzinfo=office.zone)


def _calls(office, since):
    """The call list as a template shows it."""
    return [
        {
            "appointment": event.appointment,
            "old": office_when(told.old_start(event), office),
            "now": _now(event.appointment),
            "event": event,
        }
        for event in told.calls(office, since=since)
    ]


def _now(appointment):
    """What became of it: its new time, or its status."""
    if appointment.status not in MOVABLE:
        return appointment.get_status_display()
    when = office_when(appointment.starts_at, appointment.office)
    told_now = {"when": when, "host": appointment.host}
    return _("Moved to %(when)s, %(host)s") % told_now
