from notifications.models.block import Block
from notifications.models.day_list import DayList
from notifications.models.message import Message
from notifications.models.policy import MessagePolicy, Notice
from notifications.models.template import MessageTemplate
from notifications.models.webhook import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)

__all__ = [
    "Block",
    "DayList",
    "Message",
    "MessagePolicy",
    "MessageTemplate",
    "Notice",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
