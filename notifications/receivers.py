from django.dispatch import receiver

from appointments.signals import appointment_event
from config.celery import enqueue
from notifications import operations
from notifications.tasks import deliver


@receiver(appointment_event)
def tell_the_citizen(sender, event, **kwargs):
    """Owe a message in the transaction of the event; send it after commit."""
    message = operations.owe(event)
    if message is not None:
        enqueue(deliver, message.pk)
