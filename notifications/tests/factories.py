from datetime import date, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from appointments.states import EventKind
from appointments.tests.factories import AppointmentFactory
from notifications.models import (
    Block,
    DayList,
    Message,
    MessagePolicy,
    MessageTemplate,
    Notice,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from notifications.states import Audience, Cause, Channel, Kind, Status, Why
from offices.tests.factories import OfficeFactory


class MessageFactory(DjangoModelFactory):
    """What booking an appointment has owed, queued; fields given are set on it."""

    class Meta:
        model = Message

    appointment = factory.SubFactory(AppointmentFactory)

    @classmethod
    def _create(cls, model_class, *args, appointment, **fields):
        message = appointment.messages.get(audience=Audience.CITIZEN)
        if fields.get("status") == Status.SENT:
            fields.setdefault("sent_at", timezone.now())
        if fields.get("status") == Status.DROPPED:
            fields.setdefault("dropped_because", Why.CHANGED)
        model_class.objects.filter(pk=message.pk).update(**fields)
        return model_class.objects.with_details().get(pk=message.pk)


class MessageTemplateFactory(DjangoModelFactory):
    """An office's own words, in English, for what is booked."""

    class Meta:
        model = MessageTemplate

    office = factory.SubFactory(OfficeFactory)
    kind = Kind.BOOKED
    channel = Channel.MAIL
    language = "en"
    subject = "See you on {{ date }}"
    body = "We look forward to you\n\nCome to {{ host }}, {{ name }}."


class WebhookEndpointFactory(DjangoModelFactory):
    """Hears of what is booked."""

    class Meta:
        model = WebhookEndpoint

    office = factory.SubFactory(OfficeFactory)
    url = factory.Sequence(lambda n: f"https://example.org/hooks/{n}")
    events = [EventKind.BOOKED]


class WebhookDeliveryFactory(DjangoModelFactory):
    """A booking on its way to an endpoint of its office, queued."""

    class Meta:
        model = WebhookDelivery
        exclude = ["appointment"]

    appointment = factory.SubFactory(AppointmentFactory)
    event = factory.LazyAttribute(lambda d: d.appointment.events.first())
    endpoint = factory.SubFactory(
        WebhookEndpointFactory, office=factory.SelfAttribute("..appointment.office")
    )
    payload = factory.LazyAttribute(lambda d: {"reference": d.appointment.reference})


class DayListFactory(DjangoModelFactory):
    """To an office of its own, queued; each of another day."""

    class Meta:
        model = DayList

    office = factory.SubFactory(OfficeFactory)
    day = factory.Sequence(lambda n: date(2030, 1, 1) + timedelta(days=n))
    recipient = "office@example.org"


class WebhookAttemptFactory(DjangoModelFactory):
    """A try that arrived."""

    class Meta:
        model = WebhookAttempt

    delivery = factory.SubFactory(WebhookDeliveryFactory)
    tried_at = factory.LazyFunction(timezone.now)
    duration = timedelta(milliseconds=87)
    request_headers = factory.LazyFunction(lambda: {"Webhook-Id": "4711"})
    response_status = 200
    response_body = "thanks"


class BlockFactory(DjangoModelFactory):
    """Mail to somebody did not arrive."""

    class Meta:
        model = Block

    channel = Channel.MAIL
    address = factory.Sequence(lambda n: f"blocked{n}@example.org")
    cause = Cause.BOUNCED


class MessagePolicyFactory(DjangoModelFactory):
    class Meta:
        model = MessagePolicy

    office = factory.SubFactory(OfficeFactory)


class NoticeFactory(DjangoModelFactory):
    """The office wants to hear of what is booked."""

    class Meta:
        model = Notice

    office = factory.SubFactory(OfficeFactory)
    kind = Kind.BOOKED
    audience = Audience.OFFICE
    channel = Channel.MAIL
