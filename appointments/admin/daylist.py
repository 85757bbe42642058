"""A day of one office on paper, by host and in time order."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import phones
from appointments.daylist import day_list
from offices.roles import Permission
from offices.staff import OfficePage
from offices.times import full_date, office_time
from offices.validators import validate_day


class DayForm(forms.Form):
    day = forms.DateField(
        label=_("Day"),
        required=False,
        validators=[validate_day],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Choose a day from the calendar.")},
    )
    apart = forms.BooleanField(
        label=_("Each host on a page of its own"), required=False
    )


class DayList(OfficePage):
    """The list of a day, today unless `?day=` says another."""

    permission = Permission.VIEW_APPOINTMENTS
    title = _("Day list")
    template_name = "admin/daylist/daylist.html"

    def get_context_data(self, **kwargs):
        today = self.office.today()
        form = DayForm(self.request.GET)
        asked = form.cleaned_data if form.is_valid() else {}
        day = asked.get("day") or today
        if form.is_valid():
            form = DayForm({"day": day, "apart": asked["apart"]})
        return super().get_context_data(
            form=form,
            day=day,
            date=full_date(day),
            is_apart=asked.get("apart", False),
            groups=[
                {"host": group.host, "rows": [self.line(row) for row in group.rows]}
                for group in day_list(self.office, day)
            ],
            **kwargs,
        )

    def line(self, row):
        return {
            "visit": row,
            "start": office_time(row.starts_at, self.office),
            "end": office_time(row.ends_at, self.office),
            "phone": phones.words(row.citizen.phone),
        }
