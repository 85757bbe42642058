"""Forgetting accounts: what is about the account itself, and no office's business."""

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth import authenticate
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import tasks
from accounts.models import AccountMail, MailKind, Registration, User
from config.celery import enqueue

ERASED = "erased.invalid"  # the domain of accounts that only a number is left of


def confirm(request, user, password):
    """Have somebody show once more that the account is theirs.

    A wrong password counts as at a sign-in. Raises ValidationError.
    """
    if authenticate(request, username=user.email, password=password) != user:
        message = _("This is not your password.")
        raise ValidationError({"password": ValidationError(message, "wrong")})


def owe_word(email, language, *, appointments, account):
    """Owe the mail that says what has been deleted. It is forgotten once it is sent."""
    about = {"appointments": appointments, "account": account}
    mail = AccountMail.objects.create(
        kind=MailKind.ERASED, email=email, language=language, about=about
    )
    enqueue(tasks.deliver_mail, mail.pk)


def forget_address(email):
    """Forget mails to an address, who asked for an account with it, and who tried."""
    AccountMail.objects.filter(email=email).exclude(kind=MailKind.ERASED).delete()
    Registration.objects.filter(email=email).delete()
    AccessAttempt.objects.filter(username=email).delete()


def end_sign_ins(user):
    """Delete where an account is or was signed in, browsers and apps alike."""
    tokens = list(user.sign_ins.values_list("token", flat=True))
    for token in tokens:
        Session.objects.filter(session_key=token).delete()
    user.sign_ins.all().delete()


def forget_names(user):
    """Delete the lines of the admin's log that are about an account or by it."""
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=kind, object_id=str(user.pk)).delete()
    LogEntry.objects.filter(user=user).delete()


def empty(user):
    """Leave nothing of an account but its number, which the logs of offices name."""
    user.email = f"{user.pk}@{ERASED}"
    user.name = user.phone = user.language = ""
    user.is_active = user.is_staff = False
    user.email_verified_at = user.last_login = None
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    user.userobjectpermission_set.all().delete()
