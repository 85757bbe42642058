from django import forms
from django.utils.translation import gettext_lazy as _

from offices.queries.search import LONGEST


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        max_length=LONGEST,
        required=False,
        error_messages={
            "max_length": _("Search for at most %(limit_value)d characters.")
        },
    )

    @property
    def text(self):
        """What to look for; nothing when it is refused."""
        return self.cleaned_data["q"] if self.is_valid() else ""


class PlacesForm(forms.Form):
    """How many of a service are needed, and in which order its offices are listed."""

    SOONEST, NAME = "soonest", "name"

    quantity = forms.TypedChoiceField(
        label=_("How many?"),
        coerce=int,
        empty_value=1,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the numbers.")},
    )
    sort = forms.ChoiceField(
        label=_("Order"),
        choices=[(SOONEST, _("Soonest first")), (NAME, _("By name"))],
        required=False,
        error_messages={"invalid_choice": _("Choose one of the orders.")},
    )

    def __init__(self, data, *, most):
        super().__init__(data)
        self.fields["quantity"].choices = [(n, str(n)) for n in range(1, most + 1)]

    @property
    def how_many(self):
        return self.cleaned_data.get("quantity", 1) if self.is_valid() else 1

    @property
    def is_by_name(self):
        return self.is_valid() and self.cleaned_data["sort"] == self.NAME
