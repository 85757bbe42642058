"""What must hold between settings, for the installation to be sound."""

from importlib.util import find_spec
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host
from django.urls import get_resolver
from django.utils.module_loading import import_string


@register(Tags.security)
def check_address(app_configs, **kwargs):
    parts = urlsplit(settings.FRONTEND_HOST)
    host = parts.hostname or ""
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        yield Error(
            "FRONTEND_HOST has more than a host and a port.",
            hint="The site is at the root of its host; say https://host alone.",
            id="config.E012",
        )
    if not validate_host(host, settings.ALLOWED_HOSTS):
        yield Error(
            f"The host of FRONTEND_HOST, {host}, is not in ALLOWED_HOSTS.",
            hint="Links in mails would lead to pages that answer 400.",
            id="config.E001",
        )
    if settings.ENVIRONMENT == "production" and not settings.OVER_HTTPS:
        yield Error(
            "FRONTEND_HOST must begin https:// in production.",
            hint="Names, addresses and passwords would travel readable by anybody.",
            id="config.E002",
        )
    if settings.OVER_HTTPS and not settings.PROXY_COUNT:
        yield Warning(
            "FRONTEND_HOST is https, but PROXY_COUNT is 0.",
            hint="Say how many proxies stand in front, or each page redirects to "
            "itself and rate limits see one client only.",
            id="config.W003",
        )


@register(Tags.security)
def check_debug(app_configs, **kwargs):
    if settings.DEBUG and not settings.ON_A_DESK:
        yield Error(
            f"DEBUG is on, but ENVIRONMENT is {settings.ENVIRONMENT}.",
            hint="Error pages would show settings and source to anybody.",
            id="config.E004",
        )


@register()
def check_mail(app_configs, **kwargs):
    provider = settings.EMAIL_PROVIDER
    by_smtp = provider == "smtp"
    if by_smtp and not settings.MAIL_SERVER and not settings.ON_A_DESK:
        yield Error(
            f"MAIL_SERVER is not set, and ENVIRONMENT is {settings.ENVIRONMENT}.",
            hint="Set MAIL_SERVER, or EMAIL_PROVIDER with ANYMAIL.",
            id="config.E005",
        )
    if not by_smtp and find_spec(f"anymail.backends.{provider}") is None:
        yield Error(
            f"EMAIL_PROVIDER is {provider!r}; anymail knows none of that name.",
            hint="Say smtp, or a provider from anymail's documentation in lower case.",
            id="config.E006",
        )
    elif not by_smtp:
        try:
            import_string(f"anymail.backends.{provider}.EmailBackend")()
        except ImproperlyConfigured as error:
            yield Error(
                f"EMAIL_PROVIDER is {provider}, but ANYMAIL does not say all it needs.",
                hint=" ".join(str(error).split()),
                id="config.E013",
            )


@register()
def check_sms(app_configs, **kwargs):
    needs = {
        "twilio": ["SMS_API_KEY", "SMS_API_SECRET", "SMS_SENDER"],
        "smscatcher": ["SMS_URL"],
        "console": [],
    }[settings.SMS_PROVIDER]
    missing = [name for name in needs if not getattr(settings, name)]
    if settings.SMS_ENABLED and missing:
        yield Error(
            f"SMS_PROVIDER is {settings.SMS_PROVIDER}, but {missing[0]} is not set.",
            hint="Set it, or SMS_ENABLED to false.",
            id="config.E007",
        )
    if settings.SMS_ENABLED and not needs and not settings.ON_A_DESK:
        yield Error(
            f"SMS_PROVIDER is console, and ENVIRONMENT is {settings.ENVIRONMENT}.",
            hint="Text messages would be files that nobody is sent.",
            id="config.E011",
        )


@register(Tags.security)
def check_webhooks(app_configs, **kwargs):
    if settings.WEBHOOK_ALLOW_PRIVATE and settings.ENVIRONMENT != "local":
        yield Error(
            "WEBHOOK_ALLOW_PRIVATE is for ENVIRONMENT=local alone.",
            hint="Whoever manages an office could have us post into our own network.",
            id="config.E010",
        )


@register(Tags.urls)
def check_api_address(app_configs, **kwargs):
    """A page comes first where both begin alike; what is of the API is told by that."""
    first = settings.API_V1_STR.split("/")[1]
    taken = {*_first_parts(get_resolver().url_patterns)}
    if first in taken | {settings.STATIC_URL.strip("/")}:
        yield Error(
            f"API_V1_STR is {settings.API_V1_STR}, where pages of the site are.",
            hint="Say a beginning that no page has, like /api/v1.",
            id="config.E016",
        )


def _first_parts(patterns):
    """With what the addresses of pages begin."""
    for each in patterns:
        route = str(each.pattern)
        if getattr(each, "namespace", None) == "api":
            continue
        if route:
            yield route.partition("/")[0]
        else:
            yield from _first_parts(getattr(each, "url_patterns", []))


@register(Tags.security, deploy=True)
def check_guards(app_configs, **kwargs):
    if not settings.RATELIMIT_ENABLE:
        yield Warning(
            "RATE_LIMIT_ENABLED is false.",
            hint="Anybody may send as many forms and guess as often as he likes.",
            id="config.W014",
        )
    if not settings.TOTP_REQUIRED_ROLES:
        yield Warning(
            "TOTP_REQUIRED_ROLES is empty.",
            hint="A password alone opens what staff see. Say manager,superuser.",
            id="config.W015",
        )


@register()
def check_services(app_configs, **kwargs):
    embedded = [
        name
        for name, is_embedded in [
            ("POSTGRES_SERVER", settings.DATABASE_IS_EMBEDDED),
            ("REDIS_HOST", settings.REDIS_IS_EMBEDDED),
        ]
        if is_embedded
    ]
    if settings.ENVIRONMENT == "production" and embedded:
        yield Warning(
            f"In production, without {' and '.join(embedded)}.",
            hint="The embedded services serve one machine, and nobody backs them up.",
            id="config.W009",
        )


def refusals():
    """The errors among these, for processes that `manage.py` does not start."""
    checks = [check_address, check_debug, check_mail, check_sms, check_webhooks]
    found = (message for check in checks for message in check(None))
    return [message for message in found if isinstance(message, Error)]
