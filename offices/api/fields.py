"""How the API writes what models hold in their own way."""

from datetime import date, timedelta
from functools import reduce

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from offices.html import clean_html

MINUTE = timedelta(minutes=1)
YEAR = 366 * 24 * 60
LARGEST_ID = 2**63 - 1
BACKWARDS = _("The last day is before the first.")


class MinutesField(serializers.IntegerField):
    """A length of time as whole minutes."""

    def __init__(self, **kwargs):
        super().__init__(**{"min_value": 0, "max_value": YEAR, **kwargs})

    def to_internal_value(self, data):
        return timedelta(minutes=super().to_internal_value(data))

    def to_representation(self, value):
        return value // MINUTE

    def run_validators(self, value):
        """The bounds are on the minutes."""
        super().run_validators(value // MINUTE)


class HtmlField(serializers.CharField):
    """Unsafe tags are removed on the way in."""

    def __init__(self, **kwargs):
        super().__init__(
            **{"required": False, "allow_blank": True, "max_length": 20_000, **kwargs}
        )

    def to_internal_value(self, data):
        return clean_html(super().to_internal_value(data))


class DegreesField(serializers.FloatField):
    """A latitude or longitude; no number ("nan") is none."""

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        if value != value:
            raise serializers.ValidationError(_("A valid number is required."))
        return value


class IdField(serializers.IntegerField):
    """The id of something, as a parameter."""

    def __init__(self, **kwargs):
        super().__init__(**{"min_value": 1, "max_value": LARGEST_ID, **kwargs})


class DayField(serializers.DateField):
    """A date that an office can have to do with."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.validators.append(MinValueValidator(date(1970, 1, 1)))
        self.validators.append(MaxValueValidator(date(2200, 1, 1)))


class LocalTimeField(serializers.DateTimeField):
    """An instant as it is: with the offset that it has been given."""

    def to_representation(self, value):
        return value.isoformat()


class OfficeTimeField(LocalTimeField):
    """An instant that goes out, with the office's offset; `office` is the way there."""

    def __init__(self, office="office", **kwargs):
        self.office = office.split(".")
        super().__init__(**{"read_only": True, **kwargs})

    def get_attribute(self, instance):
        value = super().get_attribute(instance)
        return value and value.astimezone(reduce(getattr, self.office, instance).zone)


@extend_schema_field(
    {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d)?$", "example": "08:00"}
)
class ClockField(serializers.TimeField):
    """A time of the office's clock, like 08:00."""

    def __init__(self, **kwargs):
        super().__init__(format="%H:%M", **kwargs)
