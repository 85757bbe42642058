"""An office with a row of everything that the admin has a page for.

Whoever registers a page adds its rows here: tests/test_admin.py sees to it.
"""

import uuid
from datetime import time, timedelta
from itertools import product

from django.utils import timezone

from accounts.tests.factories import (
    AccountMailFactory,
    RegistrationFactory,
    SecondFactorFactory,
    SignInFactory,
    UserFactory,
)
from appointments.tests.factories import (
    AccessFactory,
    AppointmentFactory,
    CalendarFeedFactory,
    CitizenFactory,
    ExportFactory,
    NextFreeDayFactory,
    tomorrow_at,
)
from availability import operations
from availability.tests.factories import AvailabilityExceptionFactory, OpenHostFactory
from notifications.languages import choices as languages
from notifications.models import MessageTemplate, Notice
from notifications.states import CHOICES, Audience, Channel, Kind
from notifications.tests.factories import (
    BlockFactory,
    DayListFactory,
    MessagePolicyFactory,
    MessageTemplateFactory,
    NoticeFactory,
    WebhookAttemptFactory,
)
from offices.roles import Role
from offices.tests.factories import (
    ApiKeyFactory,
    ClosureFactory,
    InvitationFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)


def office_named(name, **kwargs):
    """A new office, filled once; every row but the catalogue's bears its name."""
    office = OfficeFactory(
        name=f"{name} office", city=name, booking_horizon_days=2, **kwargs
    )
    fill(office, name)
    return office


def fill(office, name):
    """Add one row of each kind to an office."""
    offered = OfficeServiceFactory(office=office)
    host = OpenHostFactory(
        office=office,
        name=f"{name} counter {uuid.uuid4().hex[:6]}",
        user=UserFactory(name=f"{name} host"),
    )
    tomorrow = office.today() + timedelta(days=1)
    AvailabilityExceptionFactory(
        host=host, day=tomorrow, start_time=time(15), reason=f"{name} exception"
    )
    now = timezone.now()
    ClosureFactory(
        office=office,
        host=host,
        starts_at=now + timedelta(days=2),
        ends_at=now + timedelta(days=3),
        reason=f"{name} closure",
    )
    member = UserFactory(name=f"{name} member")
    MembershipFactory(office=office, user=member, role=Role.HOST)
    SignInFactory(user=member)
    SecondFactorFactory(user=member)
    CalendarFeedFactory(office=office, host=host, user=member)
    RegistrationFactory(name=f"{name} newcomer")
    AccountMailFactory(email=f"{name}@example.org".lower())
    ApiKeyFactory(name=f"{name} program", offices=[office])
    InvitationFactory(office=office, name=f"{name} invited")
    appointment = AppointmentFactory(
        offered=offered,
        host=host,
        citizen=CitizenFactory(name=f"{name} citizen"),
        purpose=f"{name} purpose",
    )
    WebhookAttemptFactory(
        delivery__appointment=appointment,
        delivery__endpoint__url=f"https://{uuid.uuid4().hex}.example/{name}",
    )
    DayListFactory(office=office, recipient=f"{name}@example.org".lower())
    BlockFactory(address=appointment.citizen.email)
    add_template(office, name)
    add_policy(office)
    ExportFactory(office=office, user=member)
    AccessFactory(office=office, by=member)
    NextFreeDayFactory(office=office, service=offered.service)
    operations.hold(
        offered,
        tomorrow_at(office, time(11)),
        holder=f"{name} {uuid.uuid4().hex}",
        host=host,
    )


def add_template(office, name):
    """Give the office words of its own for one kind of message, while one has none."""
    written = set(
        MessageTemplate.objects.filter(office=office).values_list("kind", "language")
    )
    told = [kind for kind in Kind if (kind, Audience.CITIZEN, Channel.MAIL) in CHOICES]
    for kind, (language, _label) in product(told, languages()):
        if (kind, language) not in written:
            MessageTemplateFactory(
                office=office, kind=kind, language=language, subject=f"{name} subject"
            )
            return


def add_policy(office):
    """Have the office choose one more of what it sends to whom."""
    chosen = Notice.objects.filter(office=office)
    if not chosen.exists():
        MessagePolicyFactory(office=office)
    left = CHOICES - {*chosen.values_list("kind", "audience", "channel")}
    for kind, audience, channel in sorted(left)[:1]:
        NoticeFactory(office=office, kind=kind, audience=audience, channel=channel)
