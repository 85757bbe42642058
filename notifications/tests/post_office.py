"""A real SMTP server for tests, in whatever mood it is put."""

import asyncio
import email
from email import policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

SLOW_SECONDS = 2
TOO_LONG = "221 " + "x" * 10_000  # for smtplib to read


class Parting(SMTP):
    """Parts as the mood has it."""

    async def smtp_QUIT(self, arg):
        if self.event_handler.mood == "mute":
            await asyncio.sleep(60)
        if self.event_handler.mood == "babble":
            await self.push(TOO_LONG)
        await super().smtp_QUIT(arg)


class PostOffice(Controller):
    """`mood` says what becomes of a mail:

    accept; busy (4xx to the recipient), full (4xx to the data); unknown (5xx to the
    recipient), spam (5xx to the data); slow; hang; drop (the connection, with the
    mail read); mute, babble (takes the mail, and then says no goodbye, or none to
    read).
    """

    def __init__(self):
        super().__init__(self, hostname="127.0.0.1", port=0)
        self.mood = "accept"
        self.mails = []
        self.attempts = 0
        self.while_reading = None  # called with each mail, before it is answered

    def factory(self):
        return Parting(self.handler)

    def _trigger_server(self):
        """Learn the port that the system has chosen."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    @property
    def environment(self):
        """What has another process send its mail here."""
        return {
            "MAIL_SERVER": self.hostname,
            "MAIL_PORT": str(self.port),
            "MAIL_STARTTLS": "false",
        }

    @property
    def recipients(self):
        return sorted(mail["To"] for mail in self.mails)

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = {"busy": "450 Come back later", "unknown": "550 Nobody here"}
        if self.mood in answer:
            return answer[self.mood]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.attempts += 1
        if self.while_reading:
            await asyncio.to_thread(self.while_reading)
        answer = {"full": "452 No room", "spam": "554 Not this"}
        if self.mood in answer:
            return answer[self.mood]
        if self.mood == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if self.mood == "hang":
            await asyncio.sleep(60)
        if self.mood == "drop":
            server.transport.abort()
            return None
        mail = email.message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(mail)
        return "250 OK"
