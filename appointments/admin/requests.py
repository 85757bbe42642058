"""Requests that wait for a decision, at offices that ask for approval."""

from collections import defaultdict

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import phones
from appointments import operations
from appointments.admin.moving import AnotherTime, page_of
from appointments.forms import TextField
from appointments.models import Appointment
from appointments.states import Status
from config.admin import REFUSALS, sentence
from offices.roles import Permission
from offices.staff import OfficePage, allowed
from offices.times import office_when

SHOWN = 100  # the oldest; who decides on these sees the next


class DecisionForm(forms.Form):
    """What is decided on which requests; "everything" means those that were `shown`.

    Somebody may have decided on some meanwhile: that is for the operations to say.
    """

    decision = forms.ChoiceField(choices=[("approve", ""), ("deny", "")])
    everything = forms.BooleanField(label=gettext_lazy("All of these"), required=False)
    chosen = forms.ModelMultipleChoiceField(None, required=False)
    shown = forms.ModelMultipleChoiceField(None, required=False)
    reason = TextField(
        label=gettext_lazy("Reason, if you deny"),
        help_text=gettext_lazy("The citizen reads it."),
        required=False,
        rows=2,
    )

    def __init__(self, *args, appointments, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("chosen", "shown"):
            self.fields[name].queryset = appointments

    def clean(self):
        """`rows` are the requests to decide on, the oldest first."""
        given = super().clean()
        rows = given.get("shown" if given.get("everything") else "chosen")
        if not rows and not self.errors:
            raise forms.ValidationError(_("Choose at least one request."))
        if given.get("decision") == "deny" and not given.get("reason", "").strip():
            self.add_error("reason", _("Say why, so that the citizen knows."))
        return {**given, "rows": rows}


class Requests(OfficePage):
    """All that wait at one office, the oldest first; decided on in bulk."""

    permission = Permission.DECIDE_REQUESTS
    title = gettext_lazy("Requests")
    template_name = "admin/requests/list.html"
    form = None

    def appointments(self):
        """All of the office, as they were asked for."""
        rows = Appointment.objects.visible_to(self.request.user).with_details()
        return rows.filter(office=self.office).order_by("created_at", "pk")

    def post(self, request, *args, **kwargs):
        self.form = DecisionForm(request.POST, appointments=self.appointments())
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data(), status=422)
        self.decide(**self.form.cleaned_data)
        return HttpResponseRedirect(request.get_full_path())

    def decide(self, *, decision, rows, reason, **given):
        """Decide on each; say of each what came of it."""
        done, operation, how = {
            "approve": (_("Approved."), operations.approve, {}),
            "deny": (_("Denied."), operations.deny, {"reason": reason}),
        }[decision]
        outcomes = defaultdict(list)
        for row in rows:
            name = f"{row.citizen} ({row})"
            try:
                operation(row, by=self.request.user, **how)
            except REFUSALS as refusal:
                outcomes[messages.ERROR, sentence(refusal)].append(name)
            else:
                outcomes[messages.SUCCESS, done].append(name)
        for (level, outcome), names in outcomes.items():
            messages.add_message(self.request, level, f"{', '.join(names)}: {outcome}")

    def get_context_data(self, **kwargs):
        waiting = list(self.appointments().filter(status=Status.PENDING)[: SHOWN + 1])
        rows = waiting[:SHOWN]
        chosen = set(self.request.POST.getlist("chosen"))
        return super().get_context_data(
            form=self.form or DecisionForm(appointments=self.appointments()),
            rows=[self.line(row, is_chosen=str(row.pk) in chosen) for row in rows],
            is_cut=len(waiting) > SHOWN,
            may_move=self.may(Permission.BOOK_APPOINTMENTS),
            **kwargs,
        )

    def line(self, row, *, is_chosen):
        citizen = row.citizen
        contact = filter(None, [phones.words(citizen.phone), citizen.email])
        return {
            "request": row,
            "url": page_of(row),
            "when": office_when(row.starts_at, self.office),
            "soon": how_soon(row.starts_at, self.office),
            "is_past": row.starts_at <= timezone.now(),
            "asked": office_when(row.created_at, self.office),
            "contact": " · ".join(contact),
            "is_chosen": is_chosen,
        }


def how_soon(instant, office):
    """How many days of the office's calendar away: "in 2 days"; today, how long.

    Of an instant that is over, that nobody has answered.
    """
    now = timezone.now()
    if instant <= now:
        return _("has passed, unanswered")
    days = (office.local_day(instant) - office.local_day(now)).days
    if not days:
        return _("in %(time)s") % {"time": timeuntil(instant, now, depth=1)}
    return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}


class GrantAt(AnotherTime):
    """Grant a request at another time."""

    title = gettext_lazy("Grant at another time")
    permissions = (Permission.DECIDE_REQUESTS, Permission.BOOK_APPOINTMENTS)
    operation = operations.grant_at
    button = gettext_lazy("Grant at this time")
    done = gettext_lazy("Granted: %(when)s with %(host)s.")

    def rows(self):
        return super().rows().filter(status=Status.PENDING)

    def get_success_url(self):
        return reverse("admin:requests")


admin.site.add_page(
    "requests",
    gettext_lazy("Requests"),
    order=4,
    allowed=allowed(Permission.DECIDE_REQUESTS),
    urls=[
        path("requests/", Requests.as_view(), name="requests"),
        path("requests/<uuid:pk>/", GrantAt.as_view(), name="request"),
    ],
)
