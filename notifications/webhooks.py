"""Webhooks: who hears of what, and telling them. Operations, like .operations.

What an event owes is a row for each endpoint, in the event's own transaction.
Telling is at least once, in no certain order: `sequence` says what came after what.
"""

import json
import secrets
import time
from datetime import timedelta
from itertools import takewhile

import structlog
from django.db import transaction
from django.utils import timezone

from config import logs, metrics
from notifications import posting, signing
from notifications.exceptions import StillOnItsWay, TooManyWebhooks, WebhookOff
from notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notifications.states import Status
from offices.history import recorded, renewed
from offices.models import Office
from offices.permissions import require
from offices.roles import Permission

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
COUNTED_FAILURES = 5  # so an endpoint pauses for 16 minutes at most
MOST_OF_AN_OFFICE = 20  # each event is a row and a request for every one
OFF = "The webhook is switched off."
CHANGED = ["url", "events", "is_active", "switched_off_at", "notice_due_at"]

logger = structlog.get_logger(__name__)


# --- endpoints ---


@transaction.atomic
def save(endpoint, *, by):
    """Make or change one. Raises PermissionDenied, ValidationError, TooManyWebhooks.

    Switching it on forgets why it was off; switching it off ends what is queued.
    """
    require(by, Permission.MANAGE_OFFICE, endpoint.office)
    Office.objects.select_for_update(no_key=True).get(pk=endpoint.office_id)
    endpoint.events = list(dict.fromkeys(endpoint.events))
    endpoint.full_clean()
    is_new = endpoint._state.adding
    if is_new and endpoint.office.webhook_endpoints.count() >= MOST_OF_AN_OFFICE:
        raise TooManyWebhooks
    if endpoint.is_active:
        endpoint.switched_off_at = endpoint.notice_due_at = None
    with recorded(endpoint, by=by):
        endpoint.save(update_fields=None if is_new else CHANGED)
    if not endpoint.is_active:
        _end_queued(endpoint)
    return endpoint


@transaction.atomic
def rotate(endpoint, *, by):
    """Give it a new secret; for a day the old one signs as well."""
    require(by, Permission.MANAGE_OFFICE, endpoint.office)
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    endpoint.old_secret, endpoint.secret = endpoint.secret, signing.new_secret()
    endpoint.old_secret_until = timezone.now() + endpoint.BOTH_SECRETS_FOR
    endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])
    renewed(endpoint, by=by)
    return endpoint


@transaction.atomic
def delete(endpoint, *, by):
    """Forget it, and the log of what it was told."""
    require(by, Permission.MANAGE_OFFICE, endpoint.office)
    with recorded(endpoint, by=by):
        endpoint.delete()


# --- deliveries ---


def owe(event):
    """Owe the event to who wants it, in its transaction; returns the deliveries."""
    appointment = event.appointment
    endpoints = WebhookEndpoint.objects.hearing(event)
    if not endpoints:
        return []
    payload = payload_of(event, appointment.events.count())
    return [
        WebhookDelivery.objects.create(
            endpoint=endpoint,
            event=event,
            payload=payload,
            due_at=_resumes_at(endpoint),
        )
        for endpoint in endpoints
    ]


def payload_of(event, sequence):
    """What happened, and how the appointment is now. Nothing of the citizen."""
    appointment = event.appointment
    zone = appointment.office.zone
    return {
        "id": event.pk,
        "type": str(event.kind),
        "sequence": sequence,
        "created_at": event.created_at.astimezone(zone).isoformat(),
        "appointment": {
            "id": str(appointment.pk),
            "reference": appointment.reference,
            "status": str(appointment.status),
            "office": appointment.office_id,
            "service": appointment.service_id,
            "host": appointment.host_id,
            "starts_at": appointment.starts_at.astimezone(zone).isoformat(),
            "ends_at": appointment.ends_at.astimezone(zone).isoformat(),
            "quantity": appointment.quantity,
        },
    }


def deliver(pk):
    """Post one that is due, unless somebody else is at it; whether it arrived.

    In no transaction: whatever dies in between leaves a row that comes due again.
    """
    delivery = WebhookDelivery.objects.select_related("endpoint__office").claim(pk)
    if delivery is None or delivery.status != Status.QUEUED:
        return False
    logs.bind(delivery.endpoint.office_id, delivery.request_id)
    error = _try(delivery).error
    if error:
        return _put_back(delivery, error)
    now = timezone.now()
    waiting = delivery.endpoint.deliveries.queued().filter(attempts=0, due_at__gt=now)
    waiting.update(due_at=now)
    metrics.WEBHOOKS.labels("sent").inc()
    return _update(delivery, status=Status.SENT, sent_at=now, due_at=now, last_error="")


