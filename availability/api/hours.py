"""How the API shows and takes hours, exceptions and closures.

The endpoints are in appointments.api.hours, which can tell whom a change would hurt.
"""

from datetime import UTC

import django_filters
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_filters.fields import IsoDateTimeField
from rest_framework import serializers

from availability.models import AvailabilityException, AvailabilityRule, ExceptionKind
from offices.api.fields import ClockField, DayField, IdField
from offices.models import Closure, ClosureKind, Host, Office

RULE = {
    "id": 41,
    "host": 18,
    "weekdays": [1, 2, 3, 4, 5],
    "day": None,
    "start_time": "08:00",
    "end_time": "12:00",
    "valid_from": None,
    "valid_until": None,
}
EXCEPTION = {
    "id": 52,
    "host": 18,
    "kind": "away",
    "day": "2027-01-11",
    "start_time": "10:00",
    "end_time": "12:00",
    "reason": "Training",
}
CLOSURE = {
    "id": 63,
    "office": 7,
    "host": None,
    "kind": "staff",
    "starts_at": "2027-02-08T00:00:00+01:00",
    "ends_at": "2027-02-09T00:00:00+01:00",
    "reason": "Moving house",
    "is_overridden": False,
}
CLOCK = _("The office's clock, on a quarter-hour.")
TOO_FAR = _("That is too far away.")
FROM = _("The office's clock, on a quarter-hour; left out, 00:00.")
UNTIL = _("The office's clock, on a quarter-hour; 00:00 is the end of the day.")


class MineField(serializers.PrimaryKeyRelatedField):
    """The id of something that the caller may see; else it does not exist."""

    def get_queryset(self):
        return self.queryset.visible_to(self.context["request"].user)


class RuleSerializer(serializers.ModelSerializer):
    start_time = ClockField()
    end_time = ClockField()

    class Meta:
        model = AvailabilityRule
        fields = list(RULE)
        read_only_fields = fields


class ChangeRuleSerializer(serializers.Serializer):
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        required=False,
        max_length=7,
        help_text=_("For hours that recur: 1 is Monday."),
    )
    day = DayField(
        required=False, allow_null=True, help_text=_("For hours on one date alone.")
    )
    start_time = ClockField(help_text=CLOCK)
    end_time = ClockField(help_text=UNTIL)
    valid_from = DayField(required=False, allow_null=True)
    valid_until = DayField(required=False, allow_null=True)


class AddRuleSerializer(ChangeRuleSerializer):
    host = IdField()


class ExceptionSerializer(serializers.ModelSerializer):
    start_time = ClockField()
    end_time = ClockField()

    class Meta:
        model = AvailabilityException
        fields = list(EXCEPTION)
        read_only_fields = fields


class ChangeExceptionSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(ExceptionKind.choices)
    day = DayField()
    start_time = ClockField(required=False, help_text=FROM)
    end_time = ClockField(required=False, help_text=UNTIL)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class AddExceptionSerializer(ChangeExceptionSerializer):
    host = MineField(queryset=Host.objects.select_related("office"))


class ClosureSerializer(serializers.ModelSerializer):
    """Times have the office's offset."""

    class Meta:
        model = Closure
        fields = list(CLOSURE)
        read_only_fields = fields

    def to_representation(self, closure):
        zone = closure.office.zone
        return {
            **super().to_representation(closure),
            "starts_at": closure.starts_at.astimezone(zone).isoformat(),
            "ends_at": closure.ends_at.astimezone(zone).isoformat(),
        }


def is_far(instant):
    """Whether no office can have to do with it."""
    return not 1970 < instant.year < 2200


class InstantField(serializers.DateTimeField):
    """A time with an offset, that an office can have to do with."""

    def to_internal_value(self, value):
        instant = super().to_internal_value(value)
        if is_far(instant):
            raise serializers.ValidationError(TOO_FAR)
        return instant


class ChangeClosureSerializer(serializers.Serializer):
    starts_at = InstantField()
    ends_at = InstantField()
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)
    is_overridden = serializers.BooleanField(
        required=False, help_text=_("Open all the same, as on a public holiday.")
    )


class AddClosureSerializer(ChangeClosureSerializer):
    office = MineField(queryset=Office.objects.all())
    host = MineField(
        queryset=Host.objects.all(),
        required=False,
        allow_null=True,
        help_text=_("Empty: the whole office."),
    )


class InstantFormField(IsoDateTimeField):
    """The same in a query, in UTC: PostgreSQL knows no offset of sixteen hours."""

    def clean(self, value):
        instant = super().clean(value)
        if instant is None:
            return None
        if is_far(instant):
            raise ValidationError(TOO_FAR)
        return instant.astimezone(UTC)


class InstantFilter(django_filters.IsoDateTimeFilter):
    field_class = InstantFormField


class RuleFilter(django_filters.FilterSet):
    host = django_filters.NumberFilter(label=_("Of this host (its id)."))

    class Meta:
        model = AvailabilityRule
        fields = ["host"]


class ExceptionFilter(django_filters.FilterSet):
    office = django_filters.NumberFilter(
        field_name="host__office", label=_("Of this office (its id).")
    )
    host = django_filters.NumberFilter(label=_("Of this host (its id)."))
    kind = django_filters.ChoiceFilter(choices=ExceptionKind)
    since = django_filters.DateFilter(
        field_name="day", lookup_expr="gte", label=_("On this day or later.")
    )
    until = django_filters.DateFilter(
        field_name="day", lookup_expr="lte", label=_("On this day or earlier.")
    )

    class Meta:
        model = AvailabilityException
        fields = ["office", "host", "kind"]


class ClosureFilter(django_filters.FilterSet):
    office = django_filters.NumberFilter(label=_("Of this office (its id)."))
    host = django_filters.NumberFilter(label=_("Of this host (its id)."))
    kind = django_filters.ChoiceFilter(choices=ClosureKind)
    since = InstantFilter(
        field_name="ends_at", lookup_expr="gt", label=_("Not over at this time.")
    )
    until = InstantFilter(
        field_name="starts_at", lookup_expr="lt", label=_("Begun before this time.")
    )

    class Meta:
        model = Closure
        fields = ["office", "host", "kind"]
