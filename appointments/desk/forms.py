"""What the desk takes in."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import phones
from accounts.fields import AddressField
from appointments.models import Citizen

LONGEST_SCAN = 500  # characters: a link with its token


class FindForm(forms.Form):
    """A name, a reference, or what a scanner has read from a QR code."""

    text = forms.CharField(max_length=LONGEST_SCAN, required=False)


class WalkInForm(forms.Form):
    """Somebody at the door without an appointment."""

    service = forms.ModelChoiceField(
        queryset=None,
        label=gettext_lazy("Service"),
        empty_label=gettext_lazy("Choose …"),
    )
    name = forms.CharField(
        label=gettext_lazy("Name, if they like"), max_length=150, required=False
    )
    email = AddressField(
        label=gettext_lazy("E-mail address, if they like"), required=False
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone, if they like"), max_length=40, required=False
    )

    def __init__(self, data=None, *, office):
        super().__init__(data, auto_id="walk-in-%s", label_suffix="")
        self.country = office.country
        offered = office.offered.select_related("office", "service")
        self.fields["service"].queryset = offered.order_by("service__name", "pk")
        self.fields["service"].label_from_instance = lambda row: row.service.name
        for name in ("name", "email", "phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean_phone(self):
        typed = self.cleaned_data["phone"]
        number = phones.read(typed, self.country) if typed else ""
        if number is None:
            raise forms.ValidationError(
                _("Enter a phone number like %(example)s.")
                % {"example": phones.example(self.country)}
            )
        return number

    def citizen(self):
        """The guest of the cleaned form, unsaved."""
        return Citizen(
            name=self.cleaned_data["name"] or _("Walk-in"),
            email=self.cleaned_data["email"],
            phone=self.cleaned_data["phone"],
        )
