from datetime import time

import factory
from factory.django import DjangoModelFactory

from availability import operations
from availability.models import AvailabilityException, AvailabilityRule, ExceptionKind
from offices.tests.factories import HostFactory

EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


class AvailabilityRuleFactory(DjangoModelFactory):
    """Every day from 8:00 to 16:00; writes the rule alone, no slots."""

    class Meta:
        model = AvailabilityRule

    host = factory.SubFactory(HostFactory)
    weekdays = EVERY_DAY
    start_time = time(8)
    end_time = time(16)


class AvailabilityExceptionFactory(DjangoModelFactory):
    """Away the whole day; give it a day. Writes the exception alone, no slots."""

    class Meta:
        model = AvailabilityException

    host = factory.SubFactory(HostFactory)
    kind = ExceptionKind.AWAY


class OpenHostFactory(HostFactory):
    """A counter open every day from 8:00 to 16:00, slots and all."""

    @factory.post_generation
    def hours(self, create, extracted, **kwargs):
        """`hours=(start, end)` opens it at other times."""
        start, end = extracted or (time(8), time(16))
        rule = AvailabilityRule(weekdays=EVERY_DAY, start_time=start, end_time=end)
        operations.set_hours(self, save=[rule], by=None)
