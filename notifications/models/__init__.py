from notifications.models.day_list import DayList
from notifications.models.message import Message
from notifications.models.template import MessageTemplate
from notifications.models.webhook import WebhookDelivery, WebhookEndpoint

__all__ = [
    "DayList",
    "Message",
    "MessageTemplate",
    "WebhookDelivery",
    "WebhookEndpoint",
]
