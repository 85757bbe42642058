"""Providers that write down all they are told to do, and powers that kill processes."""

import smtplib
from dataclasses import dataclass
from datetime import datetime

from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from notifications.channels.errors import DeliveryError, Down, Refused, Stopped


class Kill(BaseException):
    """The process is gone. Nothing in it may catch this."""


@dataclass
class Entry:
    """What was handed over, and what a provider made of it."""

    at: datetime
    key: int
    channel: str
    to: str
    outcome: str
    text: str = ""
    calendar: str = ""
    killed: bool = False


class Providers:
    """Of mail and of text messages.

    `moods`: what each does with all: takes, busy (not this, now), down. Addresses
    that begin with `refused` or `+49000` are refused for good, and a number that
    begins with `+49111` wants no messages.
    """

    def __init__(self):
        self.reset()

    def reset(self):
        self.moods = {"mail": "takes", "sms": "takes"}
        self.entries = []

    def hand_over(self, channel, key, to, text, calendar=""):
        outcome = self.moods[channel]
        if to.startswith(("refused", "+49000")):
            outcome = "refused"
        elif to.startswith("+49111"):
            outcome = "stopped"
        now = timezone.now()
        entry = Entry(now, int(key), channel, to, outcome, text, calendar)
        self.entries.append(entry)
        return outcome


PROVIDERS = Providers()


class Mailer(BaseEmailBackend):
    """As an SMTP server would speak, through Django's own boundary."""

    def send_messages(self, messages):
        for message in messages:
            self._send(message)
        return len(messages)

    def _send(self, mail):
        [to] = mail.to
        key = mail.extra_headers["Message-ID"].partition("@")[0].rpartition(".")[2]
        files = [part.get_content() for part in mail.attachments]
        calendar = "".join(files)
        outcome = PROVIDERS.hand_over("mail", key, to, mail.body, calendar)
        errors = {
            "busy": smtplib.SMTPRecipientsRefused({to: (450, b"later")}),
            "refused": smtplib.SMTPRecipientsRefused({to: (550, b"nobody")}),
            "down": ConnectionRefusedError("nobody home"),
        }
        if outcome in errors:
            raise errors[outcome]


class Texter:
    """A provider of text messages."""

    def send(self, *, to, text, key):
        outcome = PROVIDERS.hand_over("sms", key, to, text)
        errors = {
            "busy": DeliveryError,
            "down": Down,
            "refused": Refused,
            "stopped": Stopped,
        }
        if outcome in errors:
            raise errors[outcome](outcome)
        return f"text-{key}"


class Fate:
    """Kills the process before or after one of its next statements, if armed.

    Wraps the database's cursor, so that any moment between two statements can be the
    last: within a transaction, between a claim and its sending, and between a
    provider's "taken" and our note of it.
    """

    def __init__(self):
        self.left = None
        self.kills = 0
        self.handed_over = 0

    def arm(self, statements, *, before):
        self.left, self.before = statements, before
        self.handed_over = len(PROVIDERS.entries)

    def disarm(self):
        self.left = None

    def __call__(self, execute, sql, params, many, context):
        if self.left is None:
            return execute(sql, params, many, context)
        self.left -= 1
        if self.left == 0 and self.before:
            if len(PROVIDERS.entries) > self.handed_over:
                PROVIDERS.entries[-1].killed = True  # nobody has noted its outcome
            self._strike()
        result = execute(sql, params, many, context)
        if self.left == 0:
            self._strike()
        self.handed_over = len(PROVIDERS.entries)
        return result

    def _strike(self):
        self.left = None
        self.kills += 1
        raise Kill
