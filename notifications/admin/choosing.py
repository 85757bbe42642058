"""Who is told what, by which channel, and when: all of an office on one page."""

from typing import NamedTuple

from django import forms
from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from notifications import policies
from notifications.admin.frame import MessagesPage
from notifications.models import MessagePolicy
from notifications.states import CHOICES, DEFAULTS, Audience, Channel, Kind
from offices.models import Office

COLUMNS = [
    (Audience.CITIZEN, Channel.MAIL, _("Citizen, e-mail")),
    (Audience.CITIZEN, Channel.SMS, _("Citizen, text message")),
    (Audience.HOST, Channel.MAIL, _("Host, e-mail")),
    (Audience.OFFICE, Channel.MAIL, _("Office mailbox, e-mail")),
]


class Cell(NamedTuple):
    """One checkbox of the grid; `usual` says what holds where nobody has chosen."""

    value: str
    column: str
    is_sent: bool
    usual: bool


def value_of(choice):
    return "-".join(choice)


class PolicyForm(forms.ModelForm):
    """When an office writes, and, in `sent`, to whom about what."""

    sent = forms.MultipleChoiceField(
        choices=[(value_of(choice), "") for choice in sorted(CHOICES)], required=False
    )

    class Meta:
        model = MessagePolicy
        fields = ["sms_reminder_hours", "quiet_from", "quiet_until", "late_after"]
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("quiet_from", "quiet_until")
        }
        help_texts = {
            "sms_reminder_hours": _("Like “48, 3”. Empty: none by text message."),
        }

    def __init__(self, *args, office, **kwargs):
        policy = policies.policy_of(office)
        super().__init__(*args, instance=policy, label_suffix="", **kwargs)
        self.office = office
        self.sent = {value_of(choice) for choice in policies.chosen(office)}
        mail = Office._meta.get_field("reminder_hours").formfield()
        mail.label = _("reminders by e-mail (hours before)")
        mail.help_text = _("Like “48, 3”. Empty: none by e-mail.")
        mail.initial = office.reminder_hours
        self.fields = {"reminder_hours": mail, **self.fields}

    @cached_property
    def ticked(self):
        """The values of the checkboxes that are set, as saved or as just sent."""
        return set(self.data.getlist("sent")) if self.is_bound else self.sent

    def rows(self):
        """[(Kind, [Cell, or None for what nobody could be sent])]."""
        return [
            (kind, [self._cell(kind, *column) for column in COLUMNS]) for kind in Kind
        ]

    def _cell(self, kind, audience, channel, label):
        choice = (kind, audience, channel)
        if choice not in CHOICES:
            return None
        value = value_of(choice)
        return Cell(value, label, value in self.ticked, choice in DEFAULTS)

    def settings(self):
        """The fields beside the grid."""
        return [field for field in self if field.name != "sent"]

    def asked(self):
        """What policies.change takes."""
        given = self.cleaned_data
        chosen = set(given["sent"])
        return {
            "sent": {choice for choice in CHOICES if value_of(choice) in chosen},
            "reminder_hours": given["reminder_hours"],
            "policy": self.instance,
        }


class Choosing(MessagesPage):
    title = _("Messages")
    template_name = "admin/messages/choosing.html"
    tab = "messages"

    @cached_property
    def form(self):
        data = self.request.POST if self.request.method == "POST" else None
        return PolicyForm(data, office=self.office)

    def post(self, request, *args, **kwargs):
        if "usual" in request.POST:
            done = _("This office writes as all do who have chosen nothing.")
            self.attempt(policies.choose, self.office, DEFAULTS, done=done)
            return self.back()
        if self.form.is_valid():
            about = self.form.asked()
            done = _("Saved. It holds for what happens from now on.")
            if self.attempt(policies.change, self.office, done=done, **about):
                return self.back()
        return self.render_to_response(self.get_context_data(), status=422)

    def back(self):
        return HttpResponseRedirect(self.address("messages"))

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            form=self.form,
            columns=[label for _audience, _channel, label in COLUMNS],
            has_sms=settings.SMS_ENABLED,
            office_page=reverse("admin:offices_office_change", args=[self.office.pk]),
            history=self.address(
                "offices_settingchange_changelist", "office__id__exact"
            ),
            **kwargs,
        )
