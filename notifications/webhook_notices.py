"""Word to an office's managers that a webhook was switched off."""

import structlog
from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from config import logs
from notifications.languages import known_language
from notifications.models import WebhookEndpoint
from notifications.webhooks import OFF

logger = structlog.get_logger(__name__)


def tell_managers(pk):
    """Write to the office's managers that a webhook is off, if that is still due."""
    endpoint = WebhookEndpoint.objects.select_related("office").claim_notice(pk)
    if endpoint is None:
        return
    managers = endpoint.office.memberships.current().managing().select_related("user")
    told = [_told(endpoint, membership.user) for membership in managers]
    if any(told) or not told:
        WebhookEndpoint.objects.filter(pk=pk).update(notice_due_at=None)


def _told(endpoint, user):
    """Whether a mail was taken. One that never will be must not repeat the others."""
    try:
        _notice(endpoint, user).send()
    except (AnymailError, OSError) as error:
        logger.warning("notice_not_sent", endpoint=endpoint.pk, error=logs.told(error))
        return False
    return True


def _notice(endpoint, user):
    page = reverse("admin:notifications_webhookendpoint_change", args=[endpoint.pk])
    last = endpoint.deliveries.exclude(last_error__in=["", OFF]).first()
    context = {
        "site_name": settings.SITE_NAME,
        "endpoint": endpoint,
        "name": user.name,
        "last_error": last.last_error if last else "",
        "page": f"{settings.FRONTEND_HOST}{page}",
    }
    with translation.override(known_language(user.language, office=endpoint.office)):
        text = render_to_string("notifications/webhook_off.txt", context)
    subject, _newline, body = text.strip().partition("\n")
    return EmailMessage(subject.strip(), body.strip() + "\n", to=[user.email])
