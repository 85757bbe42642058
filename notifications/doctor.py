"""What is owed: nothing waits that should have gone out."""

from datetime import timedelta

from django.utils import timezone

from config.doctor import check
from notifications import day_lists, operations, webhooks
from notifications.models import DayList, Message, WebhookDelivery

# A sweep a minute starts what is due; one that is being sent has a lease of its own.
STARTED_WITHIN = timedelta(minutes=15)


def _overdue(rows):
    late = rows.queued().filter(due_at__lt=timezone.now() - STARTED_WITHIN)
    return late.order_by("due_at", "pk")


def _lines(rows):
    return [f"{row.pk}, due {row.due_at:%Y-%m-%d %H:%M} UTC" for row in _overdue(rows)]


def _send(rows, deliver):
    for pk in list(_overdue(rows).values_list("pk", flat=True)):
        deliver(pk)


@check("No message waits that is due: workers and beat are at work.")
def messages():
    return _lines(Message.objects)


@messages.mends
def send_messages():
    _send(Message.objects, operations.deliver)


@check("No list of a day waits that is due.")
def lists():
    return _lines(DayList.objects)


@lists.mends
def send_lists():
    _send(DayList.objects, day_lists.deliver)


@check("No webhook waits that is due.")
def webhook_deliveries():
    return _lines(WebhookDelivery.objects)


@webhook_deliveries.mends
def post_webhooks():
    _send(WebhookDelivery.objects, webhooks.deliver)
