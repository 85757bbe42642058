from notifications.models.block import Block
from notifications.models.message import Message
from notifications.models.policy import MessagePolicy, Notice
from notifications.models.template import MessageTemplate
from notifications.models.webhook import WebhookDelivery, WebhookEndpoint

__all__ = [
    "Block",
    "Message",
    "MessagePolicy",
    "MessageTemplate",
    "Notice",
    "WebhookDelivery",
    "WebhookEndpoint",
]
