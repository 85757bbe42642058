"""What people type at the tablet. It must not offer what others have typed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from appointments.door import queries

AS_TYPED = {"autocomplete": "off", "autocorrect": "off", "spellcheck": "false"}
SHOWN_BACK = 60  # characters of what was typed


class DoorForm(forms.Form):
    """Finds one of today's appointments of an office, in `appointment`."""

    appointment = None

    def __init__(self, *args, office, **kwargs):
        super().__init__(*args, **kwargs)
        self.office = office

    def find(self):
        """The appointment that the cleaned fields name, or None."""
        raise NotImplementedError

    def named(self):
        """What was looked for, as the person typed it."""
        raise NotImplementedError

    def clean(self):
        if self.errors:
            return
        self.appointment = self.find()
        if self.appointment is None:
            raise forms.ValidationError(
                _(
                    "We found nothing for today under “%(typed)s”. "
                    "Please check it, or ask at the reception."
                ),
                params={"typed": self.named()[:SHOWN_BACK]},
            )


class ReferenceForm(DoorForm):
    reference = forms.CharField(
        label=_("Your reference"),
        help_text=_("Eight letters and figures, like K7M4-QX2P, from our e-mail."),
        max_length=300,  # a scanned link is longer than a reference
        widget=forms.TextInput(
            attrs={**AS_TYPED, "autocapitalize": "characters", "autofocus": True}
        ),
        error_messages={"required": _("Enter your reference.")},
    )

    def find(self):
        return queries.by_reference(self.office, self.cleaned_data["reference"])

    def named(self):
        return self.cleaned_data["reference"]


class NameForm(DoorForm):
    name = forms.CharField(
        label=_("Your name"),
        help_text=_("Just as you gave it when you booked."),
        max_length=150,
        widget=forms.TextInput(
            attrs={**AS_TYPED, "autocapitalize": "words", "autofocus": True}
        ),
        error_messages={"required": _("Enter your name.")},
    )
    time = forms.TimeField(
        label=_("The time of your appointment"),
        help_text=_("Hours and minutes, like 9:15."),
        widget=forms.TimeInput(attrs={"type": "time", "autocomplete": "off"}),
        error_messages={
            "required": _("Enter the time of your appointment."),
            "invalid": _("Enter a time like 9:15."),
        },
    )

    def find(self):
        return queries.by_name(self.office, *self.cleaned_data.values())

    def named(self):
        return self.cleaned_data["name"]
