"""Copying a week: its hours, for one host or all, to some of the weeks that follow."""

from datetime import timedelta

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from appointments.week import changes, weeks
from appointments.week.change_pages import ChangePage
from appointments.week.facts import Facts
from appointments.week.forms import OfficeForm
from availability import generation

OFFERED = 12  # how many weeks there are to choose from


class CopyForm(OfficeForm):
    """`about` is the week that is copied (CopiedWeek)."""

    weeks = forms.TypedMultipleChoiceField(
        label=_("To these weeks"),
        coerce=weeks.read,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose one week at least.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["weeks"].choices = [
            (weeks.name_of(monday), weeks.title(monday))
            for monday in self.about.following()
        ]

    def clean(self):
        cleaned_data = super().clean()
        if not self.errors and not self.differences:
            self.add_error(
                "weeks", _("These weeks have the same hours already. Choose others.")
            )
        return cleaned_data

    @cached_property
    def differences(self):
        """What would change: changes.DayChanges in order."""
        return self.about.differences(self.cleaned_data["weeks"])

    def plan(self):
        return self.about.plan(self.differences, self.cleaned_data["weeks"])


class CopiedWeek:
    """The hours of some hosts in the week that begins on `monday`."""

    def __init__(self, office, hosts, monday):
        self.office, self.hosts, self.monday = office, hosts, monday

    def following(self):
        """The Mondays of the weeks that it can be copied to: none that is over."""
        first = max(self.monday + weeks.WEEK, weeks.monday_of(self.office.today()))
        return [first + n * weeks.WEEK for n in range(OFFERED)]

    @cached_property
    def facts(self):
        last = self.following()[-1] + timedelta(days=6)
        return Facts(self.office, self.hosts, generation.days(self.monday, last))

    def differences(self, mondays):
        found = []
        for monday in sorted(mondays):
            found += changes.differences(self.facts, monday)
        return found

    def plan(self, differences, mondays):
        summary = ngettext(
            "The hours of %(source)s in %(count)d other week.",
            "The hours of %(source)s in %(count)d other weeks.",
            len(mondays),
        ) % {"source": weeks.title(self.monday), "count": len(mondays)}
        return changes.copy_week(self.facts, differences, summary)


class CopyWeek(ChangePage):
    """Says first what will change; what is sent again with `confirm` is done."""

    title = _("Copy this week")
    template_name = "admin/calendar/copy.html"
    form_class = CopyForm
    button = _("Continue")

    @cached_property
    def about(self):
        hosts = [self.host] if self.host else self.hosts
        return CopiedWeek(self.office, hosts, self.monday)

    def sentence(self):
        whose = self.host or _("All hosts")
        return f"{whose}: {weeks.title(self.monday)}"

    def where(self, form):
        return min(form.cleaned_data["weeks"]), self.host

    def carry_out(self, plan, form):
        if "confirm" in self.request.POST:
            return super().carry_out(plan, form)
        return self.show(form)
