from notifications.admin import messages, policies, templates, webhooks

__all__ = ["messages", "policies", "templates", "webhooks"]
