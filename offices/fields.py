"""A length of time that people type as a number of minutes."""

from datetime import timedelta

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _


class MinutesFormField(forms.IntegerField):
    """Shows and takes whole minutes; cleans to a timedelta."""

    def __init__(self, *, min_value=0, max_value=None, **kwargs):
        kwargs.pop("encoder", None)
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def prepare_value(self, value):
        if isinstance(value, timedelta):
            return int(value / timedelta(minutes=1))
        return value

    def clean(self, value):
        minutes = super().clean(value)
        return None if minutes is None else timedelta(minutes=minutes)

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)


class MinutesField(models.DurationField):
    """A DurationField whose form field counts in minutes."""

    description = _("Length of time in minutes")

    def formfield(self, **kwargs):
        return super(models.DurationField, self).formfield(
            **{"form_class": MinutesFormField, **kwargs}
        )
