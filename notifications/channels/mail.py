"""E-mail, through whichever of Django's mailers the settings name."""

import smtplib
from contextlib import suppress
from email import policy
from email.message import MIMEPart
from urllib.parse import urlsplit

from anymail.exceptions import (
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
)
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers

from appointments.calendar import filename
from notifications.channels.errors import DeliveryError, Down, Refused

PERMANENT = 500  # from here on, an SMTP server means what it says


def send(message, letter):
    mail = compose(message, letter)
    hand_over(mail)
    return _provider_id(mail)


def hand_over(mail):
    """Give a mail to the mailer. Raises DeliveryError, Refused."""
    mailer = mailers.default
    try:
        mailer.open()
        mailer.send_messages([mail])
    except (AnymailInvalidAddress, AnymailRecipientsRefused, ValueError) as error:
        raise Refused(str(error)) from error
    except AnymailError as error:
        down = (getattr(error, "status_code", None) or 500) >= 500
        raise (Down if down else DeliveryError)(str(error)) from error
    except OSError as error:  # all of smtplib's are
        raise _translated(error) from error
    finally:
        # A farewell that goes wrong does not undo what was sent.
        with suppress(OSError):
            mailer.close()


def compose(message, letter):
    """The mail, with an id that stays the same however often it is sent."""
    office = message.appointment.office
    mail = EmailMultiAlternatives(
        letter.subject,
        letter.text,
        to=[message.recipient],
        reply_to=[office.email] if office.email else None,
        headers={
            "Message-ID": _id(message.appointment, message.pk),
            "References": _id(message.appointment),
            "Content-Language": message.language,
            "Auto-Submitted": "auto-generated",
            **({"X-Request-ID": message.request_id} if message.request_id else {}),
        },
    )
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    if letter.calendar:
        mail.attach(_calendar_part(message.appointment, letter))
    return mail


def _id(appointment, *parts):
    """An id for mail programs; that without parts joins an appointment's mails."""
    host = urlsplit(settings.FRONTEND_HOST).hostname
    local = ".".join(str(part) for part in [appointment.pk.hex, *parts])
    return f"<{local}@{host}>"


def _calendar_part(appointment, letter):
    part = MIMEPart(policy=policy.SMTP)  # its lines end as calendars want them
    part.set_content(
        letter.calendar,
        subtype="calendar",
        params={"method": letter.method.value},
        disposition="attachment",
        filename=filename(appointment),
    )
    return part


def _translated(error):
    """Whether the server refused this mail, for good or not, or takes none at all.

    A refusal of the sender or of our password is the operator's to mend.
    """
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in error.recipients.values()]
        case smtplib.SMTPDataError():
            codes = [error.smtp_code]
        case _:
            return Down(f"{type(error).__name__}: {error}")
    kind = Refused if min(codes) >= PERMANENT else DeliveryError
    return kind(f"{type(error).__name__}: {error}")


def _provider_id(mail):
    status = getattr(mail, "anymail_status", None)
    return str(status.message_id) if status else mail.extra_headers["Message-ID"]
