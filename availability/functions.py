from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Func


class TsTzRange(Func):
    """A half-open stretch of time, for constraints and overlap look-ups."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Without(Func):
    """The bits of the first that are not in the second."""

    template = "%(expressions)s)"
    arg_joiner = " & ~("
    arity = 2
