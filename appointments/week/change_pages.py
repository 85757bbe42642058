"""The small pages on which hours are changed.

Each takes in a form, and hands what it would write to appointments.impact, which
shows first whom it hurts.
"""

from functools import partial

from django.utils.translation import gettext_lazy as _

from appointments.impact.changes import HoursChange, respond
from appointments.week import forms, links
from appointments.week.pages import WeekPage
from config.admin import sentence
from offices.models import Host
from offices.roles import Permission


class ChangePage(WeekPage):
    """Asks for one change; `about` is the row that is changed, if there is one."""

    permission = Permission.MANAGE_HOURS
    template_name = "admin/calendar/change.html"
    form_class = forms.OfficeForm
    button = _("Save")
    about = None

    def initial(self):
        """What the form says at first."""
        return {}

    def sentence(self):
        """What the page is about, under its title."""
        return self.about

    def where(self, form):
        """The date and the host whose week is shown when all is done."""
        return self.day, self.host

    def form(self, data=None):
        seen = Host.objects.visible_to(self.request.user)
        return self.form_class(
            data,
            office=self.office,
            hosts=seen.filter(office=self.office, is_active=True),
            about=self.about,
            initial=self.initial(),
        )

    def get(self, request, *args, **kwargs):
        return self.show(self.form())

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        plan = form.plan() if form.is_valid() else None
        if plan and not plan.save and not plan.delete:
            form.add_error(
                None, _("These are the hours already. Nothing would change.")
            )
        if form.errors:
            return self.show(form, status=422)
        return self.carry_out(plan, form)

    def carry_out(self, plan, form):
        change = HoursChange(self.office, plan.summary, plan.save, plan.delete)
        back = links.week_with(self.office, *self.where(form))
        return respond(self, change, back=back, refused=partial(self.refused, form))

    def refused(self, form, refusal):
        """The form again, as it was typed, with what the operation says."""
        form.add_error(None, sentence(refusal))
        return self.show(form, status=409)

    def show(self, form, *, status=200):
        context = self.get_context_data(
            form=form,
            sentence=self.sentence(),
            button=self.button,
            back=links.week_with(self.office, self.day, self.host),
        )
        return self.render_to_response(context, status=status)


class AddWeekly(ChangePage):
    title = _("Add weekly hours")
    form_class = forms.WeeklyForm

    def initial(self):
        return {
            "host": self.host,
            "weekdays": [self.day.isoweekday()],
            "since": max(self.day, self.office.today()),
        }

    def where(self, form):
        return form.cleaned_data["since"], form.cleaned_data["host"]


class AddOnce(ChangePage):
    title = _("Add hours once")
    form_class = forms.OnceForm

    def initial(self):
        return {"host": self.host, "day": self.day}

    def where(self, form):
        return form.cleaned_data["day"], form.cleaned_data["host"]


class TimeOff(ChangePage):
    title = _("Time off")
    form_class = forms.TimeOffForm

    def initial(self):
        return {"host": self.host, "first": self.day}

    def where(self, form):
        return form.cleaned_data["first"], self.host
