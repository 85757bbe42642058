"""Errors to Sentry, about nobody: what may leave this machine, and what not.

Sentry's own switches keep variables, bodies and users out; `without_people` drops the
rest that could name somebody, as its namesake does from the logs.
"""

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.stdlib import StdlibIntegration

from config import logs

KEPT_OF_REQUEST = {"method"}


def start(transport=None):
    sentry_sdk.init(
        settings.SENTRY_DSN,
        environment=settings.ENVIRONMENT,
        release=settings.RELEASE or None,
        integrations=[
            DjangoIntegration(transaction_style="function_name"),
            CeleryIntegration(),
        ],
        # Each line of a log would be an event, and one of those of a request again.
        disabled_integrations=[LoggingIntegration(), StdlibIntegration()],
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        trace_propagation_targets=[],  # no headers of it to whom webhooks post to
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,  # they hold statements and lines of logs
        before_send=without_people,
        send_client_reports=False,
        transport=transport,
    )


def without_people(event, hint):
    """The event with what finds its line in the log, and without what was typed."""
    error = hint.get("exc_info", (None, None, None))[1]
    _hide_words(event, error)
    event["request"] = {
        name: value
        for name, value in (event.get("request") or {}).items()
        if name in KEPT_OF_REQUEST
    }
    for name in ("user", "extra", "breadcrumbs", "logentry", "message", "modules"):
        event.pop(name, None)
    about = event.pop("contexts", None) or {}
    event["contexts"] = {
        name: about[name] for name in ("runtime", "trace") if name in about
    }
    bound = logs.ids()
    event["tags"] = {name: str(value) for name, value in bound.items()}
    return event


def _hide_words(event, error):
    """Say of each exception what the log would."""
    said = {}
    while error is not None and id(error) not in said:
        said[id(error)] = (type(error).__name__, logs.told(error))
        error = error.__cause__ or error.__context__
    by_kind = dict(said.values())
    for value in (event.get("exception") or {}).get("values", []):
        value["value"] = by_kind.get(value.get("type"), "")
        value.pop("mechanism", None)
