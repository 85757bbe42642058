from django.dispatch import receiver

from appointments.signals import appointment_event
from config.celery import enqueue
from notifications import operations, webhooks
from notifications.tasks import deliver, deliver_webhook


@receiver(appointment_event)
def tell_the_citizen(sender, event, **kwargs):
    """Owe a message in the transaction of the event; send it after commit."""
    message = operations.owe(event)
    if message is not None:
        enqueue(deliver, message.pk)


@receiver(appointment_event)
def tell_other_systems(sender, event, **kwargs):
    """Owe deliveries in the transaction of the event; send them after commit."""
    for delivery in webhooks.owe(event):
        enqueue(deliver_webhook, delivery.pk)
