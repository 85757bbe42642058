import uuid
from datetime import time, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from availability import claims, operations
from availability.models import (
    AvailabilityException,
    AvailabilityRule,
    ExceptionKind,
    Hold,
)
from offices.tests.factories import HostFactory, ServiceFactory

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


class HoldFactory(DjangoModelFactory):
    """A time kept for ten minutes, and claimed; give it a host and a `slot`."""

    class Meta:
        model = Hold

    id = factory.LazyFunction(uuid.uuid4)
    service = factory.SubFactory(ServiceFactory)
    holder = factory.Sequence(lambda n: f"client {n}")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=10))

    @classmethod
    def _create(cls, model_class, *args, host, slot, **kwargs):
        claims.claim([host.pk], slot)
        return model_class.objects.create(
            host=host,
            day=slot.day,
            quarters=slot.quarters,
            starts_at=slot.starts_at,
            busy_until=slot.busy_until,
            **kwargs,
        )
