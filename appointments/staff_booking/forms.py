"""What the office's own pages take in when they give somebody a time."""

from datetime import UTC, datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from appointments.forms import YEARS, InstantField, TextField

PICKER = {"type": "datetime-local", "step": 900}


class ClockField(forms.CharField):
    """A day and a time of the office's clock; give it `zone`. An instant in UTC."""

    widget = forms.TextInput(attrs=PICKER)
    default_error_messages = {
        "invalid": _("Enter a day and a time like 2030-03-12 09:15."),
        "skipped": _("The clocks skip this time. Please choose another."),
    }
    zone = UTC

    def to_python(self, value):
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        try:
            typed = datetime.fromisoformat(text)
        except ValueError:
            typed = None
        if typed is None or typed.tzinfo is not None or typed.year not in YEARS:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        instant = typed.replace(tzinfo=self.zone).astimezone(UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) != typed:
            raise forms.ValidationError(self.error_messages["skipped"], code="skipped")
        return instant


class BeyondForm(forms.Form):
    """A form that can ask for the reason to go beyond the rules.

    It asks once `warn_of` has said which rules (appointments.staff_booking.rules).
    """

    override = TextField(
        label=_("Why all the same?"),
        help_text=_("Kept in the history, for the office alone."),
        required=False,
        rows=2,
    )
    broken = ()

    def warn_of(self, broken):
        self.broken = broken
        if "override" in self.data:
            self.add_error("override", _("Say why the rules do not hold here."))

    def clean_override(self):
        return self.cleaned_data["override"].strip()


class WhenForm(BeyondForm):
    """Another time: one of those that are free, or one's own."""

    starts_at = InstantField(
        label=_("Free times"), required=False, widget=forms.RadioSelect
    )
    own_time = ClockField(
        label=_("Or a day and a time of your own"),
        required=False,
    )
    reason = TextField(
        label=_("Reason"), help_text=_("The citizen reads it."), required=False, rows=2
    )

    def __init__(self, *args, office, starts, **kwargs):
        """`starts` are what to choose from: (value, label)."""
        super().__init__(*args, **kwargs)
        self.fields["own_time"].zone = office.zone
        self.fields["starts_at"].widget.choices = starts

    def clean(self):
        given = super().clean()
        instant = given.get("own_time") or given.get("starts_at")
        if not instant and not self.errors:
            raise forms.ValidationError(_("Choose a time, or type one."))
        return {**given, "instant": instant}


class WhichForm(forms.Form):
    """Which free times to choose from: of which day, of which host."""

    day = forms.DateField(
        label=_("On"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    host = forms.ChoiceField(label=_("With"), required=False)

    def __init__(self, data, *, hosts):
        super().__init__(data, auto_id="which-%s")
        self.hosts = {str(host.pk): host for host in hosts}
        names = [(key, host.name) for key, host in self.hosts.items()]
        self.fields["host"].choices = [("", _("Anyone")), *names]

    def clean_host(self):
        return self.hosts.get(self.cleaned_data["host"])


class HostForm(forms.Form):
    """Another host, of those that are free."""

    host = forms.ChoiceField(label=_("To whom?"), widget=forms.RadioSelect)
    reason = TextField(
        label=_("Reason"), help_text=_("For the office alone."), required=False, rows=2
    )

    def __init__(self, *args, hosts, **kwargs):
        super().__init__(*args, **kwargs)
        self.hosts = {str(host.pk): host for host in hosts}
        self.fields["host"].choices = [(k, h.name) for k, h in self.hosts.items()]

    def clean_host(self):
        return self.hosts[self.cleaned_data["host"]]


class WordsForm(forms.Form):
    """What is written on an appointment; only the fields the person may write."""

    purpose = TextField(label=_("Purpose"), required=False)
    access_needs = TextField(label=_("Access needs"), required=False, rows=2)
    note = TextField(
        label=_("Note"), help_text=_("For the office alone."), required=False
    )

    def __init__(self, *args, writes, **kwargs):
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(writes):
            del self.fields[name]
