"""Closing the day: what nobody has said of appointments that are over.

The pages around the desk that are no work of their own hang on it: the day's list on
paper, and the screen and the tablet at the door.
"""

from collections import Counter

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from appointments import closing, operations
from appointments.admin.daylist import DayList
from appointments.admin.door import Door
from appointments.states import CLOSE_OUT, Status
from config.admin import REFUSALS, sentence
from offices.roles import Permission
from offices.staff import OfficePage, allowed


class OutcomeForm(forms.Form):
    """One button of a host's rows: `completed` or `no_show` names one appointment,
    `every` is the outcome of all that were shown.
    """

    shown = forms.ModelMultipleChoiceField(None, required=False)
    completed = forms.UUIDField(required=False)
    no_show = forms.UUIDField(required=False)
    every = forms.ChoiceField(
        choices=[(Status.COMPLETED, ""), (Status.NO_SHOW, "")], required=False
    )

    def __init__(self, *args, appointments, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["shown"].queryset = appointments

    def clean(self):
        """`rows` are the appointments, `outcome` what became of them."""
        given = super().clean()
        rows = list(given.get("shown") or [])
        outcome = given.get("every")
        for one in (Status.COMPLETED, Status.NO_SHOW):
            if given.get(one.value):
                outcome = one
                rows = [row for row in rows if row.pk == given[one.value]]
        if not (rows and outcome):
            raise forms.ValidationError(_("Choose an outcome."))
        return {"outcome": outcome, "rows": rows}


class UndoForm(forms.Form):
    """The button of one that was closed today."""

    undo = forms.ModelChoiceField(None)

    def __init__(self, *args, appointments, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["undo"].queryset = appointments


class Closing(OfficePage):
    """What is left of the days before today, by host."""

    permission = Permission.RUN_DESK
    title = gettext_lazy("Closing the day")
    template_name = "admin/closing/closing.html"

    def post(self, request, *args, **kwargs):
        if "undo" in request.POST:
            return self.take_back()
        form = OutcomeForm(request.POST, appointments=self.appointments())
        if form.is_valid():
            self.close(**form.cleaned_data)
        else:
            messages.error(request, _("Nothing was closed. Please look again."))
        return HttpResponseRedirect(request.get_full_path())

    def take_back(self):
        """Have one that was closed today be what it was before."""
        form = UndoForm(self.request.POST, appointments=self.appointments())
        if form.is_valid():
            row = form.cleaned_data["undo"]
            done = _("%(name)s: last step taken back.") % {"name": row.citizen}
            self.attempt(operations.undo, row, done=done)
        return HttpResponseRedirect(self.request.get_full_path())

    def appointments(self):
        """All of the office: somebody may have closed what was shown."""
        return self.office.appointments.with_details().order_by("starts_at", "pk")

    def close(self, *, outcome, rows):
        """Close each for itself; say how many, and why others were not."""
        refused = Counter()
        for row in rows:
            try:
                operations.close_out(row, outcome, by=self.request.user)
            except REFUSALS as refusal:
                refused[sentence(refusal)] += 1
        done = len(rows) - refused.total()
        if done:
            messages.success(self.request, closed(done))
        for why, many in refused.items():
            messages.error(self.request, not_closed(many, why))

    def get_context_data(self, **kwargs):
        groups = closing.to_close(self.office)
        shown = sum(len(group.rows) for group in groups)
        return super().get_context_data(
            groups=[self.group(group) for group in groups],
            closed=closing.closed_today(self.office),
            left=closing.unclosed(self.office).count() - shown,
            may_manage=self.may(Permission.MANAGE_OFFICE),
            **kwargs,
        )

    def group(self, group):
        return {
            "host": group.host,
            "rows": [
                {"visit": row, "may_be_no_show": may_be_no_show(row)}
                for row in group.rows
            ],
            "may_be_no_show": all(map(may_be_no_show, group.rows)),
        }


def may_be_no_show(appointment):
    """Who is being served has come."""
    return Status.NO_SHOW in CLOSE_OUT[appointment.status]


def closed(many):
    text = ngettext(
        "%(many)d appointment is closed.", "%(many)d appointments are closed.", many
    )
    return text % {"many": many}


def not_closed(many, why):
    text = ngettext(
        "%(many)d appointment is not closed: %(why)s",
        "%(many)d appointments are not closed: %(why)s",
        many,
    )
    return text % {"many": many, "why": why}


admin.site.add_page(
    "closing",
    gettext_lazy("Closing"),
    order=6,
    allowed=allowed(Permission.RUN_DESK),
    urls=[
        path("closing/", Closing.as_view(), name="closing"),
        path("day-list/", DayList.as_view(), name="day_list"),
        path("door/", Door.as_view(), name="door"),
    ],
)
