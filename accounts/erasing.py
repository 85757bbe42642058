"""Forgetting accounts: what is about the account itself, and no office's business."""

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.cached_db import SessionStore

from accounts import second_factor
from accounts.exceptions import SecondFactorRequired
from accounts.models import AccountMail, MailKind, Registration, User
from accounts.owing import owe
from accounts.querysets import SignInKind

ERASED = "erased.invalid"  # the domain of accounts that only a number is left of


def confirm(request, user, *, password, code=""):
    """Have somebody show once more that the account is theirs: as at the sign-in.

    Raises ValidationError for a wrong password, which counts as one at a sign-in, and
    SecondFactorRequired, WrongCode, TooManyCodes for who has a second step.
    """
    second_factor.check_password(request, user, password)
    if second_factor.of(user) is not None:
        if not code:
            raise SecondFactorRequired
        second_factor.prove(user, code)


def owe_word(email, language, *, appointments, account):
    """Owe the mail that says what has been deleted. It is forgotten once it is sent."""
    about = {"appointments": appointments, "account": account}
    owe(MailKind.ERASED, email, language, about=about)


def forget_address(email):
    """Forget mails to an address, who asked for an account with it, and who tried."""
    AccountMail.objects.filter(email=email).exclude(kind=MailKind.ERASED).delete()
    Registration.objects.filter(email=email).delete()
    AccessAttempt.objects.filter(username=email).delete()


def end_sign_ins(user):
    """Delete where an account is or was signed in, browsers and apps alike."""
    browsers = user.sign_ins.filter(kind=SignInKind.BROWSER)
    for token in browsers.values_list("token", flat=True):
        SessionStore(token).delete()
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
    user.second_factors.all().delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.userobjectpermission_set.all().delete()
