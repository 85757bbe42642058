"""One box for all that somebody at the telephone remembers of an appointment."""

from django.contrib import admin
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from accounts import phones
from appointments import finding
from appointments.admin.moving import page_of
from appointments.models import Appointment
from offices.admin_base import reach_of
from offices.roles import Permission
from offices.staff import allowed
from offices.times import office_when


class FindPerson(TemplateView):
    """Appointments of all offices of the person; a whole reference leads to its own."""

    template_name = "admin/search/found.html"

    def get(self, request, *args, **kwargs):
        self.text = request.GET.get("q", "").strip()
        rows = admin.site.get_model_admin(Appointment).get_queryset(request)
        exact = self.text and finding.by_reference(rows, self.text)
        if exact:
            return redirect(page_of(exact))
        self.found = finding.found(rows, self.text) if self.text else None
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        frame = admin.site.each_context(self.request)
        frame["is_nav_sidebar_enabled"] = False  # the width is for the work
        return super().get_context_data(
            **frame,
            title=_("Find a person or an appointment"),
            looked_for=self.text,
            groups=self.groups(),
            is_cut=self.found and self.found.is_cut,
            most=finding.MOST_FOUND,
            one_office=reach_of(self.request).is_one_office,
            may_export=reach_of(self.request).may(Permission.EXPORT_DATA),
            **kwargs,
        )

    def groups(self):
        if self.found is None:
            return []
        groups = [
            {"title": _("Coming"), "lines": map(line, self.found.coming)},
            {"title": _("Past"), "lines": map(line, self.found.past)},
        ]
        return [
            {**group, "lines": lines}
            for group in groups
            if (lines := list(group["lines"]))
        ]


def line(appointment):
    """What is told of an appointment that was found."""
    citizen = appointment.citizen
    contact = filter(None, [phones.words(citizen.phone), citizen.email])
    return {
        "appointment": appointment,
        "url": page_of(appointment),
        "when": office_when(appointment.starts_at, appointment.office),
        "contact": " · ".join(contact),
    }


admin.site.add_page(
    "find_person",
    _("Find"),
    order=5,
    allowed=allowed(Permission.VIEW_APPOINTMENTS),
    urls=[path("find/", FindPerson.as_view(), name="find_person")],
)
