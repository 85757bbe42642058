"""What the pages take in."""

from datetime import UTC, datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import phones
from accounts.fields import AddressField
from appointments.models import Citizen
from appointments.queries import find
from availability.exceptions import HostRefused, QuantityRefused
from config.bots import GuardedForm
from offices.html import UNSEEN
from offices.times import YEARS

LONGEST_TEXT = 500
DAMAGED = _("This link is damaged. Please choose a day and a time again.")


class InstantField(forms.CharField):
    """An aware instant, as ISO 8601 with its offset."""

    default_error_messages = {"required": DAMAGED, "invalid": DAMAGED}

    def to_python(self, value):
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            instant = None
        if instant is None or instant.utcoffset() is None or instant.year not in YEARS:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return instant.astimezone(UTC)


class TextField(forms.CharField):
    """Some lines of text; a line break counts as one character, as browsers count."""

    def __init__(self, *, rows=3, **kwargs):
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(widget=widget, max_length=LONGEST_TEXT, **kwargs)

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class ChoiceForm(forms.Form):
    """Which host, and how many: part of the address of every page that books."""

    quantity = forms.TypedChoiceField(
        label=_("How many?"),
        coerce=int,
        empty_value=1,
        required=False,
        error_messages={"invalid_choice": QuantityRefused.message},
    )
    host = forms.ChoiceField(
        label=_("With whom?"),
        required=False,
        error_messages={"invalid_choice": HostRefused.message},
    )

    def __init__(self, data, *, most, hosts):
        super().__init__(data, auto_id="choice-%s")
        self.hosts = {str(host.pk): host for host in hosts}
        self.fields["quantity"].choices = [(n, n) for n in range(1, most + 1)]
        self.fields["host"].choices = [
            ("", _("Anyone")),
            *((key, host.name) for key, host in self.hosts.items()),
        ]

    def clean_host(self):
        return self.hosts.get(self.cleaned_data["host"])


class TimeForm(forms.Form):
    """The button of one time."""

    starts_at = InstantField()


class HeldForm(forms.Form):
    """The time that a page is about, in its address, and the hold that keeps it."""

    at = InstantField()
    hold = forms.UUIDField(required=False, error_messages={"invalid": DAMAGED})


class DetailsForm(GuardedForm):
    """Who comes. No account is asked for."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter your name."),
            "max_length": _("Your name can have 150 characters at most."),
        },
    )
    email = AddressField(
        label=_("Your e-mail address"),
        help_text=_("We send the confirmation there, with a link to move or cancel."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter an e-mail address like name@example.org."),
            "max_length": _("Your e-mail address can have 254 characters at most."),
        },
    )
    phone = forms.CharField(
        label=_("Your phone number"),
        help_text=_("So that the office can reach you if something changes."),
        required=False,
        max_length=40,
        widget=forms.TextInput(
            attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}
        ),
    )
    purpose = TextField(
        label=_("What is it about?"),
        help_text=_("Only if it helps the office to prepare."),
        required=False,
        error_messages={
            "max_length": _("What it is about can have 500 characters at most.")
        },
    )
    access_needs = TextField(
        label=_("Is there anything you need to take part?"),
        help_text=_("For example a step-free entrance, an interpreter, or more time."),
        required=False,
        rows=2,
        error_messages={
            "max_length": _("What you need can have 500 characters at most.")
        },
    )

    def __init__(self, *args, office, **kwargs):
        super().__init__(*args, **kwargs)
        self.region = office.country

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].translate(UNSEEN).split())
        if not name:
            raise forms.ValidationError(self.fields["name"].error_messages["required"])
        return name

    def clean_phone(self):
        """As E.164, which every provider of SMS understands.

        A stored one that is left as it was stays, whatever an import made of it.
        """
        typed = self.cleaned_data["phone"]
        if typed == self.initial.get("phone"):
            return typed
        number = typed and phones.read(typed, self.region)
        if number is None:
            raise forms.ValidationError(
                _("Enter a phone number like %(example)s, or leave it empty."),
                params={"example": phones.example(self.region)},
            )
        return number

    def citizen(self, language):
        """Whom the answers describe, not saved."""
        fields = {name: self.cleaned_data[name] for name in ("name", "email", "phone")}
        return Citizen(language=language, **fields)


class CancelForm(forms.Form):
    reason = TextField(
        label=_("Why do you cancel?"),
        help_text=_("You need not say. It may help the office."),
        required=False,
        error_messages={"max_length": _("The reason can have 500 characters at most.")},
    )


class FindForm(GuardedForm):
    reference = forms.CharField(
        label=_("Your reference"),
        help_text=_("Eight letters and figures, like K7M4-QX2P, from our e-mail."),
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Enter your reference.")},
    )
    email = forms.EmailField(
        label=_("The e-mail address you gave"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter the e-mail address you gave when you booked."),
            "invalid": _("Enter an e-mail address like name@example.org."),
        },
    )

    def clean(self):
        """One answer for whatever is wrong: strangers learn nothing from it."""
        super().clean()
        if self.errors:
            return
        given = self.cleaned_data
        self.appointment = find(given["reference"], given["email"])
        if self.appointment is None:
            raise forms.ValidationError(
                _(
                    "We found no appointment with this reference and this e-mail "
                    "address. Please check both."
                )
            )
