import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from appointments import references
from appointments.models import Appointment
from appointments.states import Status
from offices.api.fields import BACKWARDS, LARGEST_ID


class IdFilter(django_filters.NumberFilter):
    field_class = forms.IntegerField

    def __init__(self, **kwargs):
        super().__init__(**{"min_value": 1, "max_value": LARGEST_ID, **kwargs})


class DayFilter(django_filters.DateFilter):
    def __init__(self, **kwargs):
        super().__init__(field_name="day", input_formats=["%Y-%m-%d"], **kwargs)


class DaysForm(forms.Form):
    def clean(self):
        given = super().clean()
        first, last = given.get("from"), given.get("to")
        if first and last and last < first:
            self.add_error("to", BACKWARDS)
        return given


class AppointmentFilter(django_filters.FilterSet):
    office = IdFilter(label=_("The id of an office."))
    host = IdFilter(label=_("The id of a host."))
    service = IdFilter(label=_("The id of a service."))
    status = django_filters.MultipleChoiceFilter(
        choices=Status, label=_("One or more of these.")
    )
    citizen = django_filters.CharFilter(
        method="of_citizen", label=_("The id or the e-mail address of who comes.")
    )
    reference = django_filters.CharFilter(
        method="of_reference", label=_("However it is written.")
    )

    class Meta:
        model = Appointment
        form = DaysForm
        fields = []

    def of_citizen(self, rows, name, value):
        if value.isascii() and value.isdecimal():
            pk = int(value[:20])
            return rows.filter(citizen=pk) if pk <= LARGEST_ID else rows.none()
        return rows.filter(citizen__email=value.lower())

    def of_reference(self, rows, name, value):
        return rows.filter(reference=references.read(value) or "")


# A class body cannot say `from`.
AppointmentFilter.base_filters |= {
    "from": DayFilter(
        lookup_expr="gte", label=_("The first day, as the office counts.")
    ),
    "to": DayFilter(lookup_expr="lte", label=_("The last day, included.")),
}
