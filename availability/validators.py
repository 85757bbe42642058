from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def validate_quarter_hour(value):
    """A clock time must be on a quarter of an hour."""
    if value.minute % 15 or value.second or value.microsecond:
        raise ValidationError(
            _("Use a time on a quarter of an hour, like %(nearest)s."),
            code="not_a_quarter_hour",
            params={"nearest": f"{value.hour:02}:{value.minute // 15 * 15:02}"},
        )