def _try(delivery):
    """Post it once, and write down what was sent and what came back."""
    body = json.dumps(delivery.payload, ensure_ascii=False).encode()
    headers, tried_at = _headers(delivery, body), timezone.now()
    try:
        answer = posting.post(delivery.endpoint.url, body, headers)
    except posting.PostFailed as failure:
        told = {"error": str(failure)}
    else:
        error = "" if answer.is_success else f"Answered {answer.status}."
        kept = answer.body[: WebhookAttempt.ANSWER_KEPT]
        told = {"response_status": answer.status, "response_body": kept, "error": error}
    return WebhookAttempt.objects.create(
        delivery=delivery,
        tried_at=tried_at,
        duration=timezone.now() - tried_at,
        request_headers=headers,
        **told,
    )


@transaction.atomic
def replay(delivery, *, by):
    """Send it once more, the same as it was, for up to three days from now.

    Raises PermissionDenied, StillOnItsWay, WebhookOff.
    """
    require(by, Permission.MANAGE_OFFICE, delivery.endpoint.office)
    rows = WebhookDelivery.objects.select_for_update().select_related("endpoint")
    delivery = rows.get(pk=delivery.pk)
    if not delivery.endpoint.is_active:
        raise WebhookOff
    if delivery.status == Status.QUEUED:
        raise StillOnItsWay
    now = timezone.now()
    delivery.status, delivery.attempts, delivery.sent_at = Status.QUEUED, 0, None
    delivery.wanted_at = delivery.due_at = now
    delivery.save(
        update_fields=["status", "attempts", "sent_at", "wanted_at", "due_at"]
    )
    return delivery


def _headers(delivery, body):
    keys = delivery.endpoint.signing_secrets
    return {
        "Content-Type": "application/json",
        "User-Agent": "appointments-webhooks/1",
        **({"X-Request-ID": delivery.request_id} if delivery.request_id else {}),
        **signing.headers(delivery.event_id, int(time.time()), body, keys),
    }


def _put_back(delivery, error):
    """Let it come due again, later each time; after three days, give up.

    Whatever else is due at the endpoint waits as well, and then goes before it: an
    endpoint that is down costs one try, one event that it never takes blocks nothing.
    """
    metrics.WEBHOOKS.labels("put_back").inc()
    logger.warning("webhook_failed", delivery=delivery.pk)
    resumes_at = _resumes_at(delivery.endpoint)
    others = delivery.endpoint.deliveries.queued().exclude(pk=delivery.pk)
    others.filter(due_at__lt=resumes_at).update(due_at=resumes_at)
    if delivery.is_given_up:
        _update(delivery, status=Status.FAILED, last_error=error)
        _switch_off(delivery)
        return False
    pause = min(FIRST_PAUSE * 2 ** min(delivery.attempts - 1, 16), LONGEST_PAUSE)
    jitter = (75 + secrets.randbelow(51)) / 100
    due_at = max(timezone.now() + pause * jitter, resumes_at + timedelta(seconds=1))
    _update(delivery, due_at=due_at, last_error=error)
    return False


def _resumes_at(endpoint):
    """When to try an endpoint again whose last tries failed; else now."""
    now = timezone.now()
    tries = WebhookAttempt.objects.filter(delivery__endpoint=endpoint).order_by("-pk")
    failed = list(takewhile(lambda one: one.error, tries[:COUNTED_FAILURES]))
    if not failed:
        return now
    ended_at = failed[0].tried_at + failed[0].duration
    return max(now, ended_at + FIRST_PAUSE * 2 ** (len(failed) - 1))


def _update(delivery, **fields):
    """Write the outcome, unless the lease has passed to another."""
    rows = WebhookDelivery.objects.queued()
    lent = rows.filter(pk=delivery.pk, attempts=delivery.attempts)
    return bool(lent.update(**fields))


def purge(*, before):
    """Forget what was delivered, or given up, before then; returns how many rows.

    Of what goes on longer, as it is replayed, the old tries.
    """
    old = WebhookDelivery.objects.of_age(before).delete()[0]
    return old + WebhookAttempt.objects.filter(tried_at__lt=before).delete()[0]


# --- giving up ---


@transaction.atomic
def _switch_off(delivery):
    """Switch the endpoint off, unless something else has arrived there meanwhile."""
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
    arrived = endpoint.deliveries.filter(sent_at__gte=delivery.wanted_at).exists()
    if arrived or not endpoint.is_active:
        return
    endpoint.is_active = False
    endpoint.switched_off_at = endpoint.notice_due_at = timezone.now()
    with recorded(endpoint, by=None):
        endpoint.save(update_fields=["is_active", "switched_off_at", "notice_due_at"])
    _end_queued(endpoint)
    logger.error("webhook_switched_off", endpoint=endpoint.pk)


def _end_queued(endpoint):
    """Whoever switches it on again can have them replayed."""
    endpoint.deliveries.queued().update(status=Status.FAILED, last_error=OFF)
