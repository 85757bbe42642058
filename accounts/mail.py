"""What a mail about an account says, found out when it is sent."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts import links
from accounts.models import AccountMail, MailKind, MailStatus, User

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 12
MOST_PER_HOUR = 5


class NothingToSay(Exception):
    """There is no account to speak of, or the mail would be one too many."""


def send(mail):
    """Send one that is lent to us; put it back where the mail server is away."""
    try:
        message = compose(mail)
        message.send()
    except NothingToSay as error:
        _finish(mail, MailStatus.DROPPED, str(error))
    except OSError as error:  # also every error of smtplib
        _put_back(mail, error)
    else:
        _finish(mail, MailStatus.SENT)


def compose(mail):
    """The message. Raises NothingToSay."""
    if _is_too_many(mail):
        raise NothingToSay(f"More than {MOST_PER_HOUR} within an hour.")
    template, token = _say(mail)
    context = {
        "site_name": settings.SITE_NAME,
        "host": settings.FRONTEND_HOST,
        "token": token,
        **mail.about,
    }
    with translation.override(mail.language or settings.LANGUAGE_CODE):
        text = render_to_string(f"accounts/mail/{template}.txt", context)
    subject, _, body = text.partition("\n")
    return EmailMessage(subject.strip(), body.strip() + "\n", to=[mail.email])


def _say(mail):
    """Which template, with which token. Nothing in it that a stranger has typed."""
    if mail.kind == MailKind.INVITATION:
        return "invitation", links.invitation_token(mail.about["reference"])
    if mail.kind == MailKind.ERASED:
        return "erased", ""
    user = User.objects.active().filter(email=mail.email).first()
    if mail.kind == MailKind.REGISTRATION:
        if user:
            return "already_registered", ""
        return "registration", links.registration_token(mail.registration)
    if user is None and mail.kind == MailKind.PASSWORD_RESET:
        waiting = links.registration_waiting(mail.email)
        if waiting:  # its page has the password chosen
            return "registration", links.registration_token(waiting)
    if user is None or user.is_machine:
        raise NothingToSay("No account.")
    if mail.kind == MailKind.PASSWORD_RESET:
        return "password_reset", links.reset_token(user)
    return mail.kind, ""  # each of the others has a template of its name


def _is_too_many(mail):
    sent = AccountMail.objects.filter(
        email=mail.email,
        kind=mail.kind,
        status=MailStatus.SENT,
        created_at__gt=timezone.now() - timedelta(hours=1),
    )
    return sent.count() >= MOST_PER_HOUR


def _finish(mail, status, error=""):
    if mail.kind == MailKind.ERASED and status == MailStatus.SENT:
        mail.delete()  # the address, too, was to be forgotten
        return
    mail.status, mail.last_error = status, error
    mail.save(update_fields=["status", "last_error"])


def _put_back(mail, error):
    """Try again in one minute, then in two, four … at most six hours."""
    if mail.attempts >= MOST_ATTEMPTS:
        _finish(mail, MailStatus.FAILED, str(error))
        return
    wait = min(timedelta(minutes=2 ** (mail.attempts - 1)), timedelta(hours=6))
    mail.due_at, mail.last_error = timezone.now() + wait, str(error)
    mail.save(update_fields=["due_at", "last_error"])
