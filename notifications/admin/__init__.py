from notifications.admin import messages, pages, webhooks

__all__ = ["messages", "pages", "webhooks"]
