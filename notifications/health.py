"""What /health/ready and /metrics know of what is owed."""

from config import health, outboxes
from notifications import throttle
from notifications.models import DayList, Message, WebhookDelivery
from notifications.states import Channel


def providers():
    """Which take nothing at present; what is owed to them waits."""
    down = sorted(throttle.outages())
    problem = f"Spared for now, as they take nothing: {', '.join(down)}."
    return health.Finding(problem if down else "", len(down))


health.register("providers", providers, after="redis")
outboxes.register("mail", Message.objects.filter(channel=Channel.MAIL))
outboxes.register("sms", Message.objects.filter(channel=Channel.SMS))
outboxes.register("webhooks", WebhookDelivery.objects.all())
outboxes.register("day_lists", DayList.objects.all())
