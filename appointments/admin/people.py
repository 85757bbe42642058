"""The people of an office, with what the hosts among them have booked."""

from django import forms
from django.contrib import admin
from django.urls import path
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from appointments.impact.changes import HoursChange, answer
from appointments.impact.words import summary_of
from appointments.models import Appointment
from availability.assignments import end_with_host
from offices import staff_people
from offices.operations import end_membership
from offices.roles import Permission
from offices.staff import allowed


class EndForm(forms.Form):
    """What becomes of the host that the person is, besides the membership."""

    DECIDE, STAY, STOP = "decide", "stay", "stop"
    FIRST = (DECIDE, _("Offer none from now on. First decide about each appointment."))

    host = forms.ChoiceField(
        label=_("What about the times that people can book?"),
        choices=[
            (STOP, _("Offer none from now on. What is booked stays booked.")),
            (STAY, _("Go on offering them: somebody else serves in this name.")),
        ],
        widget=forms.RadioSelect,
        initial=STOP,
    )

    def __init__(self, *args, is_booked, **kwargs):
        super().__init__(*args, **kwargs)
        if is_booked:
            field = self.fields["host"]
            field.choices = [self.FIRST, *field.choices]
            field.initial = self.DECIDE


class EndMembership(staff_people.MemberPage):
    """Asks first what is to become of the times of the host that the person is."""

    title = _("End the membership")
    template_name = "admin/people/end.html"

    @property
    def active_hosts(self):
        return [host for host in self.hosts if host.is_active]

    @cached_property
    def coming(self):
        """How many appointments are to come."""
        rows = Appointment.objects.open().filter(host__in=self.hosts)
        return rows.filter(starts_at__gt=timezone.now()).count()

    def get_form(self, data=None):
        if self.active_hosts:
            return EndForm(data, is_booked=self.coming > 0)
        return forms.Form(data)

    def get_context_data(self, **kwargs):
        return super().get_context_data(coming=self.coming, **kwargs)

    def post(self, request, **kwargs):
        form = self.get_form(request.POST)
        if form.is_valid() and form.cleaned_data.get("host") == EndForm.DECIDE:
            return answer(request, self.stopping())
        return super().post(request, **kwargs)

    def stopping(self):
        """That the host offers no times any more; after it, this page again."""
        hosts = self.active_hosts
        for host in hosts:
            host.is_active = False
        summary = summary_of(hosts, [])
        return HoursChange(self.office, summary, hosts, back=self.request.path)

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
