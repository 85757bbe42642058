"""What the office's own pages take in when they give somebody a time."""

from datetime import UTC, datetime

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.fields import AddressField
from appointments.forms import DetailsForm, InstantField, TextField
from availability.exceptions import HostRefused, QuantityRefused
from availability.queries import serving
from offices.times import YEARS, time_needed
from offices.validators import validate_day

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


class ServiceForm(forms.Form):
    """What for, how many of it, and with whom; `offereds` are the office's."""

    service = forms.ChoiceField(label=_("Service"))
    quantity = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        initial=1,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    host = forms.ChoiceField(label=_("With"), required=False)

    def __init__(self, *args, offereds, hosts, **kwargs):
        super().__init__(*args, **kwargs)
        self.offereds = {str(each.service_id): each for each in offereds}
        self.hosts = {str(host.pk): host for host in hosts}
        self.fields["service"].choices = [
            (key, _service_label(each)) for key, each in self.offereds.items()
        ]
        names = [(key, host.name) for key, host in self.hosts.items()]
        self.fields["host"].choices = [("", _("Anyone")), *names]

    def clean_service(self):
        return self.offereds[self.cleaned_data["service"]]

    def clean_quantity(self):
        return self.cleaned_data["quantity"] or 1

    def clean_host(self):
        return self.hosts.get(self.cleaned_data["host"])

    def clean(self):
        given = super().clean()
        if self.errors:
            return given
        offered, host = given["service"], given["host"]
        if given["quantity"] > offered.max_quantity:
            self.add_error("quantity", QuantityRefused.message)
        if host is not None and not serving(offered, host):
            self.add_error("host", HostRefused.message)
        return given


def _service_label(offered):
    """The service, how long it takes, and whether only staff may book it."""
    label = f"{offered.service} ({time_needed(offered.duration)})"
    if offered.is_public and offered.service.is_public:
        return label
    return gettext("%(service)s – staff only") % {"service": label}


class OwnTimeForm(forms.Form):
    """A time that is typed, within the rules or not."""

    own_time = ClockField(label=_("A day and a time of your own"))

    def __init__(self, *args, office, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["own_time"].zone = office.zone


class PersonForm(BeyondForm, DetailsForm):
    """Who comes, as told to a member of staff."""

    leave_empty = shown_at = None  # nobody gets here without signing in
    email = AddressField(
        label=_("E-mail address"),
        help_text=_("The confirmation goes there, with a link to move or cancel."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, required=False
    )
    note = TextField(
        label=_("Note"), help_text=_("For the office alone."), required=False, rows=2
    )
    unreachable = forms.BooleanField(
        label=_("Book without e-mail address and phone number"), required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        fields = self.fields
        fields["name"].label, fields["phone"].label = _("Name"), _("Phone number")
        fields["purpose"].label = _("Purpose")
        fields["access_needs"].label = _("Access needs")
        for name in ("name", "phone"):
            fields[name].widget.attrs["autocomplete"] = "off"
        for name in ("phone", "purpose", "access_needs"):
            fields[name].help_text = ""
        fields["name"].error_messages["required"] = _("Enter the name.")

    def clean(self):
        given = super().clean()
        reachable = given.get("email") or given.get("phone")
        if not (self.errors or reachable or given.get("unreachable")):
            self.add_error(
                "unreachable",
                _(
                    "Nobody could tell this person of a change. Enter an e-mail "
                    "address or a phone number, or say that there is none."
                ),
            )
        return given

    @property
    def asks_whether_reachable(self):
        return "unreachable" in self.errors or "unreachable" in self.data


class WhichForm(forms.Form):
    """Which free times to choose from: of which day, of which host."""

    day = forms.DateField(
        label=_("On"),
        required=False,
        validators=[validate_day],
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
