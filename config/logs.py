"""One line per event: readable on a desk, JSON elsewhere; about nobody by name.

What identifies a line: `request_id` (also in the answer, and in all that the request
brings about), `user_id`, `office`, `task`, `task_id`. What people type goes nowhere
near it; and since an exception may quote it, `without_people` is the last to touch
each line.
"""

import logging
import re
import sys
import traceback
from smtplib import SMTPException

import structlog
from structlog.contextvars import bind_contextvars, get_contextvars

SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

# Kinds of exceptions that speak of machines and code, not of what somebody typed.
TOLD = (
    *(AttributeError, ImportError, MemoryError, NameError, NotImplementedError),
    *(OSError, RecursionError),
)
TOLD_OF = {
    *("django.db.utils.OperationalError", "django.db.utils.InterfaceError"),
    *("psycopg_pool.PoolTimeout", "kombu.exceptions.OperationalError"),
    *("redis.exceptions.ConnectionError", "redis.exceptions.TimeoutError"),
    "django.template.exceptions.TemplateDoesNotExist",
}
LONGEST = 500  # characters of what an exception says
SECRETS = [
    (re.compile(r"[^\s@<>\"'=,;:()\[\]{}]+@[^\s@<>\"'=,;:()\[\]{}]+"), "<mail>"),
    (re.compile(r"(?<![\w.:+-])(?:\+|00)\d[\d ()/.-]{5,}\d"), "<phone>"),
    (re.compile(r"(?<![\w.:+-])0\d{1,5}[ /-]?\d[\d -]{4,}\d"), "<phone>"),
    (re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b"), "<reference>"),
    (re.compile(r"[A-Za-z0-9_-]{8,}:[A-Za-z0-9_-]{5,}:[A-Za-z0-9_-]{20,}"), "<token>"),
    (re.compile(r"\bey[\w-]{10,}\.[\w-]+\.[\w-]+"), "<token>"),
]
# How lines are found; none of it is what somebody typed.
IDS = {"request_id", "task_id", "parent_task_id", "child_task_id", "timestamp"}


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
        "filters": {"named": {"()": NamedWorkers}},
        "formatters": {"line": formatter(as_json=as_json)},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # RequestLogMiddleware writes the line of a request, and its traceback.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": logging.CRITICAL},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # They quote what was sent: a host, a name to sign in by.
            "django.security": {"level": logging.CRITICAL},
            "axes": {"level": logging.CRITICAL},
            # It would write down whom we write to, and what.
            "twilio.http_client": {"level": logging.WARNING},
            # django_structlog writes the line of a task; of the rest, what is wrong.
            "celery.app.trace": {"level": logging.CRITICAL},
            "celery.beat": {"level": logging.WARNING},
            "celery.worker": {"level": logging.WARNING},
            # Whoever starts it waits for its word that it is ready (config.run).
            "celery.apps.worker": {"level": logging.INFO, "filters": ["named"]},
        },
    }


class NamedWorkers(logging.Filter):
    """Has the line of a worker's start say worker on machine.

    Its name, worker@machine, would be masked for somebody's address.
    """

    def filter(self, record):
        if record.msg == "%s ready.":
            record.args = tuple(name.replace("@", " on ") for name in record.args)
        return True


def formatter(*, as_json):
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": _rendering(as_json=as_json),
        "foreign_pre_chain": [*SHARED, structlog.stdlib.ExtraAdder()],
    }


def request_id():
    """The id of the request that all this is about; "" outside one."""
    return get_contextvars().get("request_id", "")


def ids():
    """What this request or task is found by: {name: value}."""
    bound = get_contextvars()
    names = ["request_id", "user_id", "office", "task", "task_id"]
    return {name: bound[name] for name in names if name in bound}


def bind(office, request):
    """The same, with the id of the request that brought it about, if it is known."""
    bind_office(office)
    if request:
        bind_contextvars(request_id=request)


def bind_office(office):
    """Have each further line of this request or task name an office: id or slug."""
    bind_contextvars(office=office)


def told(error):
    """What may be said of an exception: its kind, and its words if they are ours."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    name = kind.removeprefix("builtins.")
    family = {f"{each.__module__}.{each.__qualname__}" for each in type(error).__mro__}
    is_ours = isinstance(error, TOLD) or bool(family & TOLD_OF)
    if isinstance(error, SMTPException):  # an OSError that says whom it refused
        is_ours = False
    # What follows the first line may be a row (PostgreSQL's DETAIL), or a statement.
    first = str(error).partition("\n")[0] if is_ours else ""
    return f"{name}: {masked(first)[:LONGEST]}" if first else name


def masked(text):
    """The same without addresses, numbers and keys of people."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def without_people(logger, name, event):
    """Mask what people are known by, in each line, and quote no exception."""
    exception = event.pop("exception", None)
    exc_info = event.pop("exc_info", None)
    if isinstance(exc_info, BaseException):
        exception = exc_info
    elif isinstance(exc_info, tuple):
        exception = exc_info[1]
    elif exc_info:
        exception = sys.exc_info()[1]
    if isinstance(exception, BaseException):
        if event.get("error") == str(exception):
            event["error"] = told(exception)
        event["exception"] = "\n".join(_frames(exception))
    return {
        key: value if key in IDS else _masked(value) for key, value in event.items()
    }


def _masked(value):
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, BaseException):
        return told(value)
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_masked(inner) for inner in value]
    if isinstance(value, int | float | bool | None):
        return value
    return masked(str(value))


def _frames(error):
    """A traceback, the cause first, in which no exception is quoted but by `told`."""
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        hidden = error.__suppress_context__
        error = error.__cause__ or (None if hidden else error.__context__)
    for each in reversed(seen):
        yield "Traceback (most recent call last):"
        for frame in traceback.extract_tb(each.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        yield told(each)


def _rendering(*, as_json):
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if as_json:
        return [remove_meta, without_people, structlog.processors.JSONRenderer()]
    # Plain ones: others show the values of variables, which are people's names, and
    # take a second each while Redis is away.
    renderer = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        exception_formatter=structlog.dev.plain_traceback,
    )
    return [remove_meta, renderer]
