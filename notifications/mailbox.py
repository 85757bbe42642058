"""The mails that Django's file backend has written, for whoever develops."""

import email
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

NEWEST = 100  # how many files are read
DIVIDER = b"\n" + b"-" * 79 + b"\n"  # the backend's own, after each mail of a file
HEADERS = ["Date", "From", "To", "Reply-To", "Subject", "Message-ID", "References"]


class File(NamedTuple):
    name: str
    content_type: str
    content: bytes


class Mail(NamedTuple):
    key: str
    message: EmailMessage

    @property
    def headers(self):
        return [(name, self.message[name]) for name in HEADERS if self.message[name]]

    @property
    def text(self):
        return self._body("plain")

    @property
    def html(self):
        return self._body("html")

    @property
    def files(self):
        return [
            File(
                part.get_filename("file"),
                str(part["Content-Type"]),
                part.get_payload(decode=True),
            )
            for part in self.message.iter_attachments()
        ]

    def _body(self, kind):
        part = self.message.get_body((kind,))
        return part.get_content() if part else ""


def mails():
    """The newest mails, the newest first."""
    written = Path(settings.MAIL_DIR).glob("*.log")
    newest = sorted(written, key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [mail for path in newest[:NEWEST] for mail in reversed(_read(path))]


def mail(key):
    """The mail of this key; None if there is none among the newest."""
    return next((mail for mail in mails() if mail.key == key), None)


def _read(path):
    chunks = [chunk for chunk in path.read_bytes().split(DIVIDER) if chunk.strip()]
    return [
        Mail(f"{path.stem}-{n}", email.message_from_bytes(chunk, policy=policy.default))
        for n, chunk in enumerate(chunks)
    ]
