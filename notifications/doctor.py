"""What is owed: nothing waits that should have gone out."""

from config import outboxes
from config.doctor import check
from notifications import day_lists, operations, webhooks
from notifications.models import DayList, Message, WebhookDelivery


def _send(rows, deliver):
    for pk in list(outboxes.overdue(rows).values_list("pk", flat=True)):
        deliver(pk)


@check("No message waits that is due: workers and beat are at work.")
def messages():
    return outboxes.lines(Message.objects.all())


@messages.mends
def send_messages():
    _send(Message.objects.all(), operations.deliver)


@check("No list of a day waits that is due.")
def lists():
    return outboxes.lines(DayList.objects.all())


@lists.mends
def send_lists():
    _send(DayList.objects.all(), day_lists.deliver)


@check("No webhook waits that is due.")
def webhook_deliveries():
    return outboxes.lines(WebhookDelivery.objects.all())


@webhook_deliveries.mends
def post_webhooks():
    _send(WebhookDelivery.objects.all(), webhooks.deliver)
