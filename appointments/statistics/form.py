"""What a person may ask of the statistics: `?host=&service=&from=&to=&by=`."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from appointments.statistics.periods import Period
from appointments.statistics.scope import MOST_DAYS, Scope
from offices.models import Host, Service
from offices.validators import validate_day

USUAL_DAYS = timedelta(days=29)  # before the last one, when nothing is asked


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class HostChoice(forms.ModelChoiceField):
    """Hosts of several offices may be named alike."""

    with_office = False

    def label_from_instance(self, host):
        return f"{host.office}: {host}" if self.with_office else str(host)


class ScopeForm(forms.Form):
    """About `offices`; what is left empty is as wide as it can be."""

    host = HostChoice(None, label=_("Host"), required=False, empty_label=_("All hosts"))
    service = forms.ModelChoiceField(
        None, label=_("Service"), required=False, empty_label=_("All services")
    )
    by = forms.ChoiceField(label=_("Told by"), choices=Period.choices, required=False)

    def __init__(self, *args, offices, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.offices = offices
        self.fields["from"] = forms.DateField(
            label=_("From"),
            required=False,
            validators=[validate_day],
            widget=DayInput(),
        )
        self.fields["to"] = forms.DateField(
            label=_("Until"),
            required=False,
            validators=[validate_day],
            widget=DayInput(),
        )
        self.order_fields(["from", "to", "by", "host", "service"])
        hosts = Host.objects.filter(office__in=offices).select_related("office")
        self.fields["host"].queryset = hosts.order_by("office__name", "name", "pk")
        self.fields["host"].with_office = len(offices) > 1
        services = Service.objects.filter(offered__office__in=offices)
        self.fields["service"].queryset = services.distinct().order_by("name", "pk")

    def clean(self):
        """Fills in the usual days; raises what is wrong with those that are named."""
        cleaned = super().clean()
        if self.errors:
            return cleaned
        today = max(office.today() for office in self.offices)
        last = cleaned["to"] or max(today, cleaned["from"] or today)
        first = cleaned["from"] or last - USUAL_DAYS
        if first > last:
            raise ValidationError(
                {"from": _("This is after the last day. Choose an earlier one.")}
            )
        if (last - first).days >= MOST_DAYS:
            too_long = _(
                "These are more than two years. Choose a first day from %(day)s on."
            )
            day = last - timedelta(days=MOST_DAYS - 1)
            raise ValidationError(
                {"from": ValidationError(too_long, params={"day": day.isoformat()})}
            )
        days = {"from": first, "to": last}
        self.data = self.data.copy()  # so that the fields show what is told
        for name, day in days.items():
            self.data[name] = day.isoformat()
        return {**cleaned, **days, "by": cleaned["by"] or Period.DAY}

    def fill_in(self):
        """Say in the fields of a valid form which days it is about."""
        days = {name: self.cleaned_data[name] for name in ("from", "to")}
        self.data = {**self.data.dict(), **days}

    @property
    def scope(self):
        """The Scope of a valid form."""
        asked = self.cleaned_data
        return Scope(
            self.offices,
            asked["from"],
            asked["to"],
            Period(asked["by"]),
            asked["host"],
            asked["service"],
        )
