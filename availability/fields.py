from django.db import models
from django.utils.translation import gettext_lazy as _

from availability import quarters


class QuartersField(models.Field):
    """A set of quarter-hours of a day: an int in Python, bit(100) in PostgreSQL."""

    description = _("Quarter-hours of a day")

    def db_type(self, connection):
        return f"bit({quarters.SIZE})"

    def from_db_value(self, value, expression, connection):
        return None if value is None else quarters.from_bits(value)

    def get_prep_value(self, value):
        return quarters.to_bits(value) if isinstance(value, int) else value

    def get_placeholder_sql(self, value, compiler, connection):
        sql, params = "%s", (value,)
        if hasattr(value, "as_sql"):
            sql, params = compiler.compile(value)
        return f"{sql}::bit({quarters.SIZE})", params
