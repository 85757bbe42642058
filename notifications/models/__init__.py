from notifications.models.message import Message
from notifications.models.template import MessageTemplate
from notifications.models.webhook import WebhookDelivery, WebhookEndpoint

__all__ = ["Message", "MessageTemplate", "WebhookDelivery", "WebhookEndpoint"]
