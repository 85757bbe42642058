"""Celery: fetch, call an operation, nothing else."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from config.celery import enqueue
from notifications import (
    by_time,
    day_lists,
    operations,
    privacy,
    webhook_notices,
    webhooks,
)
from notifications.models import DayList, Message, WebhookDelivery, WebhookEndpoint
from notifications.states import Channel

# Ended before its lease ends, so that no two ever send one message at a time.
TIME_LIMIT = Message.LEASE - timedelta(minutes=1)

# What one sweep starts. What is not begun before the next sweep is left to that,
# so that the queue never grows longer than what is owed.
SWEEP = 1000
SWEEP_SECONDS = 60
DAY_LIST_SECONDS = 300


@shared_task(time_limit=TIME_LIMIT.total_seconds())
def deliver(message_id):
    """Send one message. However often it runs, one run at a time gets to send."""
    operations.deliver(message_id)


@shared_task
def deliver_due():
    """Every minute: retries, and what a crash or a lost broker has left behind.

    So many of each channel, so that one that cannot keep up holds back no other; and
    no more a second than its provider takes.
    """
    for channel in Channel:
        due = Message.objects.due().filter(channel=channel).order_by("due_at")
        rate = settings.MESSAGES_PER_SECOND.get(channel) or SWEEP
        most = min(SWEEP, rate * SWEEP_SECONDS)
        for number, pk in enumerate(due.values_list("pk", flat=True)[:most]):
            deliver.apply_async([pk], countdown=number // rate, expires=SWEEP_SECONDS)


@shared_task(time_limit=TIME_LIMIT.total_seconds())
def deliver_webhook(delivery_id):
    """Post one delivery; when it has arrived, go on with the next one due there."""
    if webhooks.deliver(delivery_id):
        endpoint = WebhookDelivery.objects.get(pk=delivery_id).endpoint
        for pk in endpoint.deliveries.next_due().values_list("pk", flat=True):
            enqueue(deliver_webhook, pk)


@shared_task
def tell_managers(endpoint_id):
    """Write that a webhook was switched off."""
    webhook_notices.tell_managers(endpoint_id)


@shared_task
def deliver_due_webhooks():
    """Every minute: retries, and what a crash or a lost broker has left behind."""
    for pk in WebhookDelivery.objects.next_due().values_list("pk", flat=True)[:SWEEP]:
        deliver_webhook.apply_async([pk], expires=SWEEP_SECONDS)
    for pk in WebhookEndpoint.objects.notice_due().values_list("pk", flat=True):
        tell_managers.apply_async([pk], expires=SWEEP_SECONDS)


@shared_task
def owe_late():
    """Every minute: word to those who wait too long."""
    by_time.owe_late()


@shared_task
def owe_unclosed():
    """Every hour: word to hosts whose outcomes of yesterday are missing."""
    by_time.owe_unclosed()


@shared_task(time_limit=TIME_LIMIT.total_seconds())
def deliver_day_list(day_list_id):
    """Mail one list. However often it runs, one run at a time gets to send."""
    day_lists.deliver(day_list_id)


@shared_task
def send_day_lists():
    """Every five minutes: whose time has come, and what did not go out before."""
    day_lists.plan()
    due = DayList.objects.due().order_by("due_at").values_list("pk", flat=True)
    for pk in due[:SWEEP]:
        deliver_day_list.apply_async([pk], expires=DAY_LIST_SECONDS)


@shared_task
def purge_webhook_log():
    """Every night: forget what webhooks were told long ago."""
    kept = timedelta(days=settings.WEBHOOK_LOG_DAYS)
    webhooks.purge(before=timezone.now() - kept)


@shared_task
def purge_blocks():
    """Every night: forget blocked addresses of nobody whom we know any more."""
    privacy.purge_blocks()
