"""One line per event: readable on a desk, JSON elsewhere."""

import logging
import sys

import structlog

SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure():
    """Hand what structlog is told to the standard library's handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.UnicodeDecoder(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_config(level, *, as_json):
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": _rendering(as_json=as_json),
                "foreign_pre_chain": [*SHARED, structlog.stdlib.ExtraAdder()],
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # RequestLogMiddleware writes the line of a request, and its traceback.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": logging.CRITICAL},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # It would write down whom we write to, and what.
            "twilio.http_client": {"level": logging.WARNING},
            # django_structlog writes the line of a task; of the rest, what is wrong.
            "celery.app.trace": {"level": logging.WARNING},
            "celery.beat": {"level": logging.WARNING},
            "celery.worker": {"level": logging.WARNING},
        },
    }


def _rendering(*, as_json):
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if as_json:
        return [
            remove_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    # Plain ones: others show the values of variables, which are people's names, and
    # take a second each while Redis is away.
    renderer = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        exception_formatter=structlog.dev.plain_traceback,
    )
    return [remove_meta, renderer]
