"""The people of an office, with what the hosts among them have booked."""

from django import forms
from django.contrib import admin
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models import Appointment
from availability.assignments import end_with_host
from offices import staff_people
from offices.operations import end_membership
from offices.roles import Permission
from offices.staff import allowed


class EndForm(forms.Form):
    """What becomes of the host that the person is, besides the membership."""

    STAY, STOP = "stay", "stop"

    host = forms.ChoiceField(
        label=_("What about the times that people can book?"),
        choices=[
            (STOP, _("Offer none from now on. What is booked stays booked.")),
            (STAY, _("Go on offering them: somebody else serves in this name.")),
        ],
        widget=forms.RadioSelect,
        initial=STOP,
    )


class EndMembership(staff_people.MemberPage):
    """Asks first what is to become of the times of the host that the person is."""

    title = _("End the membership")
    template_name = "admin/people/end.html"

    @property
    def active_hosts(self):
        return [host for host in self.hosts if host.is_active]

    def get_form(self, data=None):
        return (EndForm if self.active_hosts else forms.Form)(data)

    def get_context_data(self, **kwargs):
        coming = Appointment.objects.open().filter(
            host__in=self.hosts, starts_at__gt=timezone.now()
        )
        return super().get_context_data(coming=coming.count(), **kwargs)

    def perform(self, form):
        stops = form.cleaned_data.get("host") == EndForm.STOP
        operation = end_with_host if stops else end_membership
        done = _("Ended. This person no longer has this role here.")
        return self.attempt(operation, self.member, done=done)


PAGES = {
    "": ("people", staff_people.People),
    "roles/": ("people_roles", staff_people.Roles),
    "invite/": ("people_invite", staff_people.Invite),
    "invitations/<int:pk>/resend/": ("people_resend", staff_people.Resend),
    "invitations/<int:pk>/withdraw/": ("people_withdraw", staff_people.Withdraw),
    "<int:pk>/": ("people_member", staff_people.Member),
    "<int:pk>/end/": ("people_end", EndMembership),
    "<int:pk>/close-account/": ("people_close_account", staff_people.CloseAccount),
}

admin.site.add_page(
    "people",
    _("People"),
    order=7,
    allowed=allowed(Permission.MANAGE_MEMBERS),
    urls=[
        path(f"people/{where}", page.as_view(), name=name)
        for where, (name, page) in PAGES.items()
    ],
)
