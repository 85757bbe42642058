from datetime import datetime, time, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.models import (
    Access,
    AccessKind,
    Appointment,
    CalendarFeed,
    Citizen,
    Content,
    Export,
    FileFormat,
    NextFreeDay,
)
from appointments.states import Channel
from availability.tests.factories import OpenHostFactory
from offices.roles import Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
    ServiceFactory,
)


def local(office, day, clock):
    """An aware instant of the office's clock."""
    return datetime.combine(day, clock, office.zone)


def tomorrow_at(office, clock=time(9)):
    return local(office, office.local_day(timezone.now()) + timedelta(days=1), clock)


class CitizenFactory(DjangoModelFactory):
    """A guest, saved."""

    class Meta:
        model = Citizen

    name = factory.Sequence(lambda n: f"Citizen {n}")
    email = factory.Sequence(lambda n: f"citizen{n}@example.org")


class CalendarFeedFactory(DjangoModelFactory):
    """Of a whole office, for a receptionist there."""

    class Meta:
        model = CalendarFeed

    user = factory.LazyFunction(lambda: MembershipFactory(role=Role.RECEPTION).user)
    office = factory.LazyAttribute(lambda feed: feed.user.memberships.get().office)


class AppointmentFactory(DjangoModelFactory):
    """Booked through the operation for tomorrow at nine, by a guest, at a new office.

    Give it `offered` (an OfficeService), `starts_at`, `host`, `citizen`, … as
    operations.book takes them. Without `host`, the office gets one if it has none.
    """

    class Meta:
        model = Appointment

    offered = factory.SubFactory(OfficeServiceFactory)
    citizen = factory.SubFactory(CitizenFactory)
    channel = Channel.WEB

    @classmethod
    def _create(cls, model_class, *args, offered, citizen, **kwargs):
        if not offered.office.hosts.exists():
            OpenHostFactory(office=offered.office)
        starts_at = kwargs.pop("starts_at", None) or tomorrow_at(offered.office)
        kwargs.setdefault("by", None)
        return operations.book(offered, starts_at, citizen=citizen, **kwargs)


class AccessFactory(DjangoModelFactory):
    """That somebody saw the list of an office's appointments today."""

    class Meta:
        model = Access

    at = factory.LazyFunction(timezone.now)
    day = factory.LazyAttribute(lambda access: access.at.date())
    by = factory.SubFactory(UserFactory)
    kind = AccessKind.SEEN
    page = "admin:desk"
    office = factory.SubFactory(OfficeFactory)
    people = 20


class ExportFactory(DjangoModelFactory):
    """The list of today's appointments of an office, taken by the system."""

    class Meta:
        model = Export

    office = factory.SubFactory(OfficeFactory)
    content = Content.APPOINTMENTS
    file_format = FileFormat.CSV
    first = factory.LazyAttribute(lambda export: export.office.today())
    last = factory.SelfAttribute("first")
    rows = 1


class NextFreeDayFactory(DjangoModelFactory):
    """Two days to wait, seen from today."""

    class Meta:
        model = NextFreeDay

    office = factory.SubFactory(OfficeFactory)
    service = factory.SubFactory(ServiceFactory)
    day = factory.LazyAttribute(lambda wait: wait.office.today())
    days = 2
