"""How the API reads and writes what appointments are made of."""

from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from appointments.forms import LONGEST_TEXT, YEARS
from offices.html import UNSEEN


class InstantField(serializers.DateTimeField):
    """An instant that comes in: ISO 8601, with an offset."""

    default_error_messages = {
        "invalid": _("Give a time with its offset, like 2027-01-11T09:00:00+01:00.")
    }

    def to_internal_value(self, value):
        try:
            instant = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            self.fail("invalid")
        if instant.utcoffset() is None or instant.year not in YEARS:
            self.fail("invalid")
        return instant.astimezone(UTC)


class NameField(serializers.CharField):
    """A person's name, without what nobody sees."""

    def to_internal_value(self, data):
        name = " ".join(super().to_internal_value(data).translate(UNSEEN).split())
        if not name:
            self.fail("blank")
        return name


class TextField(serializers.CharField):
    """Some lines of text, none needed."""

    def __init__(self, **kwargs):
        kwargs = {"required": False, "allow_blank": True, **kwargs}
        super().__init__(**{"max_length": LONGEST_TEXT, **kwargs})
