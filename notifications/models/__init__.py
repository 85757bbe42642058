from notifications.models.day_list import DayList
from notifications.models.message import Message
from notifications.models.template import MessageTemplate
from notifications.models.webhook import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)

__all__ = [
    "DayList",
    "Message",
    "MessageTemplate",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
