from anymail.signals import EventType, tracking
from django.dispatch import receiver
from django.utils import timezone

from appointments.signals import (
    appointment_event,
    appointments_forgotten,
    citizen_changed,
    person_exported,
    person_forgotten,
)
from config.celery import enqueue
from notifications import operations, privacy, receipts, webhooks
from notifications.states import Channel, Receipt
from notifications.tasks import deliver, deliver_webhook


@receiver(appointment_event)
def tell_people(sender, event, **kwargs):
    """Owe messages in the transaction of the event; send what is due after commit."""
    for message in operations.owe(event):
        if message.due_at <= event.created_at:
            enqueue(deliver, message.pk)


@receiver(appointment_event)
def tell_other_systems(sender, event, **kwargs):
    """Owe deliveries in the transaction of the event; send them after commit."""
    for delivery in webhooks.owe(event):
        if delivery.due_at <= timezone.now():
            enqueue(deliver_webhook, delivery.pk)


@receiver(citizen_changed)
def readdress_messages(sender, citizen, **kwargs):
    operations.readdress(citizen)


@receiver(appointments_forgotten)
def forget_messages(sender, pks, **kwargs):
    privacy.forget(pks)


@receiver(person_exported)
def export_messages(sender, pks, addresses, is_whole, **kwargs):
    return privacy.export(pks, addresses, is_whole=is_whole)


@receiver(person_forgotten)
def forget_blocks(sender, addresses, **kwargs):
    privacy.forget_addresses(addresses)


# What anymail calls what mail providers tell.
MAIL_RECEIPTS = {
    EventType.DELIVERED: Receipt.DELIVERED,
    EventType.BOUNCED: Receipt.BOUNCED,
    EventType.REJECTED: Receipt.BOUNCED,
    EventType.FAILED: Receipt.BOUNCED,
    EventType.COMPLAINED: Receipt.COMPLAINED,
}
FOR_GOOD = {EventType.BOUNCED, EventType.COMPLAINED}


@receiver(tracking)
def keep_receipt(sender, event, esp_name, **kwargs):
    """Keep what a mail provider tells of a mail."""
    receipt = MAIL_RECEIPTS.get(event.event_type)
    if receipt and event.message_id:
        detail = " ".join(filter(None, [event.event_type, event.description]))
        for_good = event.event_type in FOR_GOOD
        receipts.record(
            Channel.MAIL, event.message_id, receipt, detail=detail, for_good=for_good
        )
